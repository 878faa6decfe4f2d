"""What is compared of every product, and what came of it before. For workers: loads numpy."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import Any

from ranking.models import ComparedOffer, OfferMatch
from ranking.pipeline.duplicates.grouping import Pair
from ranking.pipeline.duplicates.offers import DESCRIBED, Offer
from taxonomy.models import PictureState, Product

COLUMNS = (
    *("id", "title", "retailer_id", "brand", "gtin", "mpn", "description", "attributes"),
    *("picture", "picture_state"),
)
RULES = "1"  # raised when keys, signs or vetoes change, so that all is compared anew


def offers() -> list[Offer]:
    """Return all products as they are compared, by id."""
    rows = Product.objects.order_by("id").values_list(*COLUMNS).iterator(chunk_size=5000)
    return [
        Offer(
            id=pk,
            title=title,
            retailer=str(retailer),
            brand=brand,
            gtin=gtin,
            mpn=mpn,
            colour=_attribute(attributes, "color"),
            size=_attribute(attributes, "size"),
            description=description[:DESCRIBED],
            picture=picture if state == PictureState.READY else "",
        )
        for pk, title, retailer, brand, gtin, mpn, description, attributes, picture, state in rows
    ]


def fingerprint(offer: Offer, *known: str) -> str:
    """Return 32 hexadecimal digits of all that is compared, and of what it is compared with."""
    told = "\0".join([RULES, *known, *map(str, astuple(offer))])
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def compared() -> dict[int, tuple[str, int]]:
    """Return the fingerprint and group of every product that was compared, by its id."""
    rows = ComparedOffer.objects.values_list("product_id", "fingerprint", "group")
    return {pk: (digest, group) for pk, digest, group in rows.iterator(chunk_size=5000)}


def links() -> dict[Pair, float]:
    """Return how likely each pair is one product that was found to be."""
    rows = OfferMatch.objects.values_list("first_id", "second_id", "chance")
    return {(one, other): chance for one, other, chance in rows.iterator(chunk_size=5000)}


def _attribute(attributes: dict[str, Any], name: str) -> str:
    """The attribute, if it is one text."""
    value = attributes.get(name)
    return value if isinstance(value, str) else ""
