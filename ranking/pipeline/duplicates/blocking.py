"""Which offers are worth comparing: those that share a key. Keys follow from the offer alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from datasketch import MinHash

from ranking.pipeline.duplicates.offers import Seen
from ranking.pipeline.duplicates.terms import bare, has_digit

BANDS, ROWS = 10, 3  # titles that share half of their words meet in 3 of 4 cases, a third in 1 of 3
SEED = 20_260
CODE_BEGINS = 6  # signs of a model number: what follows is often the country's or the colour's
MOST = 30  # offers behind a key; a key that more share tells nothing
MOST_OF_CODE = 100

Key = tuple[object, ...]


def keys(seen: Sequence[Seen]) -> list[set[Key]]:
    """Return each offer's keys."""
    bands = _bands([sorted({*each.words, *each.terms.variants}) for each in seen])
    return [set(_own(each)) | hashed for each, hashed in zip(seen, bands, strict=True)]


def pairs(
    keys: Sequence[set[Key]], retailers: Sequence[str], new: Iterable[int] | None = None
) -> list[tuple[int, int]]:
    """Return the places (i, j), i < j, of offers that share a key and are of two retailers (or of
    one that is not told), in order; of the `new` alone, if told."""
    behind: defaultdict[Key, list[int]] = defaultdict(list)
    for place, own in enumerate(keys):
        for key in own:
            behind[key].append(place)
    wanted = None if new is None else set(new)
    found: set[tuple[int, int]] = set()
    for key, places in behind.items():
        if 1 < len(places) <= (MOST_OF_CODE if key[0] in STRONG else MOST):
            found.update(_met(places, wanted))
    return sorted((i, j) for i, j in found if not retailers[i] or retailers[i] != retailers[j])


STRONG = ("gtin", "maker", "code")


def _met(places: list[int], wanted: set[int] | None) -> Iterator[tuple[int, int]]:
    if wanted is None:
        return combinations(places, 2)
    if wanted.isdisjoint(places):
        return iter(())
    return ((i, j) for i, j in combinations(places, 2) if i in wanted or j in wanted)


def _own(seen: Seen) -> Iterator[Key]:
    """Yield GTIN, brand with maker's number, picture, model numbers and pairs of near words."""
    if seen.gtin:
        yield "gtin", seen.gtin
    if seen.maker:
        yield "maker", *seen.maker
    if seen.offer.picture:
        yield "picture", seen.offer.picture
    for code in {*seen.terms.codes, *seen.described}:
        yield "code", code
        yield "code", code[:CODE_BEGINS]
        tail = bare(code)
        if len(tail) >= CODE_BEGINS and not tail.isdigit():
            yield "code", "", tail[:CODE_BEGINS]
    row = seen.terms.line.split()
    for at, word in enumerate(row):
        for near in row[at + 1 : at + 3]:
            if has_digit(word) or has_digit(near) or near in seen.terms.variants:
                pair = (word, near) if word < near else (near, word)
                yield "near", *pair
                for size in seen.terms.amounts.get("storage", ()):
                    yield "near", *pair, size


def _bands(words: list[list[str]]) -> list[set[Key]]:
    """The bands of each title's MinHash: titles with a band in common are likely alike."""
    encoded = [[word.encode() for word in each] for each in words]
    hashes = MinHash.generator(encoded, num_perm=BANDS * ROWS, seed=SEED)
    return [
        {
            (band, *each.hashvalues[band * ROWS : (band + 1) * ROWS].tolist())
            for band in range(BANDS if row else 0)
        }
        for each, row in zip(hashes, words, strict=True)
    ]
