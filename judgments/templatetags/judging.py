"""How the judging screen writes guidelines, feeds' words and keys."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from judgments.guidelines import as_html
from judgments.models import Item
from judgments.queries.cards import page_key
from taxonomy.models import Product
from taxonomy.queries import attribute_lines

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    """Return a guideline as safe HTML."""
    return as_html(text)


@register.filter
def attributes(product: Product) -> list[tuple[str, list[str]]]:
    """Return what else the feed says, each name with its lines."""
    return attribute_lines(product)


@register.filter
def place_key(item: Item) -> str:
    """Return what an item's page, or pair of pages, is known by on the screen."""
    return page_key(item.page_id, item.sibling_id)


@register.filter
def key_of(keys: Mapping[str, str], action: str) -> str:
    """Return the key that does this, as it is printed on keyboards."""
    return keys.get(action, "").upper()
