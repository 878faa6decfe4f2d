"""A course of learning, piece by piece: each leaves files, and who goes on begins at the next.

1. `beginning`: a model that reads as the stages before it rank; no judgment is in it.
2. `fold-N`: pages are kept apart, and a teacher learns from the others by each loss.
3. `read-N`: the teacher by the better loss reads the pages that it did not learn from.
4. `verdict`: whether the stage earns its place. If not, that is the end.
5. `student-N`: unless the teacher is to be used whatever is found, a student learns from each
   fold's teacher, and reads the same pages.
6. `comparison`: whether the student is as good.
7. `teacher`, and `student` if it is: learned from all pages.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import numpy as np

from ranking.learning.reranker.beginning import begin
from ranking.learning.reranker.choice import FEWEST_PAGES
from ranking.learning.reranker.data import Data, Plan
from ranking.learning.reranker.distilling import distil
from ranking.learning.reranker.findings import STUDENT, TEACHER, Findings
from ranking.learning.reranker.fitting import Look, best_step, fit
from ranking.learning.reranker.held_out import joined, save
from ranking.learning.reranker.inputs import Inputs
from ranking.learning.reranker.lists import PageList, page_lists
from ranking.learning.reranker.losses import LOSSES
from ranking.pipeline.data import Ints
from ranking.pipeline.rerank.model import PairModel, Reading, expected_gain_log_odds
from ranking.pipeline.rerank.reader import HeldOut
from ranking.pipeline.weights import fast_precision

Progress = Callable[[str, int, int], None]  # stage, done, of how many
SCORES = "scores.npz"
CONCLUSIONS = VERDICT, COMPARISON = "verdict", "comparison"


@dataclass(frozen=True, eq=False)
class Course:
    """Learning the cross-encoder from one set of data by one plan, with its files in a folder."""

    folder: Path
    data: Data
    plan: Plan
    progress: Progress

    def advance(self) -> bool:
        """Do the first piece that is not done, and return whether there was any."""
        for name, piece in self._pieces():
            if not (self.folder / name).exists():
                self._do(name, piece)
                return True
        return False

    @property
    def findings(self) -> Findings:
        """What the pieces done so far have found; the folds must be."""
        return Findings(
            self.data,
            self.plan,
            losses={loss: self._joined("fold", f"{loss}.npz") for loss in LOSSES},
            looks={loss: self._looks(f"{loss}.json") for loss in LOSSES},
            teacher=self._joined("read", SCORES) if self._is_done("read") else None,
            student=self._joined("student", SCORES) if self._is_done("student") else None,
        )

    @property
    def card(self) -> dict[str, Any]:
        """What was found, in plain figures, once there is a verdict."""
        if self._too_little:
            return {"earns_its_place": False, "uses": "", "loss": "", "why": self._too_little}
        newest = [name for name in CONCLUSIONS if (self.folder / name).exists()][-1]
        card: dict[str, Any] = json.loads((self.folder / newest / "card.json").read_text())
        return card

    @property
    def used(self) -> HeldOut | None:
        """What the kind of model that is used read on pages that it did not learn from."""
        uses = self.card["uses"]
        if not uses:
            return None
        read = self.findings
        return read.student if uses == STUDENT else read.teacher

    @property
    def model(self) -> Path:
        """The folder of the model that is used, once all is done."""
        uses: str = self.card["uses"]
        return self.folder / uses / "model"

    @property
    def seconds(self) -> float:
        """How long the pieces took."""
        return sum(float(each.read_text()) for each in self.folder.glob("*/seconds.json"))

    def _pieces(self) -> Iterator[tuple[str, Callable[[Path], None]]]:
        """The pieces in their order; which there are is found out on the way."""
        if self._too_little:
            return
        folds = range(len(self.data.splits(self.plan)))
        yield "beginning", self._begin
        for name, piece in (("fold", self._learn_fold), ("read", self._read_fold)):
            yield from ((f"{name}-{fold}", partial(piece, fold)) for fold in folds)
        yield VERDICT, self._conclude
        if not (self.card["earns_its_place"] or self.plan.regardless):
            return
        if self.plan.use != TEACHER:
            yield from ((f"student-{fold}", partial(self._study_fold, fold)) for fold in folds)
            yield COMPARISON, self._conclude
        yield TEACHER, self._learn_all
        if self.card["uses"] == STUDENT:
            yield STUDENT, self._study_all

    @property
    def _too_little(self) -> str:
        """Why there is no point in beginning, in a sentence."""
        judged = len(np.unique(self.data.judged.pages))
        splits = self.data.splits(self.plan)
        if judged < FEWEST_PAGES or not all(split.learn.any() for split in splits):
            return f"Left out: {judged} judged pages are too few to learn from and to compare on."
        return ""

    def _do(self, name: str, piece: Callable[[Path], None]) -> None:
        """Do a piece in a folder of another name, so that nobody takes half of it for done."""
        half, began = self.folder / f"{name}.part", monotonic()
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        piece(half)
        (half / "seconds.json").write_text(json.dumps(monotonic() - began))
        half.replace(self.folder / name)

    def _begin(self, half: Path) -> None:
        model = PairModel.start(self.plan.source, self._reading, self.plan.seed)
        say = partial(self.progress, "Learning to read pages and products")
        pages, data = self.data.pages, self.data
        begin(
            model,
            pages,
            self._inputs(model),
            data.options,
            self.plan.beginning,
            self.plan.seed,
            say,
        )
        model.save(half / "model")

    def _learn_fold(self, fold: int, half: Path) -> None:
        ranker = self.data.ranker(self.plan, fold)
        pages = np.unique(ranker.judged.pages).tolist()
        lists = page_lists(pages, ranker, self.plan.seed)
        apart = self.data.kept_apart(pages, self.plan.seed + fold)
        held = self.data.held(self.plan, fold)
        for loss in LOSSES:
            model, looks = self._taught(loss, lists, apart, f"{loss}, {self._part(fold)}")
            model.save(half / loss)
            save(self._read(model, held), half / f"{loss}.npz")
            (half / f"{loss}.json").write_text(json.dumps([asdict(look) for look in looks]))

    def _part(self, fold: int) -> str:
        return f"part {fold + 1} of {len(self.data.splits(self.plan))}"

    def _read_fold(self, fold: int, half: Path) -> None:
        save(self._read_held(self._teacher_of(fold), fold), half / SCORES)

    def _conclude(self, half: Path) -> None:
        self.progress("Comparing with doing without", 0, 1)
        (half / "card.json").write_text(json.dumps(self.findings.card()))

    def _study_fold(self, fold: int, half: Path) -> None:
        # The pages kept apart too, as all are in the end: nothing is told of them but what a
        # teacher says that never saw their grades.
        candidates = self.data.ranker(self.plan, fold).candidates(self.data.pages)
        student = self._student_of(self._teacher_of(fold), candidates, self._part(fold))
        save(self._read_held(student, fold), half / SCORES)

    def _learn_all(self, half: Path) -> None:
        ranker = self.data.ranker(self.plan)
        lists = page_lists(np.unique(ranker.judged.pages).tolist(), ranker, self.plan.seed)
        loss = self.findings.loss
        enough = round(median(best_step(looks) for looks in self.findings.looks[loss]))
        model, _ = self._taught(loss, lists, set(), f"{loss}, all pages", until=enough)
        model.save(half / "model")

    def _study_all(self, half: Path) -> None:
        teacher = PairModel.load(self.folder / TEACHER / "model")
        candidates = self.data.ranker(self.plan).candidates(self.data.pages)
        self._student_of(teacher, candidates, "all pages").save(half / "model")

    def _taught(
        self,
        loss: str,
        lists: list[PageList],
        apart: set[int],
        what: str,
        until: int | None = None,
    ) -> tuple[PairModel, list[Look]]:
        model = PairModel.load(self.folder / "beginning" / "model")
        looks = fit(
            model,
            [page_list for page_list in lists if page_list.page not in apart],
            [page_list for page_list in lists if page_list.page in apart],
            LOSSES[loss],
            self._inputs(model),
            replace(self.plan.lessons, until=until),
            self.plan.seed,
            partial(self.progress, f"Learning from judgments: {what}"),
        )
        return model, looks

    def _student_of(self, teacher: PairModel, candidates: dict[int, Ints], what: str) -> PairModel:
        student, _ = distil(
            teacher,
            self.plan.layers,
            candidates,
            self._inputs(teacher),
            self.plan.studies,
            self.plan.seed,
            partial(self.progress, f"Learning from the larger model: {what}"),
        )
        return student

    def _teacher_of(self, fold: int) -> PairModel:
        return PairModel.load(self.folder / f"fold-{fold}" / self.findings.loss)

    def _read_held(self, model: PairModel, fold: int) -> HeldOut:
        """Read the held pages' judged products, and their candidates as if nobody had judged."""
        held = self.data.held(self.plan, fold)
        looked_at = self.data.ranker(self.plan, fold).candidates(list(held))
        return self._read(model, {page: np.union1d(held[page], looked_at[page]) for page in held})

    def _read(self, model: PairModel, rows: dict[int, Ints]) -> HeldOut:
        reader, inputs = deepcopy(model).to(fast_precision()), self._inputs(model)
        parts = []
        for done, (page, wanted) in enumerate(rows.items()):
            self.progress("Reading pages that were kept apart", done, len(rows))
            scores = expected_gain_log_odds(inputs.read(reader, page, wanted)).double().numpy()
            ids = self.data.shelf.catalogue.ids[wanted]
            parts.append(HeldOut(np.full(len(ids), page), ids, np.round(scores, 4)))
        return joined(parts)

    def _inputs(self, model: PairModel) -> Inputs:
        return Inputs(self.data.shelf, self.data.texts, model)

    @property
    def _reading(self) -> Reading:
        dimensions = self.data.shelf.catalogue.picture.shape[1]
        way = self.plan.picture
        return Reading(picture=way, dimensions=0 if way == "none" else dimensions)

    def _joined(self, piece: str, file: str) -> HeldOut:
        folds = range(len(self.data.splits(self.plan)))
        return joined([HeldOut.load(self.folder / f"{piece}-{fold}" / file) for fold in folds])

    def _looks(self, file: str) -> list[list[Look]]:
        folds = range(len(self.data.splits(self.plan)))
        kept = [(self.folder / f"fold-{fold}" / file).read_text() for fold in folds]
        return [[Look(**look) for look in json.loads(looks)] for looks in kept]

    def _is_done(self, piece: str) -> bool:
        return all(
            (self.folder / f"{piece}-{fold}").exists()
            for fold in range(len(self.data.splits(self.plan)))
        )
