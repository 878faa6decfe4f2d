"""Learn how much likeness and texts say when two siblings are weighed against each other.

Two conditional logistic regressions on differences, without a constant: the slopes of likeness
among all children of a parent, and then one head shared by all pairs. Both are drawn towards
the defaults, which are all there is without known products; neither may turn a sign round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from ranking.pipeline.data import Bools, Doubles, Ints, Judged
from ranking.pipeline.disambiguate import UNTRAINED, Head, Siblings, Texts
from ranking.pipeline.disambiguate.siblings import log_softmax
from ranking.pipeline.disambiguate.stage import AT_ONCE, by_chance, fence_of, is_uncertain
from ranking.pipeline.shelf import Shelf

FAMILIES = 200  # parents learned from, those with texts first
OF_A_CHILD = 50  # products
# How often a word on where a product belongs is wrong: 5 % of the demo's filings are on purpose.
JUDGED_WRONG, FILED_WRONG = 0.02, 0.05
FILING_COUNTS = 0.5  # beside a judgment
DRAW = 10.0  # how strongly the defaults hold, in products that lie a default away
ROUNDS = 100


@dataclass(frozen=True, eq=False)
class Known:
    """N products of which somebody said to which of a parent's S children they belong."""

    siblings: Siblings
    rows: Ints  # in the catalogue, ascending
    truth: Ints  # (N,) places in `siblings`
    judged: Bools  # (N,) by a person; else surely filed

    @property
    def doubt(self) -> Doubles:
        """(N,) the chance that what is said of each is wrong."""
        return np.where(self.judged, JUDGED_WRONG, FILED_WRONG)

    @property
    def counts(self) -> Doubles:
        """(N,) how much each counts."""
        return np.where(self.judged, 1.0, FILING_COUNTS)


@dataclass(frozen=True, eq=False)
class Contests:
    """M contests between the right answer and up to A - 1 others."""

    behind: Doubles  # (M, A, W) features of each answer less those of the right one
    counts: Doubles  # (M,)
    doubt: Doubles  # (M,)


def learn_head(shelf: Shelf, judged: Judged, texts: Texts) -> Head:
    """Return the head that products known to belong to one sibling rather than another teach.

    Filings and judgments teach how much likeness counts, since a product is not compared with
    itself. How much texts count is taught by judgments alone: suggested lines are mined from
    what is filed, and would seem better there than they are.
    """
    families = list(_families(shelf, judged, texts))
    text, picture, name = fitted([_likeness(each) for each in families], UNTRAINED.likeness)
    head = replace(UNTRAINED, text=text, picture=picture, name=name)
    contests = [_pairs(each, texts, head) for each in families] if texts else []
    before, *weights = fitted(contests, (UNTRAINED.before, *UNTRAINED.weights))
    about: dict[str, Any] = {
        "kind": "learned" if families else "default",
        "products": sum(len(each.rows) for each in families),
        "contests": sum(len(each.counts) for each in contests),
    }
    return replace(head, before=before, weights=tuple(weights), about=about)


def _families(shelf: Shelf, judged: Judged, texts: Texts) -> Iterator[Known]:
    """What is known of each parent's children, as many families as are learned from."""
    tree = shelf.tree
    said = {tree.parent_of.get(pk) for pk in chain(texts.alone, (one for one, _ in texts.of_pairs))}
    heard = set(shelf.catalogue.filed_under.tolist()) | set(judged.pages.tolist())
    heard = set(tree.lineages[tree.rows(np.array(sorted(heard & set(tree.parent_of)), int))].flat)
    parents = sorted({tree.parent_of[pk] for pk in heard & set(tree.parent_of)})
    order = sorted(parents, key=lambda parent: parent not in said)
    taught = 0
    for parent in order:
        known = _known(Siblings.of(parent, shelf, judged))
        if len(np.unique(known.truth)) > 1:
            yield known
            taught += 1
        if taught == FAMILIES:
            return


def _known(siblings: Siblings) -> Known:
    """The products known to belong to one child alone, an even part where they are many."""
    parts = [_part(each.known) for each in siblings.profiles]
    truth = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rows = np.concatenate([np.empty(0, np.int64), *parts])
    right = np.concatenate([np.empty(0, np.int64), *(each.right for each in siblings.profiles)])
    _, place, times = np.unique(rows, return_index=True, return_counts=True)
    place = place[times == 1]
    return Known(siblings, rows[place], truth[place], np.isin(rows[place], right))


