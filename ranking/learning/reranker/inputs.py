"""Pages and products as the model takes them: token ids and pictures' vectors, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ranking.pipeline.data import Floats, Ints
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank.model import PairModel, Reading
from ranking.pipeline.rerank.texts import page_text, product_text_at
from ranking.pipeline.shelf import Shelf

AT_ONCE = 64  # products that are read together


@dataclass(eq=False)
class Inputs:
    """What models that read in one way are given, for pages and rows of one shelf."""

    shelf: Shelf
    texts: Texts
    model: PairModel  # whose tokenizer and way of reading count
    _pages: dict[int, Tensor] = field(default_factory=dict)
    _products: dict[int, Tensor] = field(default_factory=dict)

    def logits(self, model: PairModel, page: int, rows: Ints) -> Tensor:
        """Return (N, 4) logits of the grades of these rows on the page."""
        logits: Tensor = model(self._page(page), self._padded(rows), *self._pictures(page, rows))
        return logits

    @torch.inference_mode()
    def read(self, model: PairModel, page: int, rows: Ints) -> Tensor:
        """Return (N, 4) the same in full precision, without learning: short products together."""
        lengths = [len(ids) for ids in self._tokens(rows)]
        order = np.argsort(lengths, kind="stable")
        logits = torch.empty(len(rows), 4)
        for start in range(0, len(rows), AT_ONCE):
            at = order[start : start + AT_ONCE]
            logits[torch.from_numpy(at)] = self.logits(model, page, rows[at]).float()
        return logits

    def _page(self, page: int) -> Tensor:
        if page not in self._pages:
            text = page_text(self.shelf.tree, self.texts, page)
            [self._pages[page]] = self._ids([text], self._reading.page_tokens)
        return self._pages[page]

    def _padded(self, rows: Ints) -> Tensor:
        padding = self.model.tokenizer.pad_token_id
        return pad_sequence(self._tokens(rows), batch_first=True, padding_value=padding)

    def _tokens(self, rows: Ints) -> list[Tensor]:
        wanted: list[int] = rows.tolist()
        new = [row for row in dict.fromkeys(wanted) if row not in self._products]
        if new:
            texts = [product_text_at(self.shelf.catalogue, row) for row in new]
            ids = self._ids(texts, self._reading.product_tokens)
            self._products.update(zip(new, ids, strict=True))
        return [self._products[row] for row in wanted]

    def _pictures(self, page: int, rows: Ints) -> tuple[Tensor, Tensor] | tuple[None, None]:
        if self._reading.picture == "none":
            return None, None
        place = self.shelf.tree.rows(np.array([page], np.int64))[0]
        about: Floats = self.shelf.tree.text[place]
        return torch.from_numpy(self.shelf.catalogue.picture[rows]), torch.from_numpy(about)

    def _ids(self, texts: Sequence[str], longest: int) -> list[Tensor]:
        found = self.model.tokenizer(list(texts), truncation=True, max_length=longest)
        return [torch.tensor(ids) for ids in found["input_ids"]]

    @property
    def _reading(self) -> Reading:
        return self.model.reading
