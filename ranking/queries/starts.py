"""What a run may be started for, and when the next one starts by itself."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from ranking.models import NightPlan
from taxonomy.models import Category

LEVELS = 2  # of the tree, from which a branch is chosen


def branches() -> QuerySet[Category]:
    """Return the categories of the top levels with pages at or below them, by path."""
    own = Concat(OuterRef("lineage"), Value(""))
    below = Category.objects.pages().filter(lineage__startswith=own)
    shallow = [f"^(/[0-9]+){{{level}}}/$" for level in range(1, LEVELS + 1)]
    tops = Category.objects.live().filter(lineage__regex="|".join(shallow))
    return tops.filter(Exists(below)).order_by("path", "id")


def plan() -> NightPlan | None:
    """Return the plan of the nights; None while nobody has made one."""
    return NightPlan.objects.select_related("task__crontab", "changed_by").first()
