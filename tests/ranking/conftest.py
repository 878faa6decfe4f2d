"""A merchandiser at the browser, and a page to look at."""

from __future__ import annotations

import pytest
from django.test import Client

from ranking.actions import start_run
from ranking.models import Run
from taxonomy.models import Category, Product
from tests.factories import make_category, make_product, make_user
from tests.ranking.releases import OPEN, SHUT, set_gate

HTMX = {"HX-Request": "true"}


@pytest.fixture
def merchandiser(client: Client) -> Client:
    client.force_login(make_user("merchandisers"))
    return client


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", id=7, is_page=True)


def products(number: int) -> list[Product]:
    return [make_product(f"Peppercorns no. {place}") for place in range(1, number + 1)]


def text_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def run() -> Run:
    """Return a run of three pages that nobody works on yet."""
    for _ in range(3):
        make_category(is_page=True)
    return start_run(here=True)


@pytest.fixture
def open_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every run through the gate."""
    set_gate(monkeypatch, OPEN)


@pytest.fixture
def shut_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run through the gate."""
    set_gate(monkeypatch, SHUT)
