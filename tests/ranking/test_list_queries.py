"""Lists ask the database as often for many rows as for a few."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ranking.models import (
    BranchRules,
    Delivery,
    Event,
    HandRule,
    Night,
    RulesState,
    RunNote,
    State,
    Webhook,
)
from taxonomy.models import Category
from tests.factories import make_category, make_user
from tests.ranking.conftest import products
from tests.ranking.rankings import make_run
from tests.ranking.releases import make_found, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_gate")]

FEW, MANY = 2, 9
LISTS = (
    *("/", "/pages/", "/pages/stale/", "/rules/", "/releases/", "/compare/", "/nights/", "/runs/"),
    *("/webhooks/", "/quality/", "/discriminators/", "/api/pages", "/api/runs", "/api/releases"),
    *(
        "/api/nights",
        "/api/webhooks",
        "/api/published",
        "/api/comparisons",
        "/api/rules",
        "/api/quality",
    ),
)


@pytest.mark.parametrize("address", LISTS)
def test_many_rows_take_no_more_queries_than_a_few(merchandiser: Client, address: str) -> None:
    top = make_category("Kitchen", id=90)
    grow(top, FEW)
    asked = queries(merchandiser, address)
    grow(top, MANY)
    assert queries(merchandiser, address) <= asked


def grow(top: Category, count: int) -> None:
    """Let so many more pages be ranked, published, ruled, told and noted, each by itself."""
    for _ in range(count):
        number = Category.objects.count() + 90
        page = make_category(f"Page {number}", id=number + 1, parent=top, is_page=True)
        found = products(3)
        run = make_found({page: found}, started_by=make_user("merchandisers"))
        publish(run)
        RunNote.objects.create(run=run, text="as it was", author=run.started_by)
        day = date(2026, 1, 1) + timedelta(days=number)
        Night.objects.create(day=day, run=run, settled_at=timezone.now(), outcome="Published.")
        BranchRules.objects.create(branch=page, values={}, state=RulesState.LIVE)
        HandRule.objects.create(
            page=page, product=found[0], kind="hide", state="live", live_at=timezone.now()
        )
        hook = Webhook.objects.create(
            address=f"https://shop.example/{number}", events=[Event.PUBLISHED]
        )
        Delivery.objects.create(webhook=hook, event=Event.PUBLISHED, payload={})
        make_run(State.FAILED)


def queries(client: Client, address: str) -> int:
    """How many a visit takes, what is kept from one to the next not counted."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)
