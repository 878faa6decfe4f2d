"""A small student that orders whole lists as its teacher does, unjudged products among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ranking.learning.reranker.fitting import Learner, Look, Schedule, Tick, run
from ranking.learning.reranker.inputs import Inputs
from ranking.learning.reranker.losses import distilled
from ranking.pipeline.data import Ints
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.weights import fast_precision

STUDIED = 96  # products of a page that the teacher reads aloud
PAGES = 150  # that it reads them of, at most
LIST = 32  # products that the student orders at once


def distil(
    teacher: PairModel,
    layers: int,
    candidates: Mapping[int, Ints],
    inputs: Inputs,
    schedule: Schedule,
    seed: int,
    tick: Tick,
) -> tuple[PairModel, list[Look]]:
    """Return a student of so many layers, evenly spaced ones of the teacher's to begin with, and
    how it learned: it is kept as it ended.

    `candidates` are the rows that each page looks at; pages and rows are drawn where there are
    more than STUDIED and PAGES.
    """
    random = np.random.default_rng(seed)
    heard = _heard(teacher, _studied(candidates, random), inputs)
    student = teacher.student(spaced(len(teacher.layers), layers))
    pages = list(heard)

    def task(twin: PairModel) -> Tensor:
        page = pages[int(random.integers(len(pages)))]
        rows, wanted = heard[page]
        drawn = np.sort(random.choice(len(rows), min(LIST, len(rows)), replace=False))
        logits = inputs.logits(twin, page, rows[drawn]).float()
        return distilled(logits, wanted[torch.from_numpy(drawn)])

    learner = Learner(student, replace(schedule, frozen=0))
    return student, run(learner, task, lambda _: float("nan"), schedule, seed, tick)


def spaced(layers: int, kept: int) -> list[int]:
    """Return the numbers of the layers kept, from the first to the last, evenly spaced."""
    return [round(place) for place in np.linspace(0, layers - 1, kept).tolist()]


def _studied(candidates: Mapping[int, Ints], random: np.random.Generator) -> dict[int, Ints]:
    pages = sorted(page for page, rows in candidates.items() if len(rows))
    drawn = random.choice(pages, min(PAGES, len(pages)), replace=False)
    return {
        page: np.sort(random.choice(rows, min(STUDIED, len(rows)), replace=False))
        for page, rows in ((page, candidates[page]) for page in sorted(drawn.tolist()))
    }


def _heard(
    teacher: PairModel, studied: Mapping[int, Ints], inputs: Inputs
) -> dict[int, tuple[Ints, Tensor]]:
    """What the teacher makes of the rows: (N, 4) logits for each page."""
    reader = teacher.student(range(len(teacher.layers))).to(fast_precision()).eval()
    return {page: (rows, inputs.read(reader, page, rows).clone()) for page, rows in studied.items()}
