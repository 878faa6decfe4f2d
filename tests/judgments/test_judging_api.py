"""Judging by program: the same rules as on the screen."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from judgments.api.judging import Answering
from judgments.models import Judgment, Seat
from tests.factories import (
    make_campaign,
    make_category,
    make_judgment,
    make_product,
    make_user,
)
from tests.judgments.judging import make_gold, make_items

pytestmark = pytest.mark.django_db
SITTINGS = "/api/judging/sittings/"


class Program:
    """A person's program, which has sat down."""

    def __init__(self, role: str = "annotators", **asked: Any) -> None:
        self.client = Client()
        self.client.force_login(make_user(role))
        self.id = str(uuid.uuid4())
        self.begun = self.post("", SITTINGS, {"id": self.id, **asked})
        self.sequence = 0

    def post(self, what: str, start: str = "", body: object = None) -> Any:
        address = start or f"{SITTINGS}{self.id}/{what}/"
        return self.client.post(address, body, content_type="application/json")

    def seats(self, count: int = 20) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.post("next", body={"count": count}).json()["seats"]
        return found

    def answer(self, seat: object, **fields: Any) -> dict[str, Any]:
        self.sequence += 1
        said = {"token": str(uuid.uuid4()), "sequence": self.sequence, "seat": seat}
        return said | {"kind": "grade", "grade": 3} | fields

    def send(self, *answers: object) -> Any:
        return self.post("answers", body={"answers": list(answers)})


def test_a_program_sits_down_asks_and_answers() -> None:
    make_items(make_campaign(), 2)
    program = Program()
    assert program.begun.status_code == 200
    assert program.begun.json()["sequence"] == 0
    asked = program.post("next", body={}).json()
    assert (len(asked["seats"]), asked["left"], asked["stopped"]) == (2, 2, "")
    said = program.answer(asked["seats"][0]["seat"], grade=2, seconds=0.8)
    done = program.send(said)
    assert done.status_code == 200
    assert done.json() == {
        "sequence": 1,
        "results": [{"token": said["token"], "refused": "", "told": None}],
        "notice": "",
    }
    assert Judgment.objects.get().grade == 2
    assert program.send(said).json() == done.json()
    assert Judgment.objects.count() == 1


def test_nothing_that_would_bend_a_judgment_is_in_what_is_asked() -> None:
    make_items(make_campaign(gold_every=1), 2, pool="top", expected_change=0.7)
    make_gold(1)
    seats = Program().seats(2)
    assert {frozenset(seat) for seat in seats} == {
        frozenset(
            {
                "seat",
                "page",
                "sibling",
                "product",
                "offer_id",
                "retailer",
                "title",
                "lease_until",
            }
        )
    }
    assert Seat.objects.filter(item__purpose="gold").count() == 1


def test_a_practice_item_tells_its_answer() -> None:
    make_items(make_campaign(gold_every=1), 1)
    make_gold(1, training=True, explanation="It is one.")
    program = Program()
    (seat,) = program.seats(1)
    told = program.send(program.answer(seat["seat"], grade=0)).json()["results"][0]["told"]
    assert told == {"grade": 3, "explanation": "It is one.", "right": False}


def test_a_missing_number_is_asked_for() -> None:
    make_items(make_campaign(), 1)
    program = Program()
    (seat,) = program.seats()
    response = program.send(program.answer(seat["seat"]) | {"sequence": 3})
    assert (response.status_code, response.json()) == (409, {"expects": 1})


@pytest.mark.parametrize(
    ("wrong", "index", "field"),
    [
        ({"grade": 7}, 1, "grade"),
        ({"kind": "shrug"}, 1, "kind"),
        ({"seat": 987_654}, 1, "seat"),
        ({"token": "mine"}, 1, "token"),
        ({"belongs_to": 987_654}, 1, "belongs_to"),
        ({"kind": "later"}, 1, "grade"),
        ({"note": "a\0b"}, 1, "note"),
    ],
)
def test_what_is_malformed_is_named(wrong: dict[str, object], index: int, field: str) -> None:
    make_items(make_campaign(), 2)
    program = Program()
    first, second = (seat["seat"] for seat in program.seats())
    response = program.send(program.answer(first), program.answer(second) | wrong)
    told = response.json()
    assert (response.status_code, told["index"], told["field"]) == (422, index, field)
    assert told["detail"]
    assert not Judgment.objects.exists()


@pytest.mark.rows
def test_a_judgments_token_is_not_taken_for_an_answers() -> None:
    make_items(make_campaign(), 1)
    program = Program()
    (seat,) = program.seats()
    said = make_judgment(make_category(), make_product(), 0)
    response = program.send(program.answer(seat["seat"], token=str(said.token)))
    told = response.json()
    assert (response.status_code, told["index"], told["field"]) == (422, 0, "token")


@pytest.mark.parametrize("body", [{}, [], {"answers": "no"}, {"answers": [{}] * 201}])
def test_a_body_without_answers_is_malformed(body: object) -> None:
    assert Program().post("answers", body=body).status_code == 422


def test_an_answer_that_is_no_object_is_malformed() -> None:
    assert Program().send("three").status_code == 422


def test_a_sitting_is_not_open_to_others() -> None:
    make_items(make_campaign(), 1)
    mine, other = Program(), Program("leads")
    other.id = mine.id
    assert other.post("next", body={}).status_code == 403
    assert other.send(other.answer(1)).status_code == 403
    assert other.post("", SITTINGS, {"id": mine.id}).status_code == 403
    other.id = str(uuid.uuid4())
    assert other.post("next", body={}).status_code == 404


def test_a_sitting_about_nothing_that_exists_is_refused() -> None:
    assert Program(campaign=987_654).begun.status_code == 404
    assert Program(branch=987_654).begun.status_code == 404
    assert Program(view="sideways").begun.status_code == 400
    assert Program(aside="judged").begun.status_code == 400


def test_strangers_and_people_without_a_role_cannot_judge() -> None:
    body = {"id": str(uuid.uuid4())}
    assert Client().post(SITTINGS, body, content_type="application/json").status_code == 401
    nobody = Client()
    nobody.force_login(make_user())
    assert nobody.post(SITTINGS, body, content_type="application/json").status_code == 403


def test_a_program_that_runs_wild_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "rate", "3/min")
    make_product()
    program = Program()
    statuses = [program.post("next", body={}).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
