"""Fetching the pictures that feeds name by address: claimed one by one, by any worker."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from datetime import timedelta

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from taxonomy.actions.pictures import Picture
from taxonomy.doorbell import ringing
from taxonomy.imports.addresses import UNANSWERED, Fetcher, Unanswered
from taxonomy.imports.pictures import PictureRefused, store_picture
from taxonomy.models import PictureState, Product

LEASE = timedelta(minutes=2)
PATIENCE = 3  # silences in a row after which a host is not asked again in this round
HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE)

logger = logging.getLogger(__name__)


def fetch_waiting(seconds: float) -> float | None:
    """Fetch pictures for about so many seconds; return those until more can be, or None.

    A picture that cannot be had is noted on its product. A host that stays silent fails all
    its pictures of this round, so that a dead network costs seconds; the next import of the
    feed lets them wait again.
    """
    ends = time.monotonic() + seconds
    silences: Counter[str] = Counter()
    with Fetcher() as fetcher:
        while time.monotonic() < ends and (product := claim_picture()):
            _finish(product, _fetched(product.image_link, fetcher, silences))
    return _seconds_until_next()


def waiting_pictures() -> QuerySet[Product]:
    """Return the products whose picture is still to be fetched."""
    return Product.objects.filter(picture_state=PictureState.WAITING)


def claim_picture() -> Product | None:
    """Return a product whose picture waits, now claimed by the caller alone; None if none does."""
    while product := _free().order_by("id").first():
        product.picture_lease_until = timezone.now() + LEASE
        if _free().filter(pk=product.pk).update(picture_lease_until=product.picture_lease_until):
            return product
    return None


def ring_for_pictures(countdown: float = 0) -> None:
    """Tell a worker that pictures wait; with a dead broker they wait for the next import."""
    from taxonomy.tasks import fetch_pictures

    with ringing("pictures wait"):
        fetch_pictures.apply_async(countdown=countdown)


def _free() -> QuerySet[Product]:
    free = Q(picture_lease_until=None) | Q(picture_lease_until__lt=timezone.now())
    return waiting_pictures().filter(free)


def _fetched(link: str, fetcher: Fetcher, silences: Counter[str]) -> Picture:
    found = HOST.match(link)
    host = found[0] if found else link
    try:
        picture = Picture(PictureState.READY, store_picture(fetcher.fetch(link)))
    except PictureRefused as refusal:
        picture = Picture(PictureState.FAILED, note=str(refusal))
    except Unanswered:
        silences[host] += 1
        if silences[host] == PATIENCE:
            _give_up(host)
        return Picture(PictureState.FAILED, note=UNANSWERED)
    silences[host] = 0
    return picture


def _give_up(host: str) -> None:
    logger.warning("%s did not answer: its pictures are left out of this round", host)
    _free().filter(image_link__startswith=f"{host}/").update(
        picture_state=PictureState.FAILED, picture_note=UNANSWERED
    )


def _finish(product: Product, picture: Picture) -> None:
    """Write the picture, unless the claim lapsed or the feed names another one by now."""
    Product.objects.filter(
        pk=product.pk,
        picture_state=PictureState.WAITING,
        picture_lease_until=product.picture_lease_until,
        image_link=product.image_link,
    ).update(
        picture=picture.name,
        picture_state=picture.state,
        picture_note=picture.note,
        picture_lease_until=None,
    )


def _seconds_until_next() -> float | None:
    if _free().exists():
        return 0
    first = waiting_pictures().aggregate(first=Min("picture_lease_until"))["first"]
    return None if first is None else max(1.0, (first - timezone.now()).total_seconds())
