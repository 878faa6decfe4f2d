"""What two offers have in common and where they differ, as numbers: arrays for the scorer."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from ranking.pipeline.duplicates.offers import Seen
from ranking.pipeline.duplicates.terms import bare, has_digit

# Each with its direction: more of it makes it likelier (+1) or less likely (−1) that both are one.
SIGNS: dict[str, int] = {
    "rarest common number": 1,  # 0 to 1, as Rarity has it
    "rarest common word": 1,
    "model number, nearly": 1,  # one is a part of the other: how rare
    "model number, begun alike": 1,  # share of the shorter that both begin with
    "length of the common model number": 1,
    "rarest number of either alone": -1,
    "rarest number of both alone": -1,  # the less rare of the two sides'
    "rarest word of either alone": -1,
    "rarest word of both alone": -1,
    "common weight": 1,
    "share of the weight, of the lesser title": 1,
    "share of the weight": 1,
    "share of the numbers, of the lesser title": 1,
    "share of the numbers": 1,
    "both have model numbers": 0,
    "neither has model numbers": 0,
    "other number after the same word": -1,
    "same number after the same word": 1,
    "common neighbours": 1,
    "share of neighbours, of the lesser title": 1,
    "variants differ": -1,
    "variants in common": 1,
    "colours differ": -1,
    "colours in common": 1,
    "amounts agree": 1,
    "amounts differ": -1,
    "storage differs": -1,
    "lengths differ": -1,
    "clocks differ": -1,
    "storage agrees": 1,
    "same first word": 1,
    "token set ratio": 1,
    "token sort ratio": 1,
    "model number in the description": 1,
}


def signs(one: Seen, other: Seen) -> list[float]:
    """Return the numbers of SIGNS, in its order, 0 where there is nothing to tell."""
    common = (one.words & other.whole) | (other.words & one.whole)
    torn = [word for word in common if word not in one.words or word not in other.words]
    alone = _alone(one, common, torn), _alone(other, common, torn)
    near, alone = _nearly(one, other, alone)
    return [
        *_rarest(one, common, near, alone),
        *_shares(one, other, common, alone),
        *_orders(one, other),
        *_kinds(one, other),
        *_lines(one, other),
    ]


Alone = tuple[list[str], list[str]]


def _alone(seen: Seen, common: frozenset[str], torn: list[str]) -> list[str]:
    """The words that the other title has not, nor torn or written as one."""
    rest = seen.words - common
    if not torn:
        return sorted(rest)
    return sorted(word for word in rest if not any(word in whole for whole in torn))


def _nearly(one: Seen, other: Seen, alone: Alone) -> tuple[float, Alone]:
    """How rare a number is that is a part of the other's model number; and what is left then."""
    rest: list[list[str]] = []
    near = 0.0
    for seen, beside, words in ((one, other, alone[0]), (other, one, alone[1])):
        left = []
        for word in words:
            if has_digit(word) and _is_part(word, beside.terms.codes):
                near = max(near, seen.rarity.of(word))
            else:
                left.append(word)
        rest.append(left)
    return near, (rest[0], rest[1])


def _is_part(word: str, codes: tuple[str, ...]) -> bool:
    if len(word) < 4:
        return False
    return any(word in code or (len(word) > 4 and word.startswith(code)) for code in codes)


def _rarest(one: Seen, common: Iterable[str], near: float, alone: Alone) -> list[float]:
    """The rarest of what is common, and of what is not."""
    numbers, words = _most_of(one, common)
    mine, its = _most_of(one, alone[0]), _most_of(one, alone[1])
    codes = [len(word) for word in common if word in one.terms.codes]
    return [
        numbers,
        words,
        near,
        0.0 if codes else _begun(alone),
        min(max(codes, default=0), 12) / 12,
        max(mine[0], its[0]),
        min(mine[0], its[0]),
        max(mine[1], its[1]),
        min(mine[1], its[1]),
    ]


def _most_of(seen: Seen, words: Iterable[str]) -> tuple[float, float]:
    rarity = seen.rarity
    numbers = max((rarity.of(word) for word in words if has_digit(word)), default=0.0)
    return numbers, max((rarity.of(word) for word in words if not has_digit(word)), default=0.0)


