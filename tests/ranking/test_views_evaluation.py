"""What people see of evaluations, and what they may do with them."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from judgments.models import Campaign
from ranking.actions import jobs
from ranking.models import Evaluation, Kind, State
from taxonomy.models import Category
from tests.factories import make_annotator, make_judgment, make_product, make_user
from tests.ranking.conftest import HTMX, text_of
from tests.ranking.evaluations import make_evaluation
from tests.ranking.trainings import make_version

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
AT = "/evaluation/"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.jobs.ring", lambda _: None)


@pytest.fixture
def taxonomist() -> User:
    return make_user("taxonomists")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_before_anything_is_judged_the_page_says_what_to_do(merchandiser: Client) -> None:
    page = text_of(merchandiser, AT)
    assert "nobody has judged anything yet" in page
    assert reverse("evaluate") not in page


def test_before_anything_is_measured_it_says_by_how_much_that_could_be(
    merchandiser: Client, pepper: Category
) -> None:
    make_judgment(pepper, make_product(), 3)
    page = text_of(merchandiser, AT)
    assert "Nothing is measured yet" in page
    assert "1 judgment of 1 page is there" in page
    assert reverse("evaluate") in page


def test_every_stage_has_its_line_and_one_left_out_says_why(
    merchandiser: Client, pepper: Category
) -> None:
    make_evaluation(pepper)
    page = text_of(merchandiser, AT)
    for words in ("Sorted by price", "+ signals", "+ rules", "MiniLM", "People’s own orders"):
        assert words in page
    assert "Left out. No version of the cross-encoder is in use." in page
    assert 'aria-label="0.800, 0.750 to 0.850 with 95 % certainty"' in page
    assert "+0.100" in page
    assert "p 0.004" in page


def test_what_nobody_was_asked_is_unknown_and_not_none(
    merchandiser: Client, pepper: Category
) -> None:
    make_evaluation(pepper)
    assert "nobody has said of a product that it belongs elsewhere" in text_of(merchandiser, AT)


def test_simulated_judgments_are_marked(merchandiser: Client, pepper: Category) -> None:
    judgment = make_judgment(pepper, make_product(), 3, make_annotator("Robo", user=None).name)
    make_evaluation(pepper, settings={"judgments_until": judgment.pk})
    assert "simulated" not in text_of(merchandiser, AT)
    judgment.annotator.simulated = True
    judgment.annotator.save()
    assert "all judgments by simulated people" in text_of(merchandiser, AT)


def test_the_worst_pages_are_named_and_led_to(merchandiser: Client, pepper: Category) -> None:
    make_evaluation(pepper, ndcg=0.31)
    page = text_of(merchandiser, AT)
    assert reverse("page", args=(pepper.pk,)) in page
    assert "1 page is under 0.50" in page


def test_an_evaluation_names_the_cross_encoder_that_it_measured(
    merchandiser: Client, pepper: Category
) -> None:
    version = make_version(Kind.RERANKER)
    make_evaluation(pepper)
    address = reverse("model", args=(version.pk,))
    assert address not in text_of(merchandiser, AT)
    make_evaluation(pepper, settings={"reranker": version.pk})
    assert address in text_of(merchandiser, AT)


def test_an_evaluation_of_before_keeps_its_address(merchandiser: Client, pepper: Category) -> None:
    old, new = make_evaluation(pepper, ndcg=0.61), make_evaluation(pepper, ndcg=0.93)
    assert "0.93" in text_of(merchandiser, AT)
    before = text_of(merchandiser, reverse("evaluation_of", args=(old.pk,)))
    assert "0.61" in before
    assert reverse("evaluation_of", args=(new.pk,)) in before


def test_asking_twice_with_one_form_asks_once(merchandiser: Client) -> None:
    form = {"token": str(uuid.uuid4())}
    for _ in range(2):
        assert merchandiser.post(reverse("evaluate"), form).status_code == 302
    assert Evaluation.objects.count() == 1
    assert merchandiser.post(reverse("evaluate"), {"token": "x"}).status_code == 400


def test_progress_is_seen_and_the_page_comes_anew_when_it_is_over(merchandiser: Client) -> None:
    merchandiser.post(reverse("evaluate"), {"token": str(uuid.uuid4())})
    waiting = Evaluation.objects.get()
    assert "Waiting for a worker" in text_of(merchandiser, reverse("evaluating"), **HTMX)
    Evaluation.objects.update(
        state=State.RUNNING, stage="Measuring signals", stage_done=3, stage_total=34
    )
    assert "Measuring signals: 3 of 34" in text_of(merchandiser, AT)
    jobs.cancel(waiting)
    over = merchandiser.get(reverse("evaluating"), headers=HTMX)
    assert over.headers["HX-Refresh"] == "true"


def test_one_that_failed_says_why_and_can_be_tried_again(merchandiser: Client) -> None:
    failed = Evaluation.objects.create(state=State.FAILED, error="There is no judgment.")
    assert "came to nothing. There is no judgment." in text_of(merchandiser, AT)
    merchandiser.post(reverse("resume_evaluation", args=(failed.pk,)))
    failed.refresh_from_db()
    assert (failed.state, failed.error) == (State.WAITING, "")
    merchandiser.post(reverse("cancel_evaluation", args=(failed.pk,)))
    failed.refresh_from_db()
    assert failed.state == State.CANCELLED
    assert "was cancelled" in text_of(merchandiser, AT)


def test_one_that_has_ended_is_not_measured_again(merchandiser: Client, pepper: Category) -> None:
    done = make_evaluation(pepper)
    address = reverse("resume_evaluation", args=(done.pk,))
    text = merchandiser.post(address, follow=True).content.decode()
    assert f"{done} had come to its end already." in text
    assert "It is measured again" not in text


def test_what_is_shown_first_and_unjudged_becomes_one_campaign(
    taxonomist: User, pepper: Category
) -> None:
    low, first = make_product("Pepper mill"), make_product("Peppercorns")
    done, client = make_evaluation(pepper, unjudged=[first, low]), signed_in(taxonomist)
    assert "2 products among the first ten" in text_of(client, AT)
    address = reverse("judge_unjudged", args=(done.pk,))
    sent_to = {client.post(address).headers["Location"] for _ in range(2)}
    campaign = Campaign.objects.get()
    assert sent_to == {reverse("campaign", args=(campaign.pk,))}
    asked = campaign.items.order_by("rank").values_list("page", "product")
    assert list(asked) == [(pepper.pk, first.pk), (pepper.pk, low.pk)]
    assert reverse("campaign", args=(campaign.pk,)) in text_of(client, AT)


def test_products_that_went_since_are_not_asked_about(taxonomist: User, pepper: Category) -> None:
    gone = make_product("Peppercorns")
    done, client = make_evaluation(pepper, unjudged=[gone]), signed_in(taxonomist)
    gone.delete()
    assert client.post(reverse("judge_unjudged", args=(done.pk,))).status_code == 302
    assert not Campaign.objects.exists()
    assert "There is nothing to judge" in text_of(client, AT)


def test_who_leads_no_campaigns_sees_no_button(merchandiser: Client, pepper: Category) -> None:
    make_evaluation(pepper, unjudged=[make_product()])
    assert "Have them judged" not in text_of(merchandiser, AT)


def test_programs_ask_read_and_list(merchandiser: Client, pepper: Category) -> None:
    done = make_evaluation(pepper)
    token = {"token": str(uuid.uuid4())}
    asked = merchandiser.post("/api/evaluations", token, content_type="application/json")
    again = merchandiser.post("/api/evaluations", token, content_type="application/json")
    assert (asked.status_code, again.status_code) == (201, 200)
    assert asked.json()["id"] == again.json()["id"]
    assert asked.headers["Location"] == f"/api/evaluations/{asked.json()['id']}"
    listed = merchandiser.get("/api/evaluations").json()["results"]
    assert [one["state"] for one in listed] == ["waiting", "done"]
    assert "figures" not in listed[1]
    one = merchandiser.get(f"/api/evaluations/{done.pk}").json()
    assert one["figures"]["stages"][0]["metrics"]["ndcg@10"]["mean"] == 0.5
    odd = merchandiser.post("/api/evaluations", {"page": 7}, content_type="application/json")
    assert odd.status_code == 400
