"""What the shop shows, for the shop: published listings, in parts, with their ETags.

Two ways lead to the same bytes. Most requests end in `ahead`, before sessions, forms and all else
that people need; whatever is not as usual goes on to the view, which says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from time import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from ranking.models import Shown
from ranking.queries import storefront
from ranking.queries.storefront import Slice
from taxonomy.described import NUMBER, Schema, described
from taxonomy.models import Category
from taxonomy.rest import JsonView, May, found_or_404, listed

FORM = "1"  # of the answer, apart from what it tells: a new one changes every ETag
FIRST, MOST = 48, 200  # products in one answer: when nothing is said, and at most
ADDRESS = re.compile(r"/api/pages/([0-9]{1,18})/ranking")
TOKEN = re.compile(r"(?i:token) ([0-9a-f]{64})")
DIGEST = re.compile(r"[0-9a-f]{64}")
WINDOW = 60  # seconds in which requests are counted


class MayReadListings(May):
    """Reading takes the right to; there is nothing to write."""

    to_read = to_write = storefront.MAY_READ


class ShopRate(BaseThrottle):
    """So many requests a minute from one token, person or address; kept in the cache."""

    def allow_request(self, request: Request, view: APIView) -> bool:  # noqa: ARG002  DRF passes it
        return counted(_caller(request))

    def wait(self) -> float:
        return WINDOW - time() % WINDOW


class StorefrontView(JsonView):
    """Open to whom SEESTOCKS_STOREFRONT lets in."""

    permission_classes = [MayReadListings]
    throttle_classes = [ShopRate]

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if is_open() else super().get_authenticators()

    def get_permissions(self) -> Sequence[Any]:
        return [] if is_open() else super().get_permissions()


class PublishedFields(serializers.Serializer[Shown]):
    """A published page; its ranking has the listing's ETag."""

    page = serializers.IntegerField(source="page_id")
    name = serializers.CharField(source="page.shown_name")
    path = serializers.CharField(source="page.path")
    listing = serializers.CharField(source="publication.listing_id")
    products = serializers.IntegerField(source="publication.listing.products")
    published_at = serializers.DateTimeField(source="publication.release.at")


class Published(StorefrontView):
    """What is published."""

    @described(PublishedFields, listed=True, refuses=(429,))
    def get(self, request: Request) -> Response:
        """Return the published pages in the order of the tree, each with its listing.

        Whoever keeps a copy asks only for the rankings whose listing has changed.
        """
        return listed(request, storefront.published(), PublishedFields)


class OfferFields(serializers.Serializer[Any]):
    """What one retailer offers; its price is a text, with the currency's own number of decimals."""

    product = serializers.IntegerField()
    offer_id = serializers.CharField()
    retailer = serializers.CharField()
    made_up = serializers.BooleanField()
    price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    availability = serializers.CharField()
    link = serializers.CharField()


class ProductFields(OfferFields):
    """A product of a page, with other retailers' offers of the same."""

    position = serializers.IntegerField()
    title = serializers.CharField()
    brand = serializers.CharField()
    picture = serializers.CharField()
    image_link = serializers.CharField()
    offers = OfferFields(many=True)


class ListingFields(serializers.Serializer[Any]):
    """A part of what a page shows: `facets` are of all of it, and so is `count`."""

    page = serializers.IntegerField()
    listing = serializers.CharField()
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    products = ProductFields(many=True)
    facets = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))


ASKS: dict[str, Schema] = {
    "after": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1, "default": 0},
    "limit": NUMBER | {"maximum": MOST, "default": FIRST},
    "listing": {"type": "string", "pattern": f"^{DIGEST.pattern}$"},
}


