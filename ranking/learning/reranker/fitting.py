"""Teach a model pages' lists, and stop while pages that it does not learn from still gain.

Embeddings and lower layers stay as they were: they know the language, and what is left learns
twice as fast. Where the processor has a fast short format, forward and backward passes run in it,
while the weights and their steps stay in full precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ranking.learning.reranker.inputs import Inputs
from ranking.learning.reranker.lists import JUDGED, PageList
from ranking.learning.reranker.losses import Loss
from ranking.pipeline.data import Ints
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.weights import fast_precision

LONGEST_STEP = 1.0  # norm of the gradient beyond which it is cut
HEAD_RATE = 10.0  # the head starts from nothing: its steps are so many times longer
WARM_UP = 0.1  # share of the steps in which they grow to full length


@dataclass(frozen=True)
class Schedule:
    """How long and how strongly a model learns."""

    steps: int = 100  # lists
    until: int | None = None  # the last step that is taken, where that is known to be enough
    judged: int = 16  # products of a list at most
    others: int = 8
    rate: float = 1e-4
    frozen: int = 3  # lower layers that stay as they were
    looks: int = 5  # times that the pages kept apart are read
    patience: int = 2  # looks without gain after which learning stops


@dataclass(frozen=True)
class Look:
    """How it stood after some steps: mean losses of what was learned since the look before, and
    of the pages kept apart (NaN without any)."""

    step: int
    learned: float
    kept_apart: float


Tick = Callable[[int, int], None]  # steps done, of how many
Task = Callable[[PairModel], Tensor]  # a model's loss on what comes next


class Learner:
    """A model that learns step by step, with its twin in the fast format that does the work."""

    def __init__(self, model: PairModel, schedule: Schedule) -> None:
        self.model = model
        precision, self._frozen = fast_precision(), schedule.frozen
        for still in _lower(model, schedule.frozen):
            still.requires_grad_(False)
        self.twin = model if precision == torch.float32 else deepcopy(model).to(precision)
        self._pairs = [
            (own, twin)
            for own, twin in zip(model.parameters(), self.twin.parameters(), strict=True)
            if own.requires_grad
        ]
        self._optimizer = torch.optim.AdamW(_groups(model, schedule.rate), weight_decay=0.01)
        self._rates = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: _share(step, schedule.steps)
        )

    def learn(self, task: Task) -> float:
        """Take one step down the task's loss, and return the loss."""
        self.twin.train()
        for still in _lower(self.twin, self._frozen):
            still.eval()  # what does not learn needs no dropout
        loss = task(self.twin)
        loss.backward()  # type: ignore[no-untyped-call]  # has no types
        for own, twin in self._pairs:
            if own is not twin:
                own.grad = None if twin.grad is None else twin.grad.float()
                twin.grad = None
        nn.utils.clip_grad_norm_([own for own, _ in self._pairs], LONGEST_STEP)
        self._optimizer.step()
        self._rates.step()
        self._optimizer.zero_grad()
        self._copy()
        return float(loss.detach())

    def weights(self) -> list[Tensor]:
        """Return a copy of what is learned."""
        return [own.detach().clone() for own, _ in self._pairs]

    @torch.no_grad()
    def restore(self, weights: Sequence[Tensor]) -> None:
        """Go back to weights of before."""
        for (own, _), kept in zip(self._pairs, weights, strict=True):
            own.copy_(kept)
        self._copy()

    @torch.no_grad()
    def _copy(self) -> None:
        for own, twin in self._pairs:
            if own is not twin:
                twin.copy_(own)


def fit(
    model: PairModel,
    lists: Sequence[PageList],
    kept_apart: Sequence[PageList],
    loss: Loss,
    inputs: Inputs,
    schedule: Schedule,
    seed: int,
    tick: Tick,
) -> list[Look]:
    """Teach the model the lists, and leave it as it was when the pages kept apart liked it best.

    Without such pages it learns to the end. Returns how it went; the same arguments teach the
    same on the same machine.
    """
    judged = [page_list for page_list in lists if (page_list.kinds == JUDGED).any()]
    draws = drawn_lists(judged, schedule, seed)

    def task(twin: PairModel) -> Tensor:
        return loss_of(twin, next(draws), loss, inputs)

    def look(twin: PairModel) -> float:
        twin.eval()
        with torch.inference_mode():
            losses = [float(loss_of(twin, _judged_only(one), loss, inputs)) for one in kept_apart]
        return float(np.mean(losses)) if losses else float("nan")

    return run(Learner(model, schedule), task, look, schedule, seed, tick)


