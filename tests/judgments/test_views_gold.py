"""The screens and JSON of gold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from judgments.actions.gold import add_gold, propose_gold
from judgments.models import Gold
from taxonomy.models import Retailer
from tests.factories import make_category, make_product, make_user
from tests.judgments.disputes import make_dispute

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(make_user("leads"))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_proposals_are_looked_for_and_taken_into_use_together(lead: Client) -> None:
    page = make_category()
    make_dispute(page, (3, 3, 3), product=make_product("Pepper"))
    make_dispute(page, (0, 0, 0), product=make_product("Toy"))
    assert "2 proposed." in text_of(lead.post("/gold/propose/", follow=True))
    assert "Nothing new" in text_of(lead.post("/gold/propose/", follow=True))
    chosen = [str(gold.pk) for gold in Gold.objects.all()]
    response = lead.post("/gold/decide/", {"gold": chosen, "as": "accept"}, follow=True)
    assert "2 in use." in text_of(response)
    in_use = text_of(lead.get("/gold/?state=active"))
    assert "Pepper" in in_use
    assert "not shown yet" in in_use


def test_one_becomes_training_with_its_explanation_and_the_others_stay(lead: Client) -> None:
    page = make_category()
    make_dispute(page, (3, 3, 3))
    make_dispute(page, (0, 0, 0))
    propose_gold()
    one, other = Gold.objects.order_by("id")
    form = {f"explanation-{one.pk}": "whole", "as": f"training-{one.pk}", "gold": [str(other.pk)]}
    lead.post("/gold/decide/", form)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, one.training, one.explanation) == ("active", True, "whole")
    assert other.state == "proposed"


def test_by_hand_the_product_is_named_by_its_offer_id(lead: Client) -> None:
    page = make_category("Pepper")
    product = make_product(offer_id="P-1")
    form = {"category": "Pepper", "product": "P-1", "grade": "3"}
    assert "In use" in text_of(lead.post("/gold/add/", form, follow=True))
    assert Gold.objects.get().product == product
    twin = make_product(offer_id="P-1", retailer=Retailer.objects.create(name="Other"))
    response = lead.post("/gold/add/", form | {"grade": "0"})
    assert response.status_code == 422
    assert "Several have this offer id" in text_of(response)
    lead.post("/gold/add/", form | {"product": "P-1, Other", "grade": "0"})
    assert Gold.objects.get(product=twin).grade == 0
    assert page.judgments.count() == 0


def test_what_names_nothing_is_told_and_nothing_is_lost(lead: Client) -> None:
    make_category("Pepper")
    form = {"category": "Pepper", "product": "no-such", "grade": "3", "explanation": "mine"}
    response = lead.post("/gold/add/", form)
    assert response.status_code == 422
    assert "No product has the offer id" in text_of(response)
    assert 'value="mine"' in text_of(response)


def test_a_long_list_takes_as_few_queries_as_a_short_one(
    lead: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page, by = make_category(), make_user("leads")
    for _ in range(30):
        add_gold(page, make_product(), 3, by=by)
    with django_assert_max_num_queries(24):
        lead.get("/gold/?state=active")


def test_programs_add_list_propose_and_decide(lead: Client) -> None:
    page, product = make_category(), make_product()
    wanted = {"page": page.pk, "product": product.pk, "grade": 3, "training": True}
    made = lead.post("/api/gold", wanted, content_type=JSON)
    assert (made.status_code, made.json()["state"]) == (201, "active")
    again = lead.post("/api/gold", wanted | {"grade": 0}, content_type=JSON)
    assert again.status_code == 400
    make_dispute(page, (3, 3, 3))
    assert lead.post("/api/gold/proposals").json() == {"proposed": 1}
    listed = lead.get("/api/gold?state=proposed").json()["results"]
    decided = {"gold": [one["id"] for one in listed], "state": "active"}
    assert lead.post("/api/gold/decisions", decided, content_type=JSON).json() == {"changed": 1}
    assert lead.get("/api/gold?state=odd").status_code == 400
    huge = {"gold": [10**30], "state": "active"}
    assert lead.post("/api/gold/decisions", huge, content_type=JSON).status_code == 400
