"""What a shop asks for, again and again: the listing that a page shows, in parts as bytes.

On this way no query is compiled and no row is made into objects: both take longer than all the
rest of an answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache as once
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from knox.crypto import hash_token
from knox.models import AuthToken

from ranking.listings import told
from ranking.models import Listing, Publication, Shown

MAY_READ = "ranking.view_listing"
KEPT_SECONDS = 24 * 3600  # unasked for; keys have the digest, so nothing is ever wrong
GRACE = timedelta(minutes=15)  # for which whoever has begun to leaf goes on with what was shown
_PAGE, _TOKEN = -1, "a token's digest"  # stand for what is asked in queries compiled once

_BACKEND = "django.contrib.auth.backends.ModelBackend"

Compiled = tuple[str, tuple[Any, ...]]  # SQL and its parameters
# The products of a listing by position, each as JSON, and the facets of all.
Parts = tuple[tuple[bytes, ...], bytes]


@dataclass(frozen=True, slots=True)
class Slice:
    """Which of a listing's products are asked for: `limit` of them behind position `after`."""

    after: int
    limit: int


def listing_shown(page: int) -> str | None:
    """Return the digest of the listing that the page shows now; None: it is not published."""
    found = _value(_shown(), _PAGE, page)
    return None if found is None else str(found)


def token_may_read(secret: str) -> bool:
    """Whether it is the token, revoked and expired by nobody, of a person who may read listings."""
    return _value(_readers_token(), _TOKEN, hash_token(secret)) is not None


def parts_of(digest: str) -> Parts:
    """Return the listing in parts; raises Listing.DoesNotExist."""
    kept = kept_parts(digest)
    if kept is None:
        kept = cut(told(Listing.objects.get(pk=digest)))
        cache.set(_key(digest), kept, KEPT_SECONDS)
    return kept


def kept_parts(digest: str) -> Parts | None:
    """Return the listing in parts, if they are kept."""
    found: Parts | None = cache.get(_key(digest))
    return found


def cut(content: dict[str, Any]) -> Parts:
    """Return what a listing tells in parts."""
    return tuple(_json(product) for product in content["products"]), _json(content["facets"])


def written(page: int, digest: str, parts: Parts, asked: Slice, address: str) -> bytes:
    """Return the answer: the products asked for, in JSON, with all facets and the next address."""
    products, facets = parts
    end = asked.after + asked.limit
    following: str | None = None
    if end < len(products):
        following = f"{address}?after={end}&limit={asked.limit}&listing={digest}"
    return b'{"page":%d,"listing":"%s","count":%d,"next":%s,"products":[%s],"facets":%s}' % (
        page,
        digest.encode(),
        len(products),
        _json(following),
        b",".join(products[asked.after : end]),
        facets,
    )


def still_served(page: int, digest: str) -> bool:
    """Whether the page shows that listing, or did until a moment ago."""
    of_page = Publication.objects.filter(page=page)
    newest = of_page.filter(listing=digest).order_by("-id").first()
    if newest is None:
        return False
    after = of_page.filter(id__gt=newest.pk).order_by("id").first()
    if after is None:
        return Shown.objects.filter(page=page, publication=newest).exists()
    return Publication.objects.filter(pk=after.pk, release__at__gt=Now() - GRACE).exists()


def published() -> QuerySet[Shown]:
    """Return the pages that are published, in the order of the tree, with what they show."""
    about = ("page", "publication__release", "publication__listing")
    rows = Shown.objects.filter(page__is_page=True).select_related(*about)
    return rows.defer("publication__listing__body").order_by("page__path", "page")


@once
def _shown() -> Compiled:
    shown = Shown.objects.filter(page=_PAGE, page__is_page=True)
    compiled: Compiled = shown.values_list("publication__listing").query.sql_with_params()
    return compiled


@once
def _readers_token() -> Compiled:
    readers = User.objects.with_perm(MAY_READ, backend=_BACKEND)
    tokens = AuthToken.objects.filter(Q(expiry=None) | Q(expiry__gt=Now()), digest=_TOKEN)
    its_own = tokens.filter(user__in=readers).values_list("digest")
    compiled: Compiled = its_own.query.sql_with_params()
    return compiled


def _value(compiled: Compiled, stands_for: object, asked: int | str) -> object | None:
    """The only value of the only row, of a query in which what is asked takes its place."""
    sql, parameters = compiled
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked if one == stands_for else one for one in parameters])
        row = cursor.fetchone()
    return row[0] if row else None


def _key(digest: str) -> str:
    return f"listing:{digest}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
