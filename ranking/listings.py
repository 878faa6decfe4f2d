"""What the shop is told of one page, as canonical JSON: equal content is one row."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from babel.numbers import get_currency_precision
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from ranking.models import Listing, PageRun, Publication
from taxonomy.imports.prices import COLUMN_DECIMALS
from taxonomy.models import PictureState, Product

if TYPE_CHECKING:
    from ranking.queries.lineup import Line

FIRST = 10  # products, by which pages are compared
BANDS = 5  # of prices, at most
NICE = tuple(map(Decimal, ("1", "1.5", "2", "2.5", "3", "4", "5", "7.5")))  # times a power of ten


def listing_of(page_run: PageRun, lines: Iterable[Line]) -> Listing:
    """Return the saved listing of a page's lines, in their order; those not shown are left out.

    Prices, links and availability are frozen as the feeds say them at this moment. In a
    transaction the listing is there until its end, so that it can be named.
    """
    content = content_of(page_run, lines)
    products = content["products"]
    body = canonical(content)
    listing = Listing(
        digest=digest_of(body),
        body=zlib.compress(body),
        products=len(products),
        first=[one["product"] for one in products[:FIRST]],
    )
    # A row that is there is written as it was: so it is held against `forget_listings`.
    Listing.objects.bulk_create(
        [listing], update_conflicts=True, unique_fields=["digest"], update_fields=["products"]
    )
    return listing


def content_of(page_run: PageRun, lines: Iterable[Line]) -> dict[str, Any]:
    """Return what a shop would be told of the page's lines: see `told`."""
    shown = [line for line in lines if line.place is not None]
    products = [_product(line, position) for position, line in enumerate(shown, start=1)]
    return {"page": page_run.page_id, "products": products, "facets": facets(products)}


def canonical(content: dict[str, Any]) -> bytes:
    """Return the only way in which the content is written."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return written.encode()


def digest_of(body: bytes) -> str:
    """Return what a listing is known by."""
    return blake2b(body, digest_size=32).hexdigest()


def forget_listings() -> int:
    """Delete what no publication shows and no page run would show; return how many went.

    What somebody is about to name is passed over.
    """
    with transaction.atomic():
        locked = _unnamed().select_for_update(skip_locked=True, of=("self",))
        free = list(locked.values_list("pk", flat=True))
        # Looked at again: between the look and the lock one can have been named.
        return _unnamed().filter(pk__in=free).delete()[0]


def _unnamed() -> QuerySet[Listing]:
    page_runs = PageRun.objects.filter(listing=OuterRef("pk"))
    publications = Publication.objects.filter(listing=OuterRef("pk"))
    return Listing.objects.filter(~Exists(page_runs), ~Exists(publications))


def told(listing: Listing) -> dict[str, Any]:
    """Return what the shop is told: "page", "products", each with its "offers", and "facets"."""
    content: dict[str, Any] = json.loads(zlib.decompress(bytes(listing.body)))
    return content


def overlap(first: Sequence[int], other: Sequence[int]) -> float:
    """Return how alike two lists of products are, whatever their order: Jaccard, 0 to 1."""
    both = set(first) | set(other)
    return len(set(first) & set(other)) / len(both) if both else 1.0


def facets(products: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return by brand, retailer and price how many of the products have it.

    A product counts for every retailer that offers it, also behind another's offer.
    """
    retailers = (
        name
        for one in products
        for name in {one["retailer"], *(offer["retailer"] for offer in one["offers"])}
    )
    return {
        "brand": _counted(one["brand"] for one in products if one["brand"]),
        "retailer": _counted(retailers),
        "price": _price_bands(products),
    }


def _product(line: Line, position: int) -> dict[str, Any]:
    product = line.ranked.product
    return {
        "position": position,
        "title": product.title,
        "brand": product.brand,
        "picture": _picture(product),
        "image_link": product.image_link,
        "offers": [_offer(behind.ranked.product) for behind in line.offers],
        **_offer(product),
    }


def _offer(product: Product) -> dict[str, Any]:
    return {
        "product": product.pk,
        "offer_id": product.offer_id,
        "retailer": product.retailer.name,
        "made_up": product.retailer.made_up,
        "price": _written(product.price, product.currency),
        "currency": product.currency,
        "availability": product.availability,
        "link": product.link,
    }


def _picture(product: Product) -> str:
    """The address of the checked picture on this installation; none: there is no such."""
    ready = product.picture_state == PictureState.READY and product.picture
    return reverse("picture", args=(product.picture,)) if ready else ""


def _written(price: Decimal | None, currency: str) -> str | None:
    """Always with the currency's own number of decimals, so that equal prices are written alike."""
    return None if price is None else f"{price:.{_decimals(currency)}f}"


def _decimals(currency: str) -> int:
    return min(get_currency_precision(currency), COLUMN_DECIMALS)


def _counted(values: Iterable[str]) -> list[dict[str, Any]]:
    """The commonest first, ties by name."""
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    return [{"value": value, "count": count} for value, count in counts]


def _price_bands(products: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bands of about as many products each, of the commonest currency alone.

    From their lower end up to, and without, their upper one; the last has none.
    """
    priced = [one for one in products if one["price"] is not None]
    if not priced:
        return []
    currency = _counted(one["currency"] for one in priced)[0]["value"]
    prices = sorted(Decimal(one["price"]) for one in priced if one["currency"] == currency)
    places = (len(prices) * band // BANDS for band in range(1, BANDS))
    unit = Decimal(1).scaleb(-_decimals(currency))
    nice = (_nice(prices[place]).quantize(unit, ROUND_CEILING) for place in places)
    cuts = sorted({*nice, Decimal(0)})
    cuts = [cut for cut in cuts if cut <= prices[-1]]
    ends: list[Decimal | None] = [*cuts[1:], None]
    bands = [
        {
            "from": _written(low, currency),
            "to": _written(high, currency),
            "currency": currency,
            "count": sum(low <= price and (high is None or price < high) for price in prices),
        }
        for low, high in zip(cuts, ends, strict=True)
    ]
    return [band for band in bands if band["count"]]


def _nice(price: Decimal) -> Decimal:
    """The largest of NICE times a power of ten that is not above the price."""
    if price < 1:
        return Decimal(0)
    power = Decimal(10) ** price.adjusted()
    return max(number * power for number in NICE if number * power <= price)
