"""One batch of a feed: what is new or changed is written, the rest is only seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from taxonomy.actions.filing import file_by_feed
from taxonomy.actions.pictures import LINK_LIMIT, picture_of, picture_stamp
from taxonomy.imports.offers import Offer
from taxonomy.models import Product, Retailer

# What a changed row changes; when a product was first seen is never among it.
UPDATED = (
    *("title", "description", "brand", "gtin", "mpn", "link", "price", "currency"),
    *("availability", "attributes", "image_link", "picture", "picture_state", "picture_note"),
    *("picture_lease_until", "fingerprint", "unseen_since"),
)
COMPARED = ("offer_id", "fingerprint", "image_link", "picture", "picture_state")


@dataclass(frozen=True, slots=True)
class Listing:
    """A good row of a feed, and the category that it names, where the tree has it."""

    offer: Offer
    category_id: int | None


def write_batch(
    retailer: Retailer,
    listings: list[Listing],
    set_aside: Iterable[str],
    images: Path | None,
    now: datetime,
) -> Counter[str]:
    """Write listings in one transaction; return how many are created, updated, unchanged.

    `set_aside` are offer ids that the feed lists in rows that cannot land: those products are
    seen too. Pictures are read before the transaction, so that nobody waits for them.
    """
    known = Product.objects.filter(
        retailer=retailer, offer_id__in=[listing.offer.id for listing in listings]
    )
    before = {product.offer_id: product for product in known.only(*COMPARED)}
    seen, changed, figures = list(set_aside), [], Counter[str]()
    for listing in listings:
        product = before.get(listing.offer.id)
        fingerprint = _fingerprint(listing, images)
        if product and product.fingerprint == fingerprint:
            seen.append(product.offer_id)
            figures["unchanged"] += 1
        else:
            new = _product(retailer, listing.offer, product, images, now)
            new.fingerprint = fingerprint
            changed.append((new, listing.category_id))
            figures["updated" if product else "created"] += 1
    _write(retailer, changed, seen, now)
    return figures


def _fingerprint(listing: Listing, images: Path | None) -> str:
    stamp = picture_stamp(listing.offer.image_link, images)
    return listing.offer.fingerprint(listing.category_id, stamp)


def _write(
    retailer: Retailer,
    changed: list[tuple[Product, int | None]],
    seen: list[str],
    now: datetime,
) -> None:
    with transaction.atomic():
        products = Product.objects.bulk_create(
            [product for product, _ in changed],
            update_conflicts=True,
            unique_fields=["retailer", "offer_id"],
            update_fields=UPDATED,
        )
        categories = (category for _, category in changed)
        file_by_feed(zip((product.pk for product in products), categories, strict=True), now)
        # Never taken back: another import of the feed, begun later, may have come by.
        latest = Greatest("last_seen", Value(now))
        listed = [*seen, *(product.offer_id for product, _ in changed)]
        Product.objects.filter(retailer=retailer, offer_id__in=listed).update(
            last_seen=latest, unseen_since=None
        )


def _product(
    retailer: Retailer, offer: Offer, before: Product | None, images: Path | None, now: datetime
) -> Product:
    picture = picture_of(offer.image_link, images, before)
    return Product(
        retailer=retailer,
        offer_id=offer.id,
        title=offer.title,
        description=offer.description,
        brand=offer.brand,
        gtin=offer.gtin,
        mpn=offer.mpn,
        link=offer.link,
        price=offer.price,
        currency=offer.currency,
        availability=offer.availability,
        attributes=offer.attributes,
        image_link=offer.image_link[:LINK_LIMIT],
        picture=picture.name,
        picture_state=picture.state,
        picture_note=picture.note,
        first_seen=now,
        last_seen=now,
        unseen_since=None,
    )
