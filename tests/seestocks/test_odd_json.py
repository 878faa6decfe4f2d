"""What programs send that is no sense at all: it is refused in a sentence, and nothing breaks."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.test import Client
from pytest_django import Settings

from taxonomy.bounded_json import BoundedJSON, TooLarge
from tests.factories import make_category, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

DEEP = "[" * 100_000 + "]" * 100_000
HUGE = "9" * 400
ODD = (
    *('{"a": 1e999}', '{"a": NaN}', DEEP, f'{{"run": {HUGE}}}', '{"\\ud800": 1}', "\ufeff{}", "[]"),
    *('"x"', "null", "{", '{"token": "\\u0000", "note": "\\u0000"}'),
    json.dumps({"branch": None, "values": {"\ud800": "\ud800", "\0": "\0"}}),
    json.dumps({"branch": None, "values": {"minimum_confidence": int(HUGE)}, "based_on": None}),
    json.dumps({"address": "https://\0.example/\ud800", "events": ["\ud800"]}),
    json.dumps({"pages": [int(HUGE)], "branch": int(HUGE)}),
    json.dumps({"pages": ["\0"]}),
    json.dumps({"sides": ["\ud800"]}),
    json.dumps({"sides": [f"run:{HUGE}", {"run": int(HUGE)}]}),
    json.dumps({"text": "\0\ud800"}),
    json.dumps({"rules": [int(HUGE)]}),
)
ADDRESSES = (
    *("rules", "rules-previews", "webhooks", "runs", "releases", "comparisons", "trainings"),
    *(
        "evaluations",
        "adoptions",
        "previews",
        "pages/7/hand-rules",
        "pages/7/wrong-here",
        "pages/7/draft/publish",
    ),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_json_is_refused_in_a_sentence(client: Client, address: str) -> None:
    make_category("Pepper", id=7, is_page=True)
    client.force_login(make_user("merchandisers", is_superuser=True))
    for body in ODD:
        answer = client.post(
            f"/api/{address}", body.encode("utf-8", "surrogatepass"), "application/json"
        )
        assert 400 <= answer.status_code < 500, (address, body[:80], answer.content[:200])
        assert answer.json()


def test_more_json_than_forms_may_have_is_not_read(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    told = BytesIO(b"[" + b"1," * 1_000)
    with pytest.raises(TooLarge):
        BoundedJSON().parse(told)
    assert told.tell() == 1_001


def test_characters_of_two_escapes_are_read() -> None:
    assert BoundedJSON().parse(BytesIO(b'{"note": "\\ud83e\\udd41"}')) == {"note": "\U0001f941"}
