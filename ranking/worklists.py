"""What rankings add to the tree: lists of what asks for work, and a count."""

from __future__ import annotations

from django.db.models import Count, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.urls import reverse

from ranking.models import ConfusedPair, PageRun, Run
from ranking.queries.stale import stale_pages
from taxonomy.models import Category
from taxonomy.queries.counts import Groups, TreeCount, add_count
from taxonomy.queries.worklists import WorkList, add_work_list

SEE_CONFUSION = "ranking.view_confusedpair"


def confused() -> QuerySet[Category]:
    """Return the categories that are confused with siblings, as `share` of all confusion.

    The most confused first; a pair's share counts for both.
    """
    pairs = ConfusedPair.objects.standing().filter(weight__gt=0)
    its_own = pairs.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk"))).order_by()
    # Grouped by what all of them have in common, so that they are one sum.
    grouped = its_own.annotate(group=Value(1)).values("group")
    whole = grouped.annotate(whole=Sum("share")).values("whole")
    shared = Category.objects.live().annotate(share=Subquery(whole, output_field=FloatField()))
    return shared.filter(share__gt=0).order_by("-share", "path", "id")


def fences() -> Groups:
    """Give the products on each fence, which its two categories share."""
    pairs = ConfusedPair.objects.standing().filter(products__gt=0)
    for first, second, products in pairs.values_list("first_id", "second_id", "products"):
        yield (first, second), products


def measured() -> str:
    """Return what changes whenever the confusion among siblings was measured again."""
    newest = Run.objects.aggregate(at=Max("measured_at"))["at"]
    pairs = ConfusedPair.objects.aggregate(newest=Max("id"), all=Count("id"))
    return f"{newest}-{pairs['newest']}-{pairs['all']}"


def ranked() -> str:
    """Return what changes whenever a page was ranked, is to be, or is not after all."""
    parts = PageRun.objects.aggregate(newest=Max("id"), ended=Max("finished_at"))
    runs = Run.objects.aggregate(asked=Max("cancel_requested_at"), ended=Count("finished_at"))
    return f"{parts['newest']}-{parts['ended']}-{runs['asked']}-{runs['ended']}"


def _share_words(category: Category) -> str:
    share: float = category.share  # type: ignore[attr-defined]  # annotated
    return f"{share * 100:.1f}\xa0% of all"


def add_to_the_tree() -> None:
    """Have the tree offer these lists and show this count."""
    add_work_list(CONFUSED)
    add_work_list(STALE)
    add_count(ON_THE_FENCE)


CONFUSED = WorkList(
    "confused",
    "Most confused",
    "Categories that products stand between and their siblings, the most confused first.",
    confused,
    permission=SEE_CONFUSION,
    note=_share_words,
    version=measured,
)
STALE = WorkList(
    "stale",
    "Text newer than its ranking",
    "Active pages that were ranked before a live text of theirs or a sibling's changed.",
    stale_pages,
    permission="ranking.view_run",
    version=ranked,
)
ON_THE_FENCE = TreeCount(
    "confusion",
    "On the fence",
    "Products between two siblings here or below, once for each pair.",
    SEE_CONFUSION,
    fences,
    measured,
    lambda category: f"{reverse('discriminators')}?under={category.pk}",
)
