"""A shop with two runs of all its pages, of which the first is published; made in its shell."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone
from knox.models import AuthToken

from ranking.actions.publish import publish_run
from ranking.listings import listing_of
from ranking.models import PageRun, RankedProduct, Run
from ranking.queries.lineup import lineup
from taxonomy.models import Category, Product, Retailer

RETAILERS, STOCK = 20, 5_000


def fill(pages: int, shown: int) -> dict[str, Any]:
    """Make the rows; return tokens, runs, and what each run has each page tell, by digest."""
    _catalogue(pages)
    products = list(Product.objects.order_by("id").values_list("id", flat=True))
    runs = [_run(products, pages, shown, step) for step in (1, -1)]
    first, second = ({part.page_id: part.listing_id for part in _parts(run)} for run in runs)
    release = publish_run(runs[0], by=None, token=uuid.uuid4(), based_on=None)
    return {
        "shop": _token("storefronts"),
        "merchandiser": _token("merchandisers"),
        "run": runs[1].pk,
        "release": release.pk,
        "before": first,
        "after": second,
    }


def _catalogue(pages: int) -> None:
    now = timezone.now()
    Category.objects.bulk_create(
        Category(id=pk, name=f"Page {pk}", path=f"Page {pk}", lineage=f"/{pk}/", is_page=True)
        for pk in range(1, pages + 1)
    )
    shops = Retailer.objects.bulk_create(Retailer(name=f"Shop {n}") for n in range(RETAILERS))
    Product.objects.bulk_create(
        Product(
            retailer=shops[n % RETAILERS],
            offer_id=str(n),
            title=f"A product with a title of usual length, number {n}",
            brand=f"Brand {n % 97}",
            price=f"{1 + n % 400}.90",
            currency="EUR",
            link=f"https://shop-{n % RETAILERS}.example/products/{n}",
            image_link=f"https://shop-{n % RETAILERS}.example/pictures/{n}.jpg",
            fingerprint=f"{n:032x}",
            first_seen=now,
            last_seen=now,
        )
        for n in range(STOCK)
    )


def _run(products: list[int], pages: int, shown: int, step: int) -> Run:
    """A finished run; the other `step` turns each page's order round."""
    now = timezone.now()
    run = Run.objects.create(state="done", as_of=now, prepared_at=now, finished_at=now)
    ended = {"state": "done", "finished_at": now, "shown": shown}
    parts = PageRun.objects.bulk_create(
        PageRun(run=run, page_id=page, **ended) for page in range(1, pages + 1)
    )
    for part in parts:
        start = 37 * part.page_id
        chosen = [products[(start + n) % len(products)] for n in range(shown)][::step]
        RankedProduct.objects.bulk_create(
            RankedProduct(
                page_run=part,
                product_id=product,
                position=place,
                why="",
                score=-place,
                confidence=0.9,
            )
            for place, product in enumerate(chosen, start=1)
        )
        part.listing = listing_of(part, lineup(part, rules="none"))
        part.save(update_fields=["listing"])
    return run


def _parts(run: Run) -> list[PageRun]:
    return list(run.page_runs.order_by("page"))


def _token(role: str) -> str:
    user = User.objects.create(username=role)
    user.groups.add(Group.objects.get(name=role))
    _, secret = AuthToken.objects.create(user)
    return str(secret)
