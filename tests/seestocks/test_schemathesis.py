"""Every address does what its description says, whatever is sent to it.

What is sent is drawn from the description: what fits it, and what does not. The same each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.config import SchemathesisConfig

from seestocks.schema import description
from seestocks.wsgi import application
from tests.factories import (
    make_campaign,
    make_category,
    make_item,
    make_product,
    make_text,
    make_user,
)
from tests.ranking.published import publish

SECRET = "5ee" + "0" * 61
EXAMPLES = 4  # drawn for each address, beside those that cover each bound of each field
CONFIG = {
    "seed": 20_260,
    "checks": {
        # Well-formed ids may name nothing, or two that do not go together: told with 400 and 422.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", 400, 401, 403, 404, 409, 422],
        },
    },
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "allow-x00": True},
    "phases": {"stateful": {"enabled": False}},
}

schema: Any = schemathesis.openapi.from_dict(
    description(), config=SchemathesisConfig.from_dict(CONFIG)
)
schema.app = application


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as those of Django's own client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def _shop(db: None, _one_connection: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows of most things, all with the id 1; somebody who may do all of it."""
    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_: True)
    person = make_user("merchandisers", is_superuser=True)
    AuthToken.objects.create(person)
    AuthToken.objects.update(digest=hash_token(SECRET), token_key=SECRET[:15])
    page, sibling = make_category(id=1, is_page=True), make_category(id=2, is_page=True)
    product = make_product(id=1, filed_under=page)
    publish(page, [product])
    make_text(page, sibling, "whole")
    make_item(make_campaign(id=1), page, product)


@pytest.mark.usefixtures("_shop")
@schema.parametrize()  # type: ignore[untyped-decorator]  # it ships no types
def test_every_address_does_what_its_description_says(case: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Token {SECRET}"})
