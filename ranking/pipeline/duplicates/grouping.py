"""From pairs to groups, without chains: A like B and B like C does not make A one with C."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

Pair = tuple[int, int]
# How likely many pairs are one product; below 0 where that is forbidden.
Judge = Callable[[Sequence[Pair]], Sequence[float]]


def components(links: Iterable[Pair]) -> list[list[int]]:
    """Return what hangs together by links, each ascending, by their lowest."""
    above: dict[int, int] = {}

    def top(item: int) -> int:
        while above.setdefault(item, item) != item:
            above[item] = above[above[item]]
            item = above[item]
        return item

    for one, other in links:
        low, high = sorted((top(one), top(other)))
        above[high] = low
    members: defaultdict[int, list[int]] = defaultdict(list)
    for item in sorted(above):
        members[top(item)].append(item)
    return list(members.values())


def groups(links: dict[Pair, float], judge: Judge, least: float) -> dict[int, int]:
    """Return the lowest member of each linked item's group.

    Links are taken from the likeliest on (ties by their items). The two groups that one joins
    become one only if no pair across them is forbidden and the mean over all these pairs, linked
    or not, is at least `least` (average linkage, with a bar to every forbidden pair). Each
    component is grouped by itself, so that the result follows from its links alone, in any order.
    """
    found: dict[int, int] = {}
    by_component: defaultdict[int, dict[Pair, float]] = defaultdict(dict)
    component_of = {item: many[0] for many in components(links) for item in many}
    for pair, chance in links.items():
        by_component[component_of[pair[0]]][pair] = chance
    for own in by_component.values():
        found |= _grouped(own, judge, least)
    return found


def _grouped(links: dict[Pair, float], judge: Judge, least: float) -> dict[int, int]:
    known = dict(links)
    group = {item: item for pair in links for item in pair}
    members = {item: [item] for item in group}
    for one, other in sorted(links, key=lambda pair: (-links[pair], pair)):
        low, high = sorted((group[one], group[other]))
        if low == high:
            continue
        across = [(min(a, b), max(a, b)) for a in members[low] for b in members[high]]
        unknown = [pair for pair in across if pair not in known]
        known.update(zip(unknown, judge(unknown), strict=True))
        told = [known[pair] for pair in across]
        if min(told) < 0 or sum(told) < least * len(told):
            continue
        members[low] += members.pop(high)
        group.update(dict.fromkeys(members[low], low))
    return group
