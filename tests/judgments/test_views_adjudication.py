"""The screens and JSON of adjudication."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from judgments.actions.adjudicate import OpenText
from judgments.models import Adjudication, Answer, Judgment, SeatState, Sitting
from taxonomy.models import Category, Product
from tests.factories import (
    make_annotator,
    make_campaign,
    make_category,
    make_item,
    make_product,
    make_user,
)
from tests.judgments.disputes import make_dispute, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    return make_user("leads", username="lea")


@pytest.fixture
def signed_in(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def address(page: Category, product: Product) -> str:
    return f"/adjudicate/{page.pk}/{product.pk}/"


def said(**fields: str) -> dict[str, str]:
    return {"token": str(uuid.uuid4()), "based_on": "0", "cause": "slip", "grade": "3"} | fields


def test_the_list_shows_titles_pages_and_grades_narrowed_by_page(signed_in: Client) -> None:
    page, other = make_category("Pepper"), make_category("Toys")
    make_dispute(page, (0, 3), product=make_product("Pepper mill"))
    make_dispute(other, (0, 3), product=make_product("Toy pepper"))
    every = text_of(signed_in.get("/adjudicate/"))
    assert "Pepper mill" in every
    assert "Toy pepper" in every
    narrowed = text_of(signed_in.get(f"/adjudicate/?page={page.pk}"))
    assert "Toy pepper" not in narrowed
    assert 'aria-label="Grades: 0, 3"' in narrowed
    assert f"?page={page.pk}" in narrowed  # where each leads keeps it
    assert signed_in.get("/adjudicate/?page=99999999").status_code == 404
    assert signed_in.get("/adjudicate/?person=x").status_code == 400


def test_one_shows_who_said_what_how_long_they_looked_and_why_some_could_not_tell(
    signed_in: Client,
) -> None:
    page = make_category("Pepper")
    product = make_dispute(page, (0, 3))
    Judgment.objects.filter(annotator__name="rater-1").update(seconds=1.2)
    Judgment.objects.filter(annotator__name="rater-2").update(seconds=6.0)
    seat = make_item(make_campaign(), page, product).seats.first()
    assert seat
    seat.annotator, seat.state = make_annotator("Cy"), SeatState.CANNOT_TELL
    seat.save()
    sitting = Sitting.objects.create(annotator=seat.annotator)
    Answer.objects.create(
        sitting=sitting,
        sequence=1,
        token=uuid.uuid4(),
        seat=seat,
        kind="cannot_tell",
        reason="language",
        note="Finnish?",
    )
    shown = text_of(signed_in.get(address(page, product)))
    for words in ("rater-1", "rater-2", "Cy", "I do not know the language", "Finnish?"):
        assert words in shown
    assert shown.count("a hint that it may be a slip") == 1


def test_deciding_leads_to_the_next_at_once(signed_in: Client) -> None:
    page = make_category()
    first, second = make_dispute(page, (0, 3)), make_dispute(page, (1, 3))
    shown = text_of(signed_in.get(address(page, first)))
    assert f'name="after" value="{page.pk}-{second.pk}"' in shown
    form = said(after=f"{page.pk}-{second.pk}")
    response = signed_in.post(f"{address(page, first)}settle/?page={page.pk}", form)
    assert response["Location"] == f"{address(page, second)}?page={page.pk}"
    again = signed_in.post(f"{address(page, first)}settle/?page={page.pk}", form)
    assert again["Location"] == response["Location"]
    assert Adjudication.objects.count() == 1


def test_who_comes_second_keeps_what_they_typed_and_sees_what_was_decided(
    signed_in: Client,
) -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    settle(page, product, 1, by=make_user("leads", username="tom"))
    response = signed_in.post(f"{address(page, product)}settle/", said(note="my note"))
    assert response.status_code == 409
    shown = text_of(response)
    assert "tom has settled this in the meantime, as related" in shown
    assert 'value="my note"' in shown
    newest = Adjudication.objects.get()
    assert f'name="based_on" value="{newest.pk}"' in shown


def test_what_is_missing_is_said_with_all_that_was_typed(signed_in: Client) -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    where = f"{address(page, product)}settle/"
    response = signed_in.post(where, said(grade="", note="my note"))
    assert response.status_code == 422
    assert "Say which grade is right" in text_of(response)
    assert 'value="my note"' in text_of(response)
    response = signed_in.post(where, said(belongs_to="No such place"))
    assert "No categories are called" in text_of(response)
    assert signed_in.post(where, said(token="x")).status_code == 400
    assert signed_in.post(where, said(cause="gap", gap="text-1")).status_code == 400


def test_belongs_elsewhere_is_named_as_people_say_it(signed_in: Client) -> None:
    page, right = make_category("Pepper"), make_category("Pepper Mills")
    product = make_dispute(page, (0, 3))
    form = said(grade="0", belongs_to="pepper mills")
    signed_in.post(f"{address(page, product)}settle/", form)
    assert Adjudication.objects.get().judgment.belongs_to == right  # type: ignore[union-attr]


def test_a_gap_in_the_guideline_opens_its_editor(signed_in: Client) -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    form = said(cause="gap", grade="2", gap=f"guideline-{page.pk}")
    response = signed_in.post(f"{address(page, product)}settle/", form)
    made = Adjudication.objects.get()
    assert response["Location"] == f"/guidelines/{page.pk}/edit/?gap={made.pk}"


@pytest.mark.parametrize(("role", "where"), [("taxonomists", "/discriminators/"), ("leads", "")])
def test_a_gap_between_siblings_opens_the_workbench_for_those_who_may_write_there(
    client: Client, role: str, where: str
) -> None:
    parent = make_category()
    page, sibling = make_category(parent=parent), make_category(parent=parent)
    product = make_dispute(page, (0, 3))
    client.force_login(make_user(role))
    form = said(cause="gap", gap=f"text-{page.pk}-{sibling.pk}")
    response = client.post(f"{address(page, product)}settle/", form)
    assert response["Location"].startswith(where or "/adjudicate/")


def test_beside_the_text_stands_what_it_leaves_open_with_products_of_both_sides(
    signed_in: Client,
) -> None:
    parent = make_category()
    page, sibling = make_category(parent=parent), make_category(parent=parent)
    make_dispute(page, (3, 3), product=make_product("Surely here"))
    make_dispute(sibling, (3, 3), product=make_product("Surely there"))
    product = make_dispute(page, (0, 3), product=make_product("In question"))
    settle(page, product, 2, cause="gap", gap=OpenText(page, sibling))
    text = text_of(signed_in.get(f"/texts/{page.pk}/{sibling.pk}/"))
    where = f"/adjudicate/gaps/{page.pk}/{sibling.pk}/"
    assert f'hx-get="{where}"' in text
    shown = text_of(signed_in.get(where))
    for title in ("Surely here", "Surely there", "In question"):
        assert title in shown


def test_a_decision_is_taken_back_by_who_made_it(signed_in: Client, lead: User) -> None:
    page = make_category()
    product = make_dispute(page, (0, 3))
    made = settle(page, product, by=lead)
    assert "Take it back" in text_of(signed_in.get(address(page, product)))
    where = f"/adjudicate/decisions/{made.pk}/take-back/"
    assert "to be settled again" in text_of(signed_in.post(where, follow=True))
    other = settle(page, product)
    assert "Take it back" not in text_of(signed_in.get(address(page, product)))
    where = f"/adjudicate/decisions/{other.pk}/take-back/"
    assert "Somebody else decided this" in text_of(signed_in.post(where, follow=True))


def test_one_with_many_words_takes_as_few_queries_as_one_with_two(
    signed_in: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page = make_category(parent=make_category())
    product = make_dispute(page, (0, 1, 2, 3) * 5)
    with django_assert_max_num_queries(40):
        signed_in.get(address(page, product))


class TestJson:
    def test_the_list_and_one_and_the_decision(self, signed_in: Client) -> None:
        page = make_category()
        product = make_dispute(page, (0, 3))
        listed = signed_in.get(f"/api/adjudications?page={page.pk}").json()["results"]
        assert [(one["product"], one["grades"]) for one in listed] == [(product.pk, [0, 3])]
        where = f"/api/adjudications/{page.pk}/{product.pk}"
        one = signed_in.get(where).json()
        assert [word["grade"] for word in one["judgments"]] == [3, 0]
        decision = {"token": str(uuid.uuid4()), "based_on": 0, "cause": "slip", "grade": 3}
        made = signed_in.post(where, decision, content_type="application/json")
        assert made.status_code == 201
        again = signed_in.post(where, decision, content_type="application/json")
        assert again.json() == made.json()
        late = decision | {"token": str(uuid.uuid4())}
        second = signed_in.post(where, late, content_type="application/json")
        assert second.status_code == 409
        assert second.json()["newest"]["id"] == made.json()["id"]
        back = f"/api/adjudications/{made.json()['id']}/take-back"
        assert signed_in.post(back).json()["standing"] is False

    def test_a_gap_names_its_text(self, signed_in: Client) -> None:
        page = make_category()
        product = make_dispute(page, (0, 3))
        decision = {
            "token": str(uuid.uuid4()),
            "based_on": 0,
            "cause": "gap",
            "gap": {"category": page.pk},
        }
        where = f"/api/adjudications/{page.pk}/{product.pk}"
        made = signed_in.post(where, decision, content_type="application/json")
        assert made.json()["grade"] is None
        assert Adjudication.objects.get().guideline.category == page  # type: ignore[union-attr]