def run(
    learner: Learner,
    task: Task,
    look: Callable[[PairModel], float],
    schedule: Schedule,
    seed: int,
    tick: Tick,
) -> list[Look]:
    """Take the schedule's steps, looking up now and then; go back to the best look."""
    looks: list[Look] = []
    best, kept = 0, learner.weights()
    every, last = max(1, schedule.steps // schedule.looks), schedule.until or schedule.steps
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        losses: list[float] = []
        for step in range(1, last + 1):
            tick(step - 1, last)
            losses.append(learner.learn(task))
            if step % every and step < last:
                continue
            looks.append(Look(step, float(np.mean(losses)), look(learner.twin)))
            losses = []
            if not looks[-1].kept_apart >= looks[best].kept_apart or len(looks) == 1:
                best, kept = len(looks) - 1, learner.weights()
            elif len(looks) - best > schedule.patience:
                break
    learner.restore(kept)
    learner.model.eval()
    return looks


def best_step(looks: Sequence[Look]) -> int:
    """Return the step that the model was left at: the last, without pages kept apart."""
    seen = [look for look in looks if np.isfinite(look.kept_apart)]
    return min(seen or looks[-1:], key=lambda look: (look.kept_apart, look.step)).step


def drawn_lists(lists: Sequence[PageList], schedule: Schedule, seed: int) -> Iterator[PageList]:
    """Yield, without end, lists small enough to learn from at once: every judged product once in
    each round, pages mixed, with other products of the page drawn beside them."""
    random = np.random.default_rng(seed)
    while True:
        parts = [
            (page_list, part)
            for page_list in lists
            for part in _parts(page_list, schedule.judged, random)
        ]
        for place in random.permutation(len(parts)).tolist():
            page_list, part = parts[place]
            others = np.flatnonzero(page_list.kinds != JUDGED)
            drawn = random.choice(others, min(schedule.others, len(others)), replace=False)
            yield page_list.where(np.sort(np.concatenate([part, drawn.astype(np.int64)])))


def _parts(page_list: PageList, most: int, random: np.random.Generator) -> list[Ints]:
    """Places of the judged products in parts of about equal size, none larger than `most`."""
    judged = random.permutation(np.flatnonzero(page_list.kinds == JUDGED))
    return list(np.array_split(judged, -(-len(judged) // most)))


def loss_of(model: PairModel, page_list: PageList, loss: Loss, inputs: Inputs) -> Tensor:
    """Return the model's loss on a list."""
    logits = inputs.logits(model, page_list.page, page_list.rows).float()
    chances = torch.from_numpy(page_list.chances).float()
    return loss(logits, chances, torch.from_numpy(page_list.weights).float())


def _judged_only(page_list: PageList) -> PageList:
    return page_list.where(page_list.kinds == JUDGED)


def _lower(model: PairModel, layers: int) -> list[nn.Module]:
    """The embeddings, and so many layers above them."""
    return [model.cross_encoder.model.bert.embeddings, *model.layers[:layers]]


def _groups(model: PairModel, rate: float) -> list[dict[str, object]]:
    """The learned weights: of the layers, and of what starts from nothing."""
    layers = [own for own in model.layers.parameters() if own.requires_grad]
    known = {id(own) for own in layers}
    head = [own for own in model.parameters() if own.requires_grad and id(own) not in known]
    return [{"params": layers, "lr": rate}, {"params": head, "lr": HEAD_RATE * rate}]


def _share(step: int, steps: int) -> float:
    """The length of a step: growing at first, then falling in a straight line to nothing."""
    warm = max(1.0, WARM_UP * steps)
    return min((step + 1) / warm, max(0.0, (steps - step) / max(1.0, steps - warm)))
