"""How often products are taken for a sibling of what they are, before and after the texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb

import numpy as np

from ranking.learning.siblings import learn_head
from ranking.pipeline.data import UNFILED, Bools, Ints, Judged
from ranking.pipeline.disambiguate import Siblings, Texts, disambiguate
from ranking.pipeline.disambiguate.stage import is_uncertain
from ranking.pipeline.shelf import Shelf


@dataclass(frozen=True, eq=False)
class Truth:
    """N products of which it is known where they belong, and that nothing was learned from."""

    rows: Ints  # in the catalogue
    categories: Ints  # ids

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of N products."""

    uncertain: Bools
    wrong_before: Bools
    wrong_after: Bools

    def error_before(self) -> float:
        """Return the share of the uncertain that were taken for a sibling; 0 without any."""
        return _share(self.wrong_before[self.uncertain])

    def error_after(self) -> float:
        """Return the same after the texts."""
        return _share(self.wrong_after[self.uncertain])

    @property
    def helped(self) -> int:
        return int((self.wrong_before & ~self.wrong_after).sum())

    @property
    def harmed(self) -> int:
        return int((~self.wrong_before & self.wrong_after).sum())

    def mcnemar(self) -> float:
        """Return how likely helped and harmed would differ as much by chance.

        The exact test of McNemar (1947), two-sided.
        """
        changed, less = self.helped + self.harmed, min(self.helped, self.harmed)
        tail = sum(comb(changed, count) for count in range(less + 1))
        return min(1.0, float(Fraction(2 * tail, 2**changed)))

    def figures(self) -> dict[str, float | int]:
        """Return them by name."""
        return {
            "products": len(self.uncertain),
            "uncertain": int(self.uncertain.sum()),
            "error_before": round(self.error_before(), 4),
            "error_after": round(self.error_after(), 4),
            "helped": self.helped,
            "harmed": self.harmed,
            "mcnemar_p": round(self.mcnemar(), 6),
            "error_before_all": round(_share(self.wrong_before), 4),
            "error_after_all": round(_share(self.wrong_after), 4),
        }


def unlearned(shelf: Shelf, judged: Judged, truth: Truth) -> tuple[Shelf, Judged]:
    """Return shelf and judgments as if nobody had said anything of the truth's products."""
    filed = shelf.catalogue.filed_under.copy()
    filed[truth.rows] = UNFILED
    told = np.isin(judged.products, shelf.catalogue.ids[truth.rows])
    catalogue = replace(shelf.catalogue, filed_under=filed)
    return Shelf(catalogue, shelf.tree), judged.where(~told)


def prompted(shelf: Shelf, texts: Texts) -> Shelf:
    """Return the shelf with what is said of categories alone among their prompts, as
    `queries.inputs.load_tree` has it."""
    if not texts.alone:
        return shelf
    vectors = shelf.tree.text.copy()
    for category, lines in texts.alone.items():
        row = shelf.tree.rows(np.array([category], np.int64))
        total = np.concatenate([texts.names[category].vectors, lines.vectors]).sum(axis=0)
        vectors[row] = total / np.linalg.norm(total)
    return Shelf(shelf.catalogue, replace(shelf.tree, text=vectors))


def outcome(shelf: Shelf, judged: Judged, texts: Texts, truth: Truth) -> Outcome:
    """Return what becomes of the truth's products among the siblings of where they belong.

    Shelf and judgments must be `unlearned`, and the shelf without texts among its prompts. The
    head is learned with the texts. Siblings are those in use, and those the truth names.
    """
    told = prompted(shelf, texts)
    head = learn_head(told, judged, texts)
    uncertain, before, after = (np.zeros(len(truth), bool) for _ in range(3))
    for parent, here in _families(shelf, truth):
        rows, named = truth.rows[here], truth.categories[here]
        plain = Siblings.of(parent, shelf, judged, named.tolist())
        read = plain if told is shelf else Siblings.of(parent, told, judged, named.tolist())
        right = np.searchsorted(plain.ids, named)
        logs = plain.logits(rows, head)
        uncertain[here] = is_uncertain(logs, head)
        before[here] = logs.argmax(axis=1) != right
        after[here] = disambiguate(read, rows, texts, head).after.argmax(axis=1) != right
    return Outcome(uncertain, before, after)


def _families(shelf: Shelf, truth: Truth) -> Iterator[tuple[int, Ints]]:
    """Yield each parent of the truth's categories, and the places of its products."""
    parents = np.array([shelf.tree.parent_of[pk] for pk in truth.categories.tolist()], np.int64)
    for parent in np.unique(parents).tolist():
        yield parent, np.flatnonzero(parents == parent)


def _share(which: Bools) -> float:
    return float(which.mean()) if len(which) else 0.0
