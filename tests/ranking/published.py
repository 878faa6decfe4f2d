"""Published pages for tests, without a run or a gate."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from ranking.listings import listing_of
from ranking.models import Publication, Release, Shown
from ranking.queries.lineup import lineup
from taxonomy.models import Category, Product
from tests.ranking.rankings import make_ranking


def publish(page: Category, products: Sequence[Product]) -> Publication:
    """Have the page show these products from now on."""
    page_run = make_ranking(page, shown=products)
    listing = listing_of(page_run, lineup(page_run))
    release = Release.objects.create(based_on=Release.objects.first(), at=timezone.now())
    made = Publication.objects.create(
        release=release, page=page, page_run=page_run, listing=listing
    )
    Shown.objects.update_or_create(page=page, defaults={"publication": made})
    return made
