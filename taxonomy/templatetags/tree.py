"""How the tree's figures are picked."""

from __future__ import annotations

from django import template

from taxonomy.models import Category
from taxonomy.queries.counts import Subtree, TreeCount

register = template.Library()


@register.filter
def counted(subtree: Subtree, count: TreeCount) -> int:
    """Return the number that the count has in the category and below it."""
    return subtree.counts.get(count.key, 0)


@register.filter
def address_for(count: TreeCount, category: Category) -> str:
    """Return where the category's number of this count leads to."""
    return count.address(category)
