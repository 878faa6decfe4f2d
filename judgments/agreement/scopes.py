"""What a measurement measures: everything, branches, pages, people and pairs of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judgments.agreement.coefficients import Coefficient, kappa
from judgments.agreement.words import Words
from judgments.models import Agreement, Scope

FEWEST_REPEATS = 20  # of a person; with fewer, their agreement with themselves is not measured


@dataclass(frozen=True)
class Part:
    """One thing to measure, and whom or what it is about."""

    scope: Scope
    measure: Callable[[], Coefficient]
    category: int | None = None
    annotator: int | None = None
    other: int | None = None

    def agreement(self, measurement: int) -> Agreement:
        """Return the row of what was found; nothing is saved."""
        found = self.measure()
        return Agreement(
            measurement_id=measurement,
            scope=self.scope,
            category_id=self.category,
            annotator_id=self.annotator,
            other_id=self.other,
            coefficient=found.value,
            low=found.low,
            high=found.high,
            items=found.items,
            judgments=found.judgments,
            undefined=found.undefined,
        )


def parts(
    words: Words, lineages: Mapping[int, str], repeats: Sequence[tuple[int, int, int]]
) -> list[Part]:
    """Return all that is to be measured.

    `lineages` are the categories' by id, `repeats` (person, grade before, grade again). A branch
    is a category with judged pages of its own below it, at least two.
    """
    return [
        Part(Scope.ALL, words.alpha),
        *(
            Part(Scope.BRANCH, words.on(pages).alpha, category=branch)
            for branch, pages in sorted(branches(words, lineages).items())
        ),
        *(
            Part(Scope.PAGE, words.on([page]).alpha, category=page)
            for page in np.unique(words.pages).tolist()
        ),
        *(
            Part(Scope.PERSON, _with_others(words, person), annotator=person)
            for person in words.everyone
        ),
        *_pairs(words),
        *_repeats(repeats),
    ]


def branches(words: Words, lineages: Mapping[int, str]) -> dict[int, list[int]]:
    """Return the judged pages at or below each category that two of them have above them."""
    below: dict[int, list[int]] = defaultdict(list)
    for page in np.unique(words.pages).tolist():
        for above in lineages.get(page, "").strip("/").split("/"):
            if above:
                below[int(above)].append(page)
    wide = {branch: pages for branch, pages in below.items() if len(pages) > 1}
    narrower = {
        tuple(pages): branch for branch, pages in sorted(wide.items(), key=_depth(lineages))
    }
    return {branch: list(pages) for pages, branch in narrower.items()}


def _depth(lineages: Mapping[int, str]) -> Callable[[tuple[int, list[int]]], int]:
    return lambda branch: lineages.get(branch[0], "").count("/")


def _with_others(words: Words, person: int) -> Callable[[], Coefficient]:
    return lambda: words.with_others(person)


def _pairs(words: Words) -> Iterator[Part]:
    for one, other, found in words.pairs():
        yield Part(Scope.PAIR, _known(found), annotator=one, other=other)


def _repeats(repeats: Sequence[tuple[int, int, int]]) -> Iterator[Part]:
    """Each person's agreement with themselves, where they were asked again often enough."""
    table = np.array(repeats, np.int64).reshape(-1, 3)
    people, times = np.unique(table[:, 0], return_counts=True)
    for person in people[times >= FEWEST_REPEATS].tolist():
        mine = table[table[:, 0] == person]
        found = kappa(mine[:, 1], mine[:, 2])
        yield Part(Scope.PAIR, _known(found), annotator=person, other=person)


def _known(found: Coefficient) -> Callable[[], Coefficient]:
    return lambda: found