def _begun(alone: Alone) -> float:
    """The share of the shorter of two model numbers that both begin with, 0 to 1."""
    most = 0.0
    for word in alone[0]:
        if not has_digit(word) or len(word) < 5:
            continue
        for its in alone[1]:
            if has_digit(its) and len(its) >= 5:
                most = max(most, _prefix(word, its), _prefix(bare(word), bare(its)))
    return most


def _prefix(one: str, other: str) -> float:
    shorter = min(len(one), len(other))
    if shorter < 5:
        return 0.0
    same = 0
    while same < shorter and one[same] == other[same]:
        same += 1
    return same / shorter if same >= 5 else 0.0


def _shares(one: Seen, other: Seen, common: Iterable[str], alone: Alone) -> list[float]:
    """How much of the titles' weight is common."""
    of = one.rarity.of
    weights = [[(of(word), has_digit(word)) for word in words] for words in (common, *alone)]
    both, mine, its = (sum(weight for weight, _ in each) for each in weights)
    n_both, n_mine, n_its = (sum(weight for weight, digit in each if digit) for each in weights)
    return [
        min(both, 4.0),
        both / (both + min(mine, its) + 1e-9),
        both / (both + mine + its + 1e-9),
        n_both / (n_both + min(n_mine, n_its) + 0.5),
        n_both / (n_both + n_mine + n_its + 0.5),
        float(bool(one.terms.codes and other.terms.codes)),
        float(not one.terms.codes and not other.terms.codes),
    ]


def _orders(one: Seen, other: Seen) -> list[float]:
    """What stands behind the same words: "iPhone 7" and "iPhone 8"."""
    differs = agrees = 0.0
    of = one.rarity.of
    for word in one.after.keys() & other.after.keys():
        mine, its = one.after[word], other.after[word]
        if mine & its:
            agrees = max(agrees, *map(of, mine & its))
        elif not (_is_known(mine, other) or _is_known(its, one)):
            rare = min(max(map(of, mine)), max(map(of, its)))
            differs = max(differs, (of(word) + rare) / 2)
    common = len(one.pairs & other.pairs)
    fewest = min(len(one.pairs), len(other.pairs))
    return [differs, agrees, min(common, 5) / 5, common / fewest if fewest else 0.0]


def _is_known(numbers: set[str], other: Seen) -> bool:
    """Whether the other title says one of them, elsewhere or as a part."""
    return any(
        number in other.whole or any(number in its or its in number for its in other.numbers)
        for number in numbers
    )


def _kinds(one: Seen, other: Seen) -> list[float]:
    """Variants, colours and amounts."""
    variants = one.terms.variants, other.terms.variants
    mine, its = one.colours, other.colours
    agree: set[str] = set()
    differ: set[str] = set()
    for kind in one.terms.amounts.keys() & other.terms.amounts.keys():
        same = are_close(one.terms.amounts[kind], other.terms.amounts[kind])
        (agree if same else differ).add(kind)
    storage = [max(seen.terms.amounts.get("storage", (0.0,))) for seen in (one, other)]
    return [
        float(len(variants[0] ^ variants[1])),
        float(bool(variants[0] & variants[1])),
        float(bool(mine and its and not mine & its)),
        float(bool(mine & its)),
        float(min(len(agree), 4)),
        float(len(differ)),
        float(bool(all(storage) and storage[0] != storage[1])),
        float("length" in differ),
        float("clock" in differ),
        float(bool(all(storage) and storage[0] == storage[1])),
    ]


def are_close(one: Iterable[float], other: Iterable[float]) -> bool:
    """Return whether any two of the amounts are within 2.5 % of each other."""
    return any(abs(a - b) <= 0.025 * max(a, b) for a in one for b in other)


def _lines(one: Seen, other: Seen) -> list[float]:
    mine, its = one.terms.line, other.terms.line
    described = any(code in other.described for code in one.terms.codes) or any(
        code in one.described for code in other.terms.codes
    )
    return [
        float(mine.split(" ", 1)[0] == its.split(" ", 1)[0]),
        fuzz.token_set_ratio(mine, its) / 100,
        fuzz.token_sort_ratio(mine, its) / 100,
        float(described),
    ]
