"""A version of the cross-encoder, loaded. For workers that read with one: loads models."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ranking.models import Training
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.rerank.reader import HeldOut, PairReader, load_pair_model, product_tokens
from ranking.pipeline.rerank.scores import Scores
from ranking.pipeline.shelf import Shelf
from ranking.tokens import KeptTokens


def pair_reader(version: int, shelf: Shelf, texts: Texts) -> PairReader:
    """Return that version over this shelf and its texts; see `load_reader`."""
    folder = _folder(version)
    name, model = loaded(folder)
    return PairReader(
        name,
        model,
        shelf,
        texts,
        HeldOut.load(folder / "held_out.npz"),
        tokens=kept_tokens(version),
        scores=Scores(settings.DATA / "scores" / str(version) / name),
    )


def kept_tokens(version: int) -> KeptTokens:
    """Return the store of the ids that this version reads of products."""
    _, model = loaded(_folder(version))
    return KeptTokens(settings.DATA / "tokens", product_tokens(model))


def _folder(version: int) -> Path:
    made = Training.objects.get(pk=version).made
    folder: Path = settings.DATA / "models" / made["folder"]
    return folder


@lru_cache(maxsize=1)
def loaded(folder: Path) -> tuple[str, PairModel]:
    """The model and its name, loaded once per process."""
    return load_pair_model(folder)
