"""Each kind of people finds first what they came for."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from judgments.models import Annotator
from taxonomy.actions import editing
from taxonomy.models import CategoryChange, Retailer
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.rankings import make_page_run, make_ranking, make_run
from tests.taxonomy.versions import applied

pytestmark = pytest.mark.django_db


def home_of(role: str | None) -> str:
    client = Client()
    client.force_login(make_user(role))
    return client.get(reverse("home")).content.decode()


def test_an_annotator_sees_what_is_judged_and_no_ranking() -> None:
    page = make_category("Pepper", is_page=True)
    make_ranking(page, shown=[make_product()])
    make_judgment(page, make_product(), 3, who="Ada")
    Annotator.objects.filter(name="Ada").update(simulated=True)
    text = home_of("annotators")
    assert "Pepper" in text
    assert "1 judged" in text
    assert "simulated" in text
    assert reverse("category", args=(page.pk,)) in text
    assert reverse("page", args=(page.pk,)) not in text
    assert reverse("runs") not in text


def test_a_taxonomist_sees_pages_without_products_and_retired_categories_with_some() -> None:
    empty = make_category("Empty page", is_page=True)
    retired = make_category("Gone", retired_at=timezone.now())
    make_product(filed_under=retired)
    make_product(filed_under=make_category("Full page", is_page=True))
    text = home_of("taxonomists")
    assert reverse("category", args=(empty.pk,)) in text
    assert "1 without products" in text
    assert "Gone" in text
    assert "1 product<" in text
    assert "Full page" not in text


def test_a_merchandiser_sees_what_is_weak_failed_or_relaxed_and_may_start_a_run() -> None:
    weak, failed = make_category("Weak", is_page=True), make_category("Failed", is_page=True)
    make_ranking(weak, shown=[make_product()], relaxed="No product reached 35 % confidence.")
    make_page_run(failed, make_run("failed"), state="failed", error="It broke.")
    text = home_of("merchandisers")
    assert "Weak" in text
    assert "94" in text
    assert "No product reached 35 % confidence." in text
    assert "last try failed" in text
    assert reverse("start_run") in text


def test_a_person_without_a_role_is_told_whom_to_ask() -> None:
    text = home_of(None)
    assert "You have no role yet" in text
    assert reverse("tree") not in text


@pytest.mark.parametrize("role", ["annotators", "taxonomists", "merchandisers"])
def test_an_empty_shop_has_a_home_too(role: str) -> None:
    assert "<h1>" in home_of(role)


def test_the_demo_shop_is_marked_and_a_real_one_is_not(client: Client) -> None:
    Retailer.objects.create(name="Real")
    client.force_login(make_user())
    mark = "Demo shop: made-up products"
    assert mark not in client.get(reverse("home")).content.decode()
    cache.clear()
    Retailer.objects.create(name="Drawn", made_up=True)
    assert mark in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize("address", ["/", "/tree/", "/tree/?view=columns"])
def test_without_a_tree_a_taxonomist_is_led_to_bringing_one_in(
    client: Client, address: str
) -> None:
    client.force_login(make_user("taxonomists"))
    text = client.get(address).content.decode()
    assert "There is no tree yet" in text
    assert f'<a href="{reverse("updates")}">version</a>' in text
    make_category("Food")
    cache.clear()
    assert "There is no tree yet" not in client.get(address).content.decode()


def test_what_one_has_just_written_is_counted_beside_the_menu(client: Client) -> None:
    client.force_login(make_user("taxonomists"))
    food = make_category("Food")
    assert "Tree<b>1</b>" in client.get("/tree/").content.decode()
    client.post(reverse("add_category"), {"name": "Grinders", "under": food.pk})
    assert "Tree<b>2</b>" in client.get("/tree/").content.decode()


def test_a_new_version_does_not_hide_what_people_changed_one_by_one() -> None:
    ada = make_user("taxonomists", username="ada")
    editing.set_display_name(make_category("Kitchen"), "Cooking", based_on=0, by=ada)
    applied("".join(f"{number} - Branch {number}\n" for number in range(10, 30)), by=ada)
    assert CategoryChange.objects.filter(kind="added").count() == 20
    text = home_of("taxonomists")
    assert "shown as “Cooking”" in text
    assert "Branch 12" not in text
