"""Which offers are worth comparing: those that share a key. Keys follow from the offer and from how
rare words are alone: numbers that makers give and parts of them, two near or two rare words
(token blocking: Papadakis et al., "Blocking and Filtering Techniques for Entity Resolution", 2020),
and bands of the title's MinHash (Broder, 1997; Indyk & Motwani, 1998).

A key that very many share tells nothing and is passed over; only there does it matter for a pair
what else is in the catalogue.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from ranking.pipeline.data import Bools, Ints
from ranking.pipeline.duplicates.offers import Offer, compact
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.terms import Terms, bare, has_digit

Keys = NDArray[np.uint64]

BANDS, ROWS = 10, 3  # titles that share half of their words meet in 3 of 4 cases, a third in 1 of 3
SEED = 20_260
CODE_BEGINS = 6  # signs of a model number: what follows is often the country's or the colour's
RAREST = 6
SIZED = re.compile(r"[a-z]*(\d\d)([a-z]+\d.*)")  # a size within a model number, and the series
SIZE = re.compile(r"\d\d")
MOST = 30  # offers behind a key of words
MOST_OF_NUMBER = 100  # behind a number that makers give: such keys are even, others odd


def keys(offers: Sequence[Offer], said: Sequence[Terms], rarity: Rarity) -> list[Keys]:
    """Return each offer's keys, each once."""
    words = [[word.encode() for word in sorted({*each.words, *each.variants})] for each in said]
    hashes = MinHash.generator(words, num_perm=BANDS * ROWS, seed=SEED)
    return [
        np.array(
            sorted(
                {*_numbers(offer, its), *_near(its), *_rarest(its, rarity), *_sized(its)}
                | {*_bands(hashed)}
            ),
            np.uint64,
        )
        for offer, its, hashed in zip(offers, said, hashes, strict=True)
    ]


def pairs(keys: Sequence[Keys], retailers: Sequence[str], new: Bools | None = None) -> Ints:
    """Return (N, 2) the places i < j of offers that share a key and are of two retailers (or of
    one that is not told), in order; of those that are `new` (P,) alone, if told."""
    sizes = np.array([len(own) for own in keys], np.int64)
    if not sizes.sum():
        return np.empty((0, 2), np.int64)
    flat, places = np.concatenate(keys), np.repeat(np.arange(len(keys)), sizes)
    order = np.argsort(flat, kind="stable")
    flat, places = flat[order], places[order]
    starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]])
    lengths = np.diff(np.r_[starts, len(flat)])
    most = np.where(flat[starts] % 2 == 0, MOST_OF_NUMBER, MOST)
    few = lengths <= most
    codes = np.unique(
        np.concatenate(
            [
                _met(places, starts[few & (lengths == length)], length, len(keys), new)
                for length in range(2, MOST_OF_NUMBER + 1)
            ]
        )
    )
    found: Ints = np.stack(np.divmod(codes, len(keys)), axis=1)
    names = {name: number for number, name in enumerate(sorted({*retailers, ""}))}
    shop = np.array([names[name] for name in retailers])[found]
    kept: Ints = found[(shop[:, 0] != shop[:, 1]) | (shop[:, 0] == names[""])]
    return kept


def _met(places: Ints, starts: Ints, length: int, count: int, new: Bools | None) -> Ints:
    """All pairs behind keys that `length` offers share, as i × count + j."""
    behind = places[starts[:, None] + np.arange(length)]
    first, second = np.triu_indices(length, 1)
    one, other = behind[:, first].ravel(), behind[:, second].ravel()
    if new is not None:
        wanted = new[one] | new[other]
        one, other = one[wanted], other[wanted]
    return np.unique(one * count + other)


def _numbers(offer: Offer, said: Terms) -> Iterator[int]:
    """Yield keys of GTIN, brand with maker's number, picture, and model numbers."""
    given = (("gtin", offer.gtin.lstrip("0")), ("picture", offer.picture))
    yield from (_key(kind, value) for kind, value in given if value)
    brand, mpn = compact(offer.brand), compact(offer.mpn)
    if brand and mpn:
        yield _key("maker", brand, mpn)
    for code in said.codes:
        yield _key("code", code)
        yield _key("code", code[:CODE_BEGINS])
        tail = bare(code)
        if len(tail) >= CODE_BEGINS and not tail.isdigit():
            yield _key("tail", tail[:CODE_BEGINS])


def _near(said: Terms) -> Iterator[int]:
    """Yield keys of words that stand near each other with a number or a variant among them."""
    row = said.line.split()
    for at, word in enumerate(row):
        for near in row[at + 1 : at + 3]:
            if has_digit(word) or has_digit(near) or near in said.variants:
                pair = sorted((word, near))
                yield _key("near", *pair) | 1
                for size in said.amounts.get("storage", ()):
                    yield _key("near", *pair, str(size))


def _rarest(said: Terms, rarity: Rarity) -> Iterator[int]:
    """Yield keys of every two of a title's rarest words, wherever they stand."""
    storage = {f"{size}gb" for size in said.amounts.get("storage", ())}
    words = sorted({*said.words, *said.variants, *storage}, key=lambda w: (-rarity.of(w), w))
    for pair in combinations(sorted(words[:RAREST]), 2):
        yield _key("rare", *pair) | 1


def _sized(said: Terms) -> Iterator[int]:
    """Yield keys that "UE55NU7400KXXU" shares with "55 inch NU7400"."""
    for code in said.codes:
        if found := SIZED.match(code):
            yield _key("sized", found[1], found[2][:CODE_BEGINS])
    sizes = {number for number in {*said.words, *said.figures} if SIZE.fullmatch(number)}
    for word in said.words:
        if len(word) >= CODE_BEGINS and word[0].isalpha() and has_digit(word):
            yield from (_key("sized", size, word[:CODE_BEGINS]) for size in sizes)


def _bands(hashed: MinHash) -> Iterator[int]:
    """Yield keys of the bands of a title's MinHash: titles that share one are likely alike."""
    if hashed.is_empty():
        return
    values = hashed.hashvalues.tolist()
    for start in range(0, BANDS * ROWS, ROWS):
        yield _key("band", str(start), *map(str, values[start : start + ROWS])) | 1


def _key(*parts: str) -> int:
    """An even number below 2⁶⁴ that stands for the parts."""
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little") & ~1


def chosen(count: int, places: Iterable[int]) -> Bools:
    """Return (count,) which places are among these."""
    chosen = np.zeros(count, bool)
    chosen[list(places)] = True
    return chosen
