"""What was found on pages kept apart: which loss, whether the stage earns its place, and whether
the student is as good as its teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ranking.evaluation import Difference
from ranking.learning.blender import linear, out_of_fold
from ranking.learning.examples import examples
from ranking.learning.reranker.choice import (
    FEWEST_PAGES,
    better,
    gain,
    gain_figures,
    is_sure,
    mean_figures,
    ndcg_by_page,
)
from ranking.learning.reranker.data import Data, Plan
from ranking.learning.reranker.fitting import Look
from ranking.learning.reranker.held_out import HeldOutReader, scores_of
from ranking.learning.reranker.losses import GRADED, LISTWISE
from ranking.pipeline.rerank.reader import HeldOut

TEACHER, STUDENT = "teacher", "student"
WORTH_LOSING = 0.01  # NDCG@10 that a student may order its pages worse


@dataclass(frozen=True, eq=False)
class Findings:
    """Scores on pages that the models did not learn from, and what they come to."""

    data: Data
    plan: Plan
    losses: Mapping[str, HeldOut]  # by loss, of judged products
    looks: Mapping[str, Sequence[Sequence[Look]]]  # by loss, how each fold went
    teacher: HeldOut | None = None  # by the better loss, of candidates too
    student: HeldOut | None = None

    @cached_property
    def loss(self) -> str:
        """The loss whose teachers order better; the graded one unless the other surely does."""
        return better(GRADED, LISTWISE, {loss: self._alone(held) for loss, held in self.by_loss})

    @property
    def by_loss(self) -> list[tuple[str, HeldOut]]:
        return [(loss, self.losses[loss]) for loss in (GRADED, LISTWISE)]

    @property
    def earns_its_place(self) -> bool:
        """Whether the blend is surely better with what the teacher reads than without."""
        return self.teacher is not None and is_sure(self.gains[TEACHER])

    @property
    def uses(self) -> str:
        """Which of the two is used; empty while that is not known, or for neither."""
        wanted = self.earns_its_place or self.plan.regardless
        if not wanted or (self.student is None and self.plan.use != TEACHER):
            return ""
        if self.plan.use:
            return self.plan.use
        as_good = self.lost <= WORTH_LOSING and is_sure(self.gains[STUDENT])
        return STUDENT if as_good else TEACHER

    @property
    def lost(self) -> float:
        """By how much NDCG@10 is lower by the student's order than by the teacher's."""
        assert self.teacher is not None
        assert self.student is not None
        return -gain(self._alone(self.student), self._alone(self.teacher)).mean

    @cached_property
    def without(self) -> dict[int, float]:
        """NDCG@10 by page of the blend without the stage."""
        return self._blended(None)

    @cached_property
    def gains(self) -> dict[str, Difference]:
        """By how much the blend is better with the stage, by kind of model."""
        return {kind: gain(ndcg, self.without) for kind, ndcg in self._with.items()}

    @property
    def why(self) -> str:
        """Why the stage is used or left out, in plain words."""
        if self.teacher is None:
            return "The pages that were kept apart are not read yet."
        found = self.gains[self.uses or TEACHER]
        if found.pages < FEWEST_PAGES:
            few = f"only {found.pages} judged pages can say anything"
            return f"Left out: {few}; it takes {FEWEST_PAGES}."
        much = f"{found.mean:+.4f} (95 % interval {found.low:+.4f} to {found.high:+.4f})"
        told = f"On {found.pages} pages kept apart it changes the blend's NDCG@10 by {much}"
        if not self.earns_its_place:
            return f"Left out: {told}, which may be chance."
        return f"{told}."

    def card(self) -> dict[str, Any]:
        """Return all of it in plain figures."""
        kinds = {loss: mean_figures(self._alone(held)) for loss, held in self.by_loss}
        if self.student is not None:
            kinds[STUDENT] = mean_figures(self._alone(self.student))
        return {
            "kinds": kinds,
            "loss": self.loss,
            "earns_its_place": self.earns_its_place,
            "uses": self.uses,
            "why": self.why,
            "blend_without": mean_figures(self.without),
            "blend_with": {kind: mean_figures(ndcg) for kind, ndcg in self._with.items()},
            "gains": {kind: gain_figures(found) for kind, found in self.gains.items()},
            "student_loses": None if self.student is None else round(self.lost, 4),
            "curves": self._curves(),
        }

    def _curves(self) -> dict[str, list[float]]:
        """Mean losses of the folds' pages kept apart, look by look."""
        return {
            f"{loss}, fold {number}": [
                round(look.kept_apart, 4) for look in looks if np.isfinite(look.kept_apart)
            ]
            for loss, folds in self.looks.items()
            for number, looks in enumerate(folds, 1)
        }

    @cached_property
    def _with(self) -> dict[str, dict[int, float]]:
        read = {TEACHER: self.teacher, STUDENT: self.student}
        return {kind: self._blended(held) for kind, held in read.items() if held is not None}

    def _alone(self, held: HeldOut) -> dict[int, float]:
        """NDCG@10 by page of what was read, by itself."""
        judged = self.data.judged
        return ndcg_by_page(
            judged.pages, scores_of(held, judged.pages, judged.products), judged.grades
        )

    def _blended(self, held: HeldOut | None) -> dict[int, float]:
        """NDCG@10 by page of blends that never saw the page, with what was read or without."""
        data, known = self.data, self.data.known
        if held is not None:
            reader = HeldOutReader(held, data.shelf)
            known = examples(
                data.shelf, data.judged, data.texts, reader=reader, options=data.options
            )
        scores = out_of_fold(linear, known, self.plan.seed)
        return ndcg_by_page(known.pages, scores, known.grades)