def _part(rows: Ints) -> Ints:
    return rows[:: -(-len(rows) // OF_A_CHILD) or 1]


def _likeness(known: Known) -> Contests:
    """Each product's right child against all others, by likeness."""
    likeness = known.siblings.likeness(known.rows)
    right = np.take_along_axis(likeness, known.truth[:, None, None], axis=1)
    return Contests(likeness - right, known.counts, known.doubt)


def _pairs(known: Known, texts: Texts, head: Head) -> Contests:
    """Each uncertain product's right child against each other one that a text tells it from."""
    logs = known.siblings.logits(known.rows, head)
    few = by_chance(logs)[:, :AT_ONCE]
    in_question = is_uncertain(logs, head) & (few == known.truth[:, None]).any(axis=1)
    asked = np.flatnonzero(known.judged & in_question)
    fence = fence_of(known.siblings.shelf.catalogue, known.rows[asked])
    ids, found = known.siblings.ids.tolist(), [_no_pairs()]
    for right in np.unique(known.truth[asked]).tolist():
        for wrong in range(len(ids)):
            if wrong == right or not texts.tell_apart(ids[right], ids[wrong]):
                continue
            here = (known.truth[asked] == right) & (few[asked] == wrong).any(axis=1)
            margin = logs[asked, right] - logs[asked, wrong]
            sides = texts.side(ids[right], ids[wrong]), texts.side(ids[wrong], ids[right])
            ahead = np.column_stack([margin, np.nan_to_num(fence.differences(*sides))])[here]
            rows = asked[here]
            behind = np.stack([np.zeros_like(ahead), -ahead], axis=1)
            found.append(Contests(behind, known.counts[rows], known.doubt[rows]))
    return Contests(
        np.concatenate([each.behind for each in found]),
        np.concatenate([each.counts for each in found]),
        np.concatenate([each.doubt for each in found]),
    )


def _no_pairs() -> Contests:
    width = 1 + len(UNTRAINED.weights)
    return Contests(np.empty((0, 2, width)), np.empty(0), np.empty(0))


def fitted(contests: Sequence[Contests], prior: Sequence[float]) -> list[float]:
    """Return the weights (W,) that make the right answers likely, drawn towards the prior.

    A conditional logistic regression in which any answer may be an error with the chance of its
    doubt, so that misfiled products pull little. A weight that would turn negative becomes 0.
    """
    start = np.array(prior, np.float64)
    free = np.ones(len(start), bool)
    while True:
        weights = np.where(free, _newton(contests, start, free), 0.0)
        if (weights >= 0).all():
            return [round(float(weight), 6) for weight in weights]
        free &= weights >= 0


def _newton(contests: Sequence[Contests], start: Doubles, free: Bools) -> Doubles:
    """Newton's steps, each product weighed by the chance that its answer is no error."""
    draw = DRAW / start**2
    at = np.where(free, start, 0.0)
    for _ in range(ROUNDS):
        slope, bend = draw * (at - start), np.diag(draw)
        for each in contests:
            one, two = _slope_and_bend(each, at)
            slope, bend = slope + one, bend + two
        step = np.zeros_like(at)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        step /= max(1.0, 2 * np.abs(step / start).max())  # half a default at most
        at = at - step
        if np.abs(step / start).max() < 1e-8:
            break
    return at


def _slope_and_bend(each: Contests, at: Doubles) -> tuple[Doubles, Doubles]:
    """The gradient (W,) and the Hessian (W, W) of the contests' loss."""
    if not len(each.counts):
        return np.zeros_like(at), np.zeros((len(at), len(at)))
    logs = log_softmax(each.behind @ at)
    right = np.exp(-np.logaddexp.reduce(each.behind @ at, axis=1))
    sound = (1 - each.doubt) * right
    counts = each.counts * sound / (sound + each.doubt / logs.shape[1])
    chance = np.exp(logs)
    mean = np.einsum("ma,maw->mw", chance, each.behind)
    spread = np.einsum("m,ma,mav,maw->vw", counts, chance, each.behind, each.behind)
    return counts @ mean, spread - (mean.T * counts) @ mean
