"""How commands follow a job: to work on it here, or to watch whoever does."""

from __future__ import annotations

import sys
from time import monotonic, sleep

from django.core.management.base import OutputWrapper
from tqdm import tqdm

from ranking.models import Job, State

PATIENCE = 10.0  # seconds after which a person is told that no worker has come
PAUSE = 0.2  # seconds between two looks


def follow(job: Job, *, here: bool, stderr: OutputWrapper) -> None:
    """Return when the job has ended; `here` works on it in this process, piece by piece."""
    began, warned = monotonic(), False
    with tqdm(total=0, disable=not sys.stderr.isatty(), bar_format="{desc}") as line:
        while not _ended(job):
            line.set_description_str(_told(job))
            if not (here and _worked(job)):
                sleep(PAUSE)
            late = job.state == State.WAITING and monotonic() - began > PATIENCE
            if late and not (here or warned):
                warned = True
                stderr.write(f"{job} waits for a worker: start one or use --here.")


def _ended(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_finished


def _worked(job: Job) -> bool:
    """Whether this process may go on at once: not where another one holds the job."""
    from ranking.actions.job_pieces import work_here  # loads models

    return work_here(job) or _ended(job)


def _told(job: Job) -> str:
    count = f" {job.stage_done}/{job.stage_total}" if job.stage_total else ""
    return f"{job.stage or job.state}{count}"
