"""Reads of the lines that are suggested for telling siblings apart."""

from __future__ import annotations

from itertools import combinations, groupby

from django.db.models import QuerySet

from ranking.models import ConfusedPair, Suggestion, SuggestionState
from taxonomy.models import Category
from taxonomy.queries import subtrees


def suggestions(category: Category, sibling: Category | None) -> QuerySet[Suggestion]:
    """Return what is suggested, and not decided on, for the category rather than its sibling (or
    for the category alone), strongest first."""
    return Suggestion.objects.filter(
        category=category, sibling=sibling, state=SuggestionState.OPEN
    ).order_by("-strength", "id")


def pairs_to_tell_apart(under: Category | None = None) -> list[tuple[int, int]]:
    """Return pairs of siblings, lower id first: the measured ones, the most confused first.

    With `under`, those below it. Where nothing was measured, all pairs of siblings that are
    pages or have products filed in them; and where none has, all pairs of siblings.
    """
    children = Category.objects.live().filter(parent__isnull=False)
    measured = ConfusedPair.objects.standing().order_by("-weight", "first", "second")
    if under:
        below = Category.objects.under(under)
        children, measured = children.filter(parent__in=below), measured.filter(parent__in=below)
    if pairs := list(measured.values_list("first", "second")):
        return pairs
    rows = list(children.order_by("parent", "id"))
    figures = subtrees()
    used = [one for one in rows if one.is_page or figures[one.pk].products]
    return [
        (first.pk, second.pk)
        for _, group in groupby(used or rows, key=lambda one: one.parent_id)
        for first, second in combinations(group, 2)
    ]
