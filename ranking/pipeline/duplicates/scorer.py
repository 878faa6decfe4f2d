"""How likely two offers are the same product: signs weighed by what labelled pairs taught."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import lightgbm
import numpy as np

from ranking.pipeline.data import Doubles
from ranking.pipeline.duplicates.offers import Seen
from ranking.pipeline.duplicates.signs import SIGNS, signs

# Made by `python -m ranking.pipeline.duplicates.fit`, see there.
LEARNED = Path(__file__).with_name("scorer.txt")
SAME_GTIN, SAME_MAKER = 1.0, 0.97


@lru_cache(maxsize=1)
def _booster() -> lightgbm.Booster:
    return lightgbm.Booster(model_file=str(LEARNED))


@lru_cache(maxsize=1)
def scorer_digest() -> str:
    """Return what the scorer was taught, in 16 hexadecimal digits."""
    return hashlib.blake2b(LEARNED.read_bytes(), digest_size=8).hexdigest()


def chances(pairs: Sequence[tuple[Seen, Seen]], booster: lightgbm.Booster | None = None) -> Doubles:
    """Return (N,) how likely each pair is one product, 0 to 1, whatever forbids it; as the shipped
    scorer has it unless another is told."""
    if not pairs:
        return np.empty(0)
    array = np.array([signs(*pair) for pair in pairs]).reshape(-1, len(SIGNS))
    learned: Doubles = np.asarray((booster or _booster()).predict(array, num_threads=1))
    known = np.array([_known(*pair) for pair in pairs])
    chances: Doubles = np.round(np.maximum(learned, known), 6)
    return chances


def _known(one: Seen, other: Seen) -> float:
    """What numbers that makers give say of themselves."""
    if one.gtin and one.gtin == other.gtin:
        return SAME_GTIN
    return SAME_MAKER if _is_same_maker(one, other) else 0.0


def _is_same_maker(one: Seen, other: Seen) -> bool:
    return bool(one.brand and one.mpn) and (one.brand, one.mpn) == (other.brand, other.mpn)


def why(one: Seen, other: Seen) -> str:
    """Return what speaks for the two being one, in a few words."""
    if one.gtin and one.gtin == other.gtin:
        return "same GTIN"
    if _is_same_maker(one, other):
        return "same brand and maker's number"
    common = one.words & other.whole | other.words & one.whole
    codes = sorted(common & {*one.terms.codes, *other.terms.codes}, key=lambda c: (-len(c), c))
    fewer = min(len(one.words), len(other.words))
    of = f"{min(len(common), fewer)} of {fewer} words"
    return f"model number {codes[0].upper()}, {of}"[:200] if codes else of
