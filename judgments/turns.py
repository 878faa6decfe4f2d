"""In which order a campaign asks. Pure: candidates in, candidates out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random

from judgments.pools import DISAGREEMENT, RANDOM
from judgments.queries.pools import Candidate

BLOCK = 12  # products of one page in a row: a new page must be read before it can be judged

PRECEDENCE = {RANDOM: 2, DISAGREEMENT: 1}  # of pools that chose the same; all others are alike


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each product once per page, expecting the most that any pool expects of it.

    What was drawn at random counts as that, whoever else chose it: an estimate rests on all of
    the draw. Next comes what people differ on, which is asked though many have judged it. A
    choice between siblings gives way to the plain question on either of the two.
    """
    single: dict[tuple[int, int], Candidate] = {}
    between: dict[tuple[int, int], Candidate] = {}
    for one in candidates:
        kept = single if one.sibling is None else between
        known = kept.get((one.page, one.product))
        kept[one.page, one.product] = _either(known, one) if known else one
    asked = set(single)
    for key, one in between.items():
        assert one.sibling is not None
        if key not in asked and (one.sibling, one.product) not in asked:
            single[key] = one
            asked |= {key, (one.sibling, one.product)}
    return list(single.values())


def in_turn(candidates: Iterable[Candidate], seed: str) -> list[Candidate]:
    """Return the candidates in the order in which they are asked; the same for equal ones.

    In blocks of at most BLOCK products of one page, the block first that is expected to change
    most. Those drawn at random come in random order, spread evenly between the blocks: whenever
    judging ends, what was judged of them is a random share still.
    """
    by_key = sorted(candidates, key=lambda one: (one.page, one.product))
    drawn = [one for one in by_key if one.pool == RANDOM]
    Random(seed).shuffle(drawn)  # noqa: S311  an order, no secret
    blocks = _blocks([one for one in by_key if one.pool != RANDOM])
    return list(_spread(drawn, blocks))


def _either(one: Candidate, other: Candidate) -> Candidate:
    most = max(one.expected_change, other.expected_change)
    first = other if PRECEDENCE.get(other.pool, 0) > PRECEDENCE.get(one.pool, 0) else one
    return replace(first, expected_change=most)


def _blocks(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Blocks of one page and one kind of question, those first that are expected to change most."""
    kinds: defaultdict[tuple[int, bool], list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: -one.expected_change):
        kinds[one.page, one.sibling is None].append(one)
    blocks = [
        kind[start : start + BLOCK]
        for kind in kinds.values()
        for start in range(0, len(kind), BLOCK)
    ]
    return sorted(blocks, key=lambda block: -sum(one.expected_change for one in block))


def _spread(drawn: Sequence[Candidate], blocks: Sequence[list[Candidate]]) -> Iterator[Candidate]:
    """All blocks, and after each as many of the drawn ones as are due by then."""
    total, given, passed = sum(map(len, blocks)), 0, 0
    for block in blocks:
        yield from block
        passed += len(block)
        due = len(drawn) * passed // total
        yield from drawn[given:due]
        given = due
    yield from drawn[given:]
