"""What a worker does for each kind of job. For workers: loads models."""

from __future__ import annotations

from collections.abc import Callable

from ranking.actions.jobs import JOBS, ring, work
from ranking.models import Comparison, Evaluation, Job, Kind, Training


def work_on(kind: str, pk: int, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Do one piece of the job, then ring for the next: other tasks get their turn between.

    `kind` is the name of the job's model.
    """
    job = _model(kind).objects.get(pk=pk)
    if work_here(job, stopping):
        ring(job)


def work_here(job: Job, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do one piece of the job and return whether there is more to do."""
    if isinstance(job, Comparison):
        from ranking.actions.compare_sides import compare_sides  # loads numpy

        return work(Comparison, job.pk, compare_sides, stopping)
    from ranking.actions.ablation import measure_evaluation

    if isinstance(job, Evaluation):
        return work(Evaluation, job.pk, measure_evaluation, stopping)
    kind = Training.objects.values_list("kind", flat=True).get(pk=job.pk)
    if kind == Kind.RERANKER:
        from ranking.actions.train_reranker import train_reranker  # loads torch

        return work(Training, job.pk, train_reranker, stopping)
    from ranking.actions.train_blend import train_blend

    return work(Training, job.pk, train_blend, stopping)


def _model(kind: str) -> type[Job]:
    return {job.__name__: job for job in JOBS}[kind]
