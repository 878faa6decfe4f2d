"""Forget what versions of the cross-encoder read that nobody uses any more."""

from __future__ import annotations

import shutil

from django.conf import settings

from ranking.models import Kind, Run
from ranking.queries.learned import adopted


def forget_scores() -> None:
    """Remove the kept scores of every version that is neither adopted nor in a run's hands.

    Scores are kept for speed alone: whoever still needs one of them reads it again.
    """
    folder = settings.DATA / "scores"
    if not folder.exists():
        return
    now = adopted(Kind.RERANKER)
    used = {now.pk} if now else set()
    used |= {run.settings.get("reranker") for run in Run.objects.unfinished()}
    for of_version in folder.iterdir():
        if of_version.name not in {str(pk) for pk in used}:
            shutil.rmtree(of_version, ignore_errors=True)
