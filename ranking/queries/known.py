"""What a run's rankings follow from, told from rows alone: whether anything has changed at all.

Loads no arrays. Where it cannot be told from here that a page is as it was, a worker looks closer:
see `ranking.pipeline.known`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db.models import Max

from ranking import listings, pipeline
from ranking.models import ComparedOffer, Run
from ranking.pipeline.options import Options
from taxonomy.models import Category, Filing, FilingSource, Product, Retailer

# What of rows rankings and listings follow from, of products their feeds' words as a fingerprint.
OF_PRODUCT = ("id", "fingerprint", "picture", "picture_state")
AT_ONCE = 5_000
LONGEST = Options().longest_unseen_days  # where no rule says otherwise


def shop_digest(run: Run) -> str:
    """Return 32 hexadecimal digits of all rows that the run's rankings follow from."""
    content = blake2b(digest_size=16)
    for line in _lines(run):
        content.update(f"{line!r}\n".encode())
    return content.hexdigest()


@lru_cache(maxsize=1)
def pipeline_digest() -> str:
    """Return 16 hexadecimal digits of the program that ranks and writes listings: with another,
    pages are not as they were though nothing of them has changed."""
    content = blake2b(digest_size=8)
    ranks = sorted(Path(pipeline.__file__).parent.rglob("*.py"))
    for path in (*ranks, Path(listings.__file__)):
        content.update(path.read_bytes())
    return content.hexdigest()


def sellers() -> dict[int, str]:
    """Return by retailer's id what listings tell of it besides its offers."""
    rows = Retailer.objects.order_by("id").values_list("id", "name", "made_up")
    return {pk: repr(told) for pk, *told in rows}


def _lines(run: Run) -> Iterator[object]:
    told = run.settings
    yield told["judgments_until"], told["discriminators_until"], told["truth"]
    yield told["rules"]  # as they were when it began, by which it ranks: not those of this moment
    live = Category.objects.live().order_by("id")
    yield from live.values_list("id", "parent", "path", "is_page").iterator(chunk_size=AT_ONCE)
    yield sellers()
    yield from _products(run.as_of, _longest_unseen(told["rules"]["sets"]))
    # A model's own filings are not heard.
    filed = Filing.objects.exclude(source=FilingSource.MODEL).order_by("id")
    filings = filed.values_list("id", "product", "category", "confidence")
    yield from filings.iterator(chunk_size=AT_ONCE)
    groups = ComparedOffer.objects.order_by("product").values_list("product", "group")
    yield from groups.iterator(chunk_size=AT_ONCE)


def _products(as_of: datetime, least: float) -> Iterator[object]:
    """Each retailer's silence of more days than the least that counts; then each product, with how
    many days before its retailer's newest crawl it was last seen: a crawl that finds all as it was
    changes nothing."""
    known = Product.objects.filter(first_seen__lte=as_of)
    crawls = known.order_by("retailer").values_list("retailer").annotate(newest=Max("last_seen"))
    newest = {retailer: min(at, as_of) for retailer, at in crawls}
    silent = {retailer: whole_days(as_of - at) for retailer, at in newest.items()}
    yield [(retailer, days) for retailer, days in silent.items() if days > least]
    rows = known.order_by("id").values_list(*OF_PRODUCT, "retailer", "last_seen")
    for *words, retailer, seen in rows.iterator(chunk_size=AT_ONCE):
        yield *words, retailer, whole_days(newest[retailer] - seen)


def _longest_unseen(sets: Sequence[Mapping[str, Any]]) -> float:
    """The fewest days for which any page lets products be unseen."""
    told: list[float] = [values.get("longest_unseen_days", LONGEST) for values in sets]
    return min(told)


def whole_days(time: timedelta) -> int:
    """Return the nearest whole number of days, none below 0: crawls of different nights end at
    different hours."""
    return max(0, round(time / timedelta(days=1)))
