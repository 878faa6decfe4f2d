"""The whole product, from a feed to the shop and back, by its JSON addresses alone."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from ranking.actions.job_pieces import work_here
from ranking.actions.rank import work
from ranking.models import Comparison
from ranking.queries.inputs import snapshot
from tests.encoders import WordEncoder
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FEED = "id\ttitle\tprice\tavailability\tbrand\n"
KINDS = ("brass", "oak", "paper", "glass", "steel")


@pytest.fixture(autouse=True)
def _quick_encoder(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()


class Program:
    """A program with the token of somebody in a role."""

    def __init__(self, role: str) -> None:
        _, secret = AuthToken.objects.create(make_user(role))
        self.client = Client(headers={"Authorization": f"Token {secret}"})

    def get(self, address: str) -> Any:
        return self._told(self.client.get(f"/api/{address}"))

    def post(self, address: str, **said: Any) -> Any:
        return self._told(self.client.post(f"/api/{address}", said, "application/json"))

    def change(self, method: str, address: str, **said: Any) -> Any:
        ask = getattr(self.client, method)
        return self._told(ask(f"/api/{address}", said, "application/json"))

    def send(self, address: str, rows: str, **said: str) -> Any:
        file = SimpleUploadedFile("feed.tsv", rows.encode())
        return self._told(self.client.post(f"/api/{address}", {"file": file, **said}))

    @staticmethod
    def _told(response: Any) -> Any:
        assert response.status_code < 300, response.content
        return response.json()


def test_from_a_feed_to_the_shop_and_back() -> None:
    taxonomist, merchandiser, shop = (
        Program(role) for role in ("taxonomists", "merchandisers", "storefronts")
    )
    lamps, candles = pages_of(taxonomist, "lamp", "candle")
    bring(merchandiser, *(f"{kind} {name}" for name in ("lamp", "candle") for kind in KINDS))
    first = publish(merchandiser, ranked(merchandiser), None)
    before = shop.client.get(f"/api/pages/{lamps}/ranking")
    assert before.json()["count"] > 0

    judge(taxonomist, lamps)
    change = {"text": "has a bulb", "based_on": 0, "live": True}
    taxonomist.change("put", f"discriminators/{lamps}/{candles}", **change)
    bring(merchandiser, "silver lamp", "silver lamp with two arms")
    run = ranked(merchandiser)
    asked = merchandiser.post("comparisons", sides=["published", f"run:{run}"])
    work_here(Comparison.objects.get(pk=asked["id"]))
    assert merchandiser.get(f"comparisons/{asked['id']}")["state"] == "done"
    second = publish(merchandiser, run, first)

    known = {"If-None-Match": before["ETag"]}
    after = shop.client.get(f"/api/pages/{lamps}/ranking", headers=known)
    assert after.status_code == 200
    assert any("silver" in one["title"] for one in after.json()["products"])

    back = {"token": str(uuid.uuid4()), "based_on": second}
    merchandiser.post(f"releases/{first}/roll-back", **back)
    assert shop.client.get(f"/api/pages/{lamps}/ranking", headers=known).status_code == 304


def pages_of(taxonomist: Program, *names: str) -> list[int]:
    """New categories below one, switched on."""
    above = taxonomist.post("categories", name="lighting", parent=None)["id"]
    made = [taxonomist.post("categories", name=name, parent=above) for name in names]
    for one in made:
        change = {"based_on": one["based_on"], "page": True}
        taxonomist.change("patch", f"categories/{one['id']}", **change)
    return [one["id"] for one in made]


def bring(merchandiser: Program, *titles: str) -> None:
    """Products of one shop, beside those that it has."""
    rows = "".join(f"{title}\t{title}\t9.90 EUR\tin_stock\tAcme\n" for title in titles)
    told = merchandiser.send("imports", FEED + rows, retailer="Lights", partial="true")
    assert told["created"] == len(titles)


def judge(taxonomist: Program, page: int) -> None:
    """The best candidates of the page are right."""
    for one in taxonomist.get(f"pages/{page}/candidates?limit=3")["results"]:
        about = {"page": page, "product": one["product"], "grade": 3}
        taxonomist.post("judgments/", token=str(uuid.uuid4()), **about)
    assert taxonomist.get(f"judgments/?page={page}")["count"] == 3


def ranked(merchandiser: Program) -> int:
    """A run of all pages, with a worker who does it."""
    run = merchandiser.post("runs")["id"]
    while work(run):
        pass
    assert merchandiser.get(f"runs/{run}")["state"] == "done"
    return int(run)


def publish(merchandiser: Program, run: int, based_on: int | None) -> int:
    """The run goes to the shop, whatever the gate says of so few judgments."""
    said = {"token": str(uuid.uuid4()), "based_on": based_on}
    said |= {"against_gate": True, "note": "A handful of judgments says little."}
    return int(merchandiser.post("releases", run=run, **said)["id"])
