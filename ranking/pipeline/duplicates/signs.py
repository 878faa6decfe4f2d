"""What two offers have in common and where they differ, as numbers: arrays for the scorer."""

from __future__ import annotations

import re
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
    "model number, made of the other's words": 1,  # the share of it
    "length of the common model number": 1,
    "rarest number of either alone": -1,
    "rarest number of both alone": -1,  # the less rare of the two sides'
    "rarest word of either alone": -1,
    "rarest word of both alone": -1,
    "common weight": 1,
    "weight of the lesser title": 1,
    "cosine of the weights": 1,
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
    "share of runs of three signs": 1,
    "packings differ": -1,
    "model number in the description": 1,
}


def signs(one: Seen, other: Seen) -> list[float]:
    """Return the numbers of SIGNS, in its order, 0 where there is nothing to tell."""
    common = (one.words & other.whole) | (other.words & one.whole)
    torn = [word for word in common if word not in one.words or word not in other.words]
    alone = _alone(one, common, torn), _alone(other, common, torn)
    near, alone = _nearly(one, other, alone)
    made, whole = _made(one, other, alone)
    if whole:
        common |= whole
        alone = _without(whole, alone[0]), _without(whole, alone[1])
    return [
        *_rarest(one, other, common, near, made, alone),
        *_shares(one, other, common, alone),
        *_orders(one, other),
        *_kinds(one, other),
        *_lines(one, other),
    ]


CORE = re.compile(r"\d\w{3,}\d")  # of a model number; letters before and after are the country's
Alone = tuple[list[str], list[str]]


def _alone(seen: Seen, common: frozenset[str], torn: list[str]) -> list[str]:
    """The words that the other title has not, nor torn or written as one."""
    rest = seen.words - common
    if not torn:
        return sorted(rest)
    return sorted(word for word in rest if not any(word in whole for whole in torn))


def _without(words: set[str], row: list[str]) -> list[str]:
    return [word for word in row if word not in words]


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


def _made(one: Seen, other: Seen, alone: Alone) -> tuple[float, set[str]]:
    """How much the one title's words make of the other's model number, the share of its core, as
    "55 NU7400" of "UE55NU7400"; and the numbers of which they make all."""
    most, whole = 0.0, set()
    for beside, words in ((other, alone[0]), (one, alone[1])):
        for word in words:
            core = CORE.search(word)
            if not core or core[0].isdigit():
                continue
            share = _made_of(core[0], beside.parts)
            most = max(most, share)
            if share == 1.0:
                whole.add(word)
    return most, whole


def _made_of(core: str, parts: Iterable[str]) -> float:
    """The share of its signs that stand in these parts, each used once."""
    rest = core
    for part in parts:
        rest = rest.replace(part, " ", 1)
    return 1.0 - sum(map(str.isalnum, rest)) / len(core)


def _rarest(
    one: Seen, other: Seen, common: Iterable[str], near: float, made: float, alone: Alone
) -> list[float]:
    """The rarest of what is common, and of what is not."""
    numbers, words = _most_of(one, common)
    mine, its = _most_of(one, alone[0]), _most_of(one, alone[1])
    codes = [len(word) for word in common if word in one.terms.codes or word in other.terms.codes]
    return [
        numbers,
        words,
        near,
        0.0 if codes else _begun(alone),
        made,
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
        min(both + min(mine, its), 4.0),
        _cosine(one, other, common),
        both / (both + min(mine, its) + 1e-9),
        both / (both + mine + its + 1e-9),
        n_both / (n_both + min(n_mine, n_its) + 0.5),
        n_both / (n_both + n_mine + n_its + 0.5),
        float(bool(one.terms.codes and other.terms.codes)),
        float(not one.terms.codes and not other.terms.codes),
    ]


def _cosine(one: Seen, other: Seen, common: Iterable[str]) -> float:
    lengths = one.length * other.length
    return sum(one.rarity.of(word) ** 2 for word in common) / lengths if lengths else 0.0


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
        float(_unlike(mine, its)),
        float(bool(mine & its)),
        float(min(len(agree), 4)),
        float(len(differ)),
        float(bool(all(storage) and storage[0] != storage[1])),
        float("length" in differ),
        float("clock" in differ),
        float(bool(all(storage) and storage[0] == storage[1])),
    ]


def _unlike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


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
        2 * len(one.runs & other.runs) / (len(one.runs) + len(other.runs) or 1),
        float(_unlike(one.terms.packing, other.terms.packing)),
        float(described),
    ]
