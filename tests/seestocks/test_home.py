"""Each kind of people finds first what they came for."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from judgments.actions.campaigns import start_campaign
from judgments.actions.judge import Submission, annotator_of, lease, sit, submit
from judgments.models import Agreement, Annotator, Campaign, Gold, Measurement, Participation
from judgments.queries.pools import Candidate
from taxonomy.actions import editing
from taxonomy.models import Category, CategoryChange, Retailer
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.rankings import make_page_run, make_ranking, make_run
from tests.taxonomy.versions import applied

pytestmark = pytest.mark.django_db


def home_of(role: str | None) -> str:
    client = Client()
    client.force_login(make_user(role))
    return client.get(reverse("home")).content.decode()


def make_campaign(products: int = 2) -> Campaign:
    page = make_category("Pepper", is_page=True)
    return start_campaign(
        name="Pepper first",
        by=None,
        candidates=[Candidate(page.pk, make_product().pk, "random", 0.0) for _ in range(products)],
    )


def test_an_annotator_sees_what_waits_and_no_ranking() -> None:
    make_campaign()
    page = Category.objects.get()
    make_ranking(page, shown=[make_product()])
    text = home_of("annotators")
    assert "2</span> products wait for you" in text
    assert "Pepper first" in text
    assert "Go on judging" in text
    assert "not measured yet" in text
    assert reverse("page", args=(page.pk,)) not in text
    assert reverse("runs") not in text


def test_an_annotator_sees_their_own_pace_and_what_they_put_off(client: Client) -> None:
    campaign = make_campaign()
    user = make_user("annotators")
    sitting = sit(annotator_of(user), id=uuid.uuid4(), campaign=campaign)
    first, second = lease(sitting).seats
    submit(
        sitting,
        [
            Submission(uuid.uuid4(), 1, first.pk, "grade", grade=3, seconds=2.5),
            Submission(uuid.uuid4(), 2, second.pk, "later"),
        ],
    )
    client.force_login(user)
    text = client.get(reverse("home")).content.decode()
    assert "2.5 s" in text
    assert "1 in seven days" in text
    assert "Nothing waits for you" in text
    assert '1</strong><span class="faint">for later' in text


def test_a_lead_sees_campaigns_who_is_held_up_and_where_people_differ() -> None:
    campaign = make_campaign()
    page, product = Category.objects.get(), make_product()
    ada = make_judgment(page, product, 3, who="Ada").annotator
    make_judgment(page, product, 0, who="Bob")
    Participation.objects.create(
        campaign=campaign, annotator=ada, state="paused", reason="Five of ten were missed."
    )
    Annotator.objects.filter(name="Ada").update(simulated=True)
    Gold.objects.create(page=page, product=product, grade=3)
    measurement = Measurement.objects.create(judgments_until=9, finished_at=timezone.now())
    same = {"measurement": measurement, "items": 1, "judgments": 2}
    Agreement.objects.create(scope="all", coefficient=0.61, **same)
    Agreement.objects.create(scope="page", category=page, coefficient=-0.12, **same)
    text = home_of("leads")
    assert "0 of 4" in text
    assert "Five of ten were missed." in text
    assert "simulated" in text
    assert "0.61" in text
    assert "-0.12" in text
    assert f"{reverse('adjudications')}?page={page.pk}" in text
    assert '1</strong><span class="faint">products that people differ about' in text
    assert '1</strong><span class="faint">wait for a decision' in text


def test_a_lead_sees_how_many_judgments_nobody_made() -> None:
    page = make_category()
    make_judgment(page, make_product(), 3, "Ann")
    make_judgment(page, make_product(), 3, "Bot")
    assert "simulated" not in home_of("leads")
    Annotator.objects.filter(name="Bot").update(simulated=True)
    assert "1 simulated" in home_of("leads")
    Annotator.objects.update(simulated=True)
    assert "all simulated" in home_of("leads")


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


@pytest.mark.parametrize("role", ["annotators", "taxonomists", "merchandisers", "leads"])
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


def test_an_empty_shop_claims_nothing_and_leads_to_the_imports() -> None:
    text = home_of("merchandisers")
    assert "No run has come to its end yet." in text
    assert "the newest is published" not in text
    assert "No page failed" not in text
    assert f'<a href="{reverse("imports")}">To the imports</a>' in text


@pytest.mark.parametrize(
    ("address", "line"), [("/webhooks/", "Shop"), ("/nights/", "Runs"), ("/quality/", "Compare")]
)
def test_a_place_without_a_line_marks_the_one_that_led_there(
    client: Client, address: str, line: str
) -> None:
    client.force_login(make_user("merchandisers"))
    text = client.get(address).content.decode()
    assert f'aria-current="page">{line}</a>' in text
