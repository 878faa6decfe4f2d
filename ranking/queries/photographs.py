"""A shop's own photographs and what their categories are called. For workers: loads numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings

from ranking.pipeline.profile import RIGHT, SURE
from ranking.pipeline.retrieve import prompts
from ranking.queries.inputs import load_judged
from ranking.queries.texts import live_revisions
from taxonomy.models import Category, Filing, FilingSource, PictureState, Product


def surely_placed() -> dict[int, int]:
    """Return the category of each product that feeds or people surely file, or people judge
    right; people's word counts before feeds'."""
    live = Category.objects.live()
    sure = Filing.objects.filter(confidence__gte=SURE, category__in=live)
    placed: dict[int, int] = {}
    for source in (FilingSource.FEED, FilingSource.PERSON):
        placed |= dict(sure.filter(source=source).values_list("product", "category"))
    judged = load_judged()
    right = judged.where((judged.grades >= RIGHT) & (judged.annotators > 0))
    live_ids = set(live.values_list("id", flat=True))
    said = zip(right.products.tolist(), right.pages.tolist(), strict=True)
    return placed | {product: page for product, page in said if page in live_ids}


def photographs_of(products: Iterable[int]) -> dict[int, Path]:
    """Return the picture of each of these products that has a usable one."""
    ready = Product.objects.filter(picture_state=PictureState.READY).values_list("id", "picture")
    wanted, folder = set(products), settings.DATA / "pictures"
    return {pk: folder / name for pk, name in ready.iterator(chunk_size=5000) if pk in wanted}


def ways_to_say(categories: Iterable[int]) -> Mapping[int, list[str]]:
    """Return for each category its prompts and the lines of all its live texts."""
    found = Category.objects.in_bulk(categories)
    ways = {pk: prompts(category.name) for pk, category in found.items()}
    for revision in live_revisions():
        if revision.discriminator.category_id in ways:
            ways[revision.discriminator.category_id] += revision.lines
    return ways
