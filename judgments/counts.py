"""What judgments add to the tree: how many there are."""

from __future__ import annotations

from django.db.models import Count, Max
from django.urls import reverse

from judgments.models import Judgment
from judgments.queries import current_judgments
from taxonomy.queries.counts import Groups, TreeCount, add_count


def judged() -> Groups:
    """Give the judgments that count of each page."""
    pages = current_judgments().order_by().values_list("page").annotate(Count("id"))
    return (((page,), number) for page, number in pages)


def newest() -> object:
    """Return what changes whenever somebody judges."""
    return Judgment.objects.aggregate(newest=Max("id"))["newest"]


def add_to_the_tree() -> None:
    """Have the tree show this count."""
    add_count(
        TreeCount(
            "judgments",
            "Judgments",
            "What annotators said here or below, the latest of each.",
            "judgments.view_judgment",
            judged,
            newest,
            lambda category: reverse("category_judgments", args=(category.pk,)),
        )
    )
