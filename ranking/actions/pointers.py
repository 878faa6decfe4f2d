"""Move what pages show: in bulk, and only where the shop is told something else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ranking.listings import overlap
from ranking.models import Listing, Publication, Release, Shown

BATCH = 500


@dataclass(frozen=True)
class Target:
    """What a page is to show."""

    page_run: int
    listing: str  # its digest


@dataclass(frozen=True)
class _Before:
    """What a page showed until then."""

    publication: int
    listing: str


def point(release: Release, targets: Mapping[int, Target]) -> list[int]:
    """Let each page show its target from this release on; return those that show another thing.

    A page whose shop is told the same keeps what it points at. To be called in the transaction of
    the release.
    """
    before = _shown(targets)
    changed = [
        page
        for page, target in sorted(targets.items())
        if page not in before or before[page].listing != target.listing
    ]
    first = _first_products({targets[page].listing for page in changed}, before, changed)
    rows = [_row(release, page, targets[page], before.get(page), first) for page in changed]
    made = Publication.objects.bulk_create(rows, batch_size=BATCH)
    Shown.objects.bulk_create(
        [Shown(page_id=one.page_id, publication=one) for one in made],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["page"],
        update_fields=["publication"],
    )
    return changed


def withdraw_others(pages: Collection[int]) -> list[int]:
    """Let all pages but these show nothing any more, and return them."""
    others = Shown.objects.exclude(page__in=list(pages))
    gone = sorted(others.values_list("page", flat=True))
    others.filter(page__in=gone).delete()
    return gone


def _shown(pages: Collection[int]) -> dict[int, _Before]:
    of_pages = Shown.objects.filter(page__in=list(pages)).order_by()
    rows = of_pages.values_list("page", "publication", "publication__listing")
    return {page: _Before(publication, listing) for page, publication, listing in rows}


def _first_products(
    new: set[str], before: Mapping[int, _Before], changed: list[int]
) -> dict[str, list[int]]:
    """The first products of each listing that is to be compared."""
    digests = new | {before[page].listing for page in changed if page in before}
    return dict(Listing.objects.filter(digest__in=digests).values_list("digest", "first"))


def _row(
    release: Release,
    page: int,
    target: Target,
    before: _Before | None,
    first: Mapping[str, list[int]],
) -> Publication:
    alike = overlap(first[target.listing], first[before.listing]) if before else None
    return Publication(
        release=release,
        page_id=page,
        page_run_id=target.page_run,
        listing_id=target.listing,
        before_id=before.publication if before else None,
        overlap=alike,
    )
