"""A version of the cross-encoder, loaded. For workers that read with one: loads models."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ranking.models import Training
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank import RerankerError
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.rerank.reader import (
    HELD_OUT,
    HeldOut,
    PairReader,
    learned_digest,
    load_pair_model,
    product_tokens,
)
from ranking.pipeline.rerank.scores import Scores
from ranking.pipeline.shelf import Shelf
from ranking.tokens import KeptTokens


def pair_reader(version: int, shelf: Shelf, texts: Texts) -> PairReader:
    """Return that version over this shelf and its texts; see `load_reader`."""
    folder, digest = _made(version)
    name, model = loaded(folder, digest)
    return PairReader(
        name,
        model,
        shelf,
        texts,
        HeldOut.load(folder / HELD_OUT),
        tokens=kept_tokens(version),
        scores=Scores(settings.DATA / "scores" / str(version) / name),
    )


def kept_tokens(version: int) -> KeptTokens:
    """Return the store of the ids that this version reads of products."""
    _, model = loaded(*_made(version))
    return KeptTokens(settings.DATA / "tokens", product_tokens(model))


def _made(version: int) -> tuple[Path, str]:
    """The version's folder, and what its files were known by when they were made."""
    made = Training.objects.get(pk=version).made
    return settings.DATA / "models" / made["folder"], made["digest"]


@lru_cache(maxsize=1)
def loaded(folder: Path, digest: str) -> tuple[str, PairModel]:
    """The model and its name, loaded once per process. Raises RerankerError where its files are
    not those that were made: other weights would rank, and without what was read unseen a model
    would be asked about pages that it knows by heart."""
    found = load_pair_model(folder)
    if _digest(folder) != digest:
        raise RerankerError(f"The cross-encoder in {folder} is damaged: its files have changed.")
    return found


def _digest(folder: Path) -> str:
    """The digest of what is there, and nothing where something is missing."""
    try:
        return learned_digest(folder)
    except OSError:
        return ""
