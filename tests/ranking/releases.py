"""Runs that are published in tests, under a gate that says what the test needs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ranking.actions.publish import publish_run, roll_back
from ranking.listings import listing_of, told
from ranking.models import Release, Run
from ranking.queries.gate import Gate
from ranking.queries.lineup import lineup
from ranking.queries.shown import newest_release, shown_publication
from taxonomy.models import Category, Product
from tests.ranking.rankings import make_ranking, make_run

OPEN = Gate(is_open=True, is_measured=True)
SHUT = Gate(is_open=False, is_measured=True, reasons=["Mills is worse."])


def set_gate(monkeypatch: pytest.MonkeyPatch, said: Gate) -> None:
    for asker in ("ranking.actions.publish", "ranking.queries.releases", "ranking.api.releases"):
        monkeypatch.setattr(f"{asker}.gate", lambda _: said)


def make_found(found: Mapping[Category, Sequence[Product]], **fields: Any) -> Run:
    """Return a finished run that ranked these products on these pages, as a worker leaves it."""
    run = make_run(**fields)
    for page, products in found.items():
        part = make_ranking(page, shown=products, run=run)
        part.listing = listing_of(part, lineup(part, "none"))
        part.save(update_fields=["listing"])
    return run


def publish(run: Run, **said: Any) -> Release:
    """Publish over what is published now."""
    values = {"by": None, "token": uuid.uuid4(), "based_on": newest(), **said}
    return publish_run(run, **values)


def back_to(release: Release, **said: Any) -> Release:
    """Roll back over what is published now."""
    values = {"by": None, "token": uuid.uuid4(), "based_on": newest(), **said}
    return roll_back(release, **values)


def newest() -> int | None:
    release = newest_release()
    return release.pk if release else None


def shop(page: Category) -> list[int] | None:
    """The products that the shop is told of the page, in order; None: it is not published."""
    publication = shown_publication(page)
    if publication is None:
        return None
    return [one["product"] for one in told(publication.listing)["products"]]


def ids(products: Sequence[Product]) -> list[int]:
    return [product.pk for product in products]