class Ranking(StorefrontView):
    """What a page shows."""

    @described(ListingFields, asks=ASKS, refuses=(429,))
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return the products that the page shows, by position, with other offers and facets.

        The next part's address names the listing, so that nobody who leafs sees a product twice
        or misses one: a listing is served for a quarter of an hour after it was followed by
        another, and then answered with 404. With If-None-Match and an ETag that still counts: 304.
        """
        page = found_or_404(Category.objects.filter(is_page=True), pk, "page")
        asked = _slice(request)
        shown = storefront.listing_shown(page.pk)
        digest = request.query_params.get("listing") or shown
        if digest is None:
            raise NotFound(f"Page {pk} is not published.")
        if digest != shown and not storefront.still_served(page.pk, digest):
            raise NotFound("This listing is no longer shown: begin again without it.")
        if _knows(request, digest):
            return _not_modified(digest)
        return _answer(request, page.pk, digest, storefront.parts_of(digest), asked)


def ahead(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answers for what is published and kept at once, and lets all else pass."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return at_once(request) or get_response(request)

    return middleware


def at_once(request: HttpRequest) -> HttpResponse | None:
    """Return the answer if nothing stands in its way; None: let the view say what does."""
    address = ADDRESS.fullmatch(request.path_info)
    if address is None or request.method not in ("GET", "HEAD") or not _is_let_in(request):
        return None
    page, asked = int(address[1]), _plain_slice(request)
    digest = storefront.listing_shown(page) if asked else None
    if asked is None or digest is None or request.GET.get("listing", digest) != digest:
        return None
    known = _knows(request, digest)
    parts = None if known else storefront.kept_parts(digest)
    if not (known or parts) or not counted(_caller(request)):
        return None
    return _answer(request, page, digest, parts, asked) if parts else _not_modified(digest)


def is_open() -> bool:
    """Whether everybody may read what is published."""
    return bool(settings.SEESTOCKS_STOREFRONT == "anonymous")


def counted(caller: str) -> bool:
    """Count one more request of the caller's; False when that is more than it has."""
    if not settings.SEESTOCKS_STOREFRONT_RATE:
        return True
    key = f"shop-rate:{int(time()) // WINDOW}:{caller}"
    try:
        said: int = cache.incr(key)
    except ValueError:
        # Of two that begin at once both may count as the first: a rate is no account.
        cache.set(key, 1, 2 * WINDOW)
        said = 1
    return said <= settings.SEESTOCKS_STOREFRONT_RATE


def _is_let_in(request: HttpRequest) -> bool:
    if is_open():
        return True
    token = TOKEN.fullmatch(request.headers.get("Authorization", ""))
    return token is not None and storefront.token_may_read(token[1])


def _caller(request: HttpRequest | Request) -> str:
    """Who asks: the token (but for what makes it one), the person, or the address."""
    token = TOKEN.fullmatch(request.headers.get("Authorization", ""))
    if token and not is_open():
        return token[1][:15]
    user = getattr(request, "user", None)
    if not is_open() and user is not None and user.is_authenticated:
        return f"person-{user.pk}"
    return ShopRate().get_ident(request)  # type: ignore[arg-type]  # it reads META alone


def _slice(request: Request) -> Slice:
    """Return what is asked for. Raises ParseError."""
    found = _plain_slice(request)
    listing = request.GET.get("listing")
    if found is None or (listing is not None and not DIGEST.fullmatch(listing)):
        raise ParseError(
            f'"after" is a position, "limit" 1 to {MOST}, and "listing" as an answer had it.'
        )
    return found


def _plain_slice(request: HttpRequest | Request) -> Slice | None:
    after, limit = request.GET.get("after", "0"), request.GET.get("limit", str(FIRST))
    if not (after.isascii() and after.isdecimal() and len(after) < 10):
        return None
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
        return None
    return Slice(int(after), int(limit)) if 1 <= int(limit) <= MOST else None


def _knows(request: HttpRequest | Request, digest: str) -> bool:
    """Whether If-None-Match names the listing; weak ETags, and "*", do as well."""
    known = request.headers.get("If-None-Match")
    if known is None:
        return False
    tags = [tag.removeprefix("W/") for tag in parse_etags(known)]
    return _etag(digest) in tags or "*" in tags


def _answer(
    request: HttpRequest | Request, page: int, digest: str, parts: storefront.Parts, asked: Slice
) -> HttpResponse:
    body = storefront.written(page, digest, parts, asked, request.path)
    response = HttpResponse(
        b"" if request.method == "HEAD" else body, content_type="application/json"
    )
    response["Content-Length"] = str(len(body))
    return _named(response, digest)


def _not_modified(digest: str) -> HttpResponse:
    return _named(HttpResponse(status=304), digest)


def _named(response: HttpResponse, digest: str) -> HttpResponse:
    """Whoever keeps the answer asks each time whether it still counts: that costs a 304."""
    response["ETag"] = _etag(digest)
    response["Cache-Control"] = "public, no-cache" if is_open() else "private, no-cache"
    if not is_open():
        patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def _etag(digest: str) -> str:
    return f'"{digest}.{FORM}"'
