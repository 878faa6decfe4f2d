"""Which run a new one may build on, and why not on any. Loads no arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from judgments.models import Judgment
from ranking.models import Run, State

# After so long the shop's own figures, and what is found apart from pages, are taken anew.
LASTS = timedelta(days=7)
# A run that learns for itself learns again when so many judgments are new, as a share of those
# that it learned from: fewer move the weights by less than two seeds do.
NEW_JUDGMENTS = 0.05
FILES = ("file", "siblings", "outliers", "norms")  # in `Run.blend`: below SEESTOCKS_DATA/models
# In `Run.settings`: with one of them changed, nothing of an older run can be used.
DECIDING = {
    "encoder": "the encoder has changed",
    "encoder_weights": "the encoder's weights have changed",
    "page_size": "the page size has changed",
    "candidates": "the page size has changed",
    "wrong_shown": "the bound on wrong products has changed",
    "reranker": "another version of the cross-encoder is used",
    "blend": "another version of the blend is used",
    "seed": "the program has changed",
    "pipeline": "the program has changed",
}


def base_for(
    told: Mapping[str, Any], pages: Collection[int], as_of: datetime
) -> tuple[Run | None, str]:
    """Return the newest run that one of these pages, told these settings, may build on; or None,
    and in a sentence why everything is done anew."""
    run = _newest(pages)
    if run is None:
        return None, "Everything is ranked anew: no finished run has most of these pages."
    why = _changed(run, told) or _worn_out(run, told, as_of)
    return (None, f"Everything is ranked anew: {why} since run {run.pk}.") if why else (run, "")


def root_of(run: Run) -> Run:
    """Return the run that learned what this one ranks with: itself, or one it builds on."""
    return Run.objects.get(pk=run.blend.get("root", run.pk))


def _newest(pages: Collection[int]) -> Run | None:
    done = Q(page_runs__state=State.DONE, page_runs__page__in=list(pages))
    ended = Run.objects.filter(state=State.DONE, measured_at__isnull=False, thinned_at=None)
    counted = ended.annotate(held=Count("page_runs", filter=done))
    return counted.filter(held__gte=-(-len(pages) // 2)).order_by("-id").first()


def _changed(run: Run, told: Mapping[str, Any]) -> str:
    for key, why in DECIDING.items():
        if run.settings.get(key) != told.get(key):
            return why
    folder = settings.DATA / "models"
    is_there = all((folder / run.blend.get(name, "")).is_file() for name in FILES)
    return "" if is_there else "files of what was learned are gone"


def _worn_out(run: Run, told: Mapping[str, Any], as_of: datetime) -> str:
    root = root_of(run)
    if as_of - root.as_of > LASTS:
        return f"it was last done {LASTS.days} days ago or more"
    if told["blend"] is not None:  # what is learned was adopted, and learns no more
        return ""
    then = root.settings
    if then["discriminators_until"] != told["discriminators_until"]:
        return "a text has changed, and the weights of texts are learned"
    if _ways(then["truth"]) != _ways(told["truth"]):
        return "another rule makes grades of judgments"
    new = Judgment.objects.filter(
        id__gt=then["judgments_until"], id__lte=told["judgments_until"]
    ).count()
    most = max(1, round(NEW_JUDGMENTS * root.blend.get("judgments", 0)))
    return f"there are {new:,} new judgments to learn from" if new >= most else ""


def _ways(truth: Mapping[str, Any]) -> tuple[object, object]:
    return truth["rule"], truth["sources"]
