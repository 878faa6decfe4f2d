"""Campaigns as leads see them, on pages and as JSON."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from judgments.models import Annotator, Campaign, CampaignState, Participation
from tests.factories import make_category, make_user
from tests.judgments.campaigns import answer_seat, asked, gathered, make_campaign, ranked_page

pytestmark = pytest.mark.django_db

TOKEN = "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"
HTMX = {"HX-Request": "true", "HX-Target": "campaign-progress"}


@pytest.fixture(autouse=True)
def _nobody_is_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judgments.actions.campaigns.ring_for_campaign", lambda _: None)


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(make_user("leads", username="lea"))
    return client


def form(**said: str) -> dict[str, str]:
    usual = {"overlap": "2", "gold_every": "20", "repeat_every": "40", "aim": "5"}
    return {"token": TOKEN, "name": "Spices", "pool_top": "10"} | usual | said


def text_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_without_campaigns_the_list_says_what_one_is(lead: Client) -> None:
    assert "No campaign yet" in text_of(lead, "/campaigns/")


def test_the_form_offers_every_pool_with_its_usual_number(lead: Client) -> None:
    page = text_of(lead, "/campaigns/new/?branch=Spices")
    for words in ("Top of the page", "Near the cut", "Between siblings", "Random share"):
        assert words in page
    assert 'value="Spices"' in page


def test_a_double_click_starts_one_campaign(lead: Client) -> None:
    for _ in range(2):
        response = lead.post("/campaigns/start/", form())
        assert response.status_code == 302
        assert response["Location"] == f"/campaigns/{Campaign.objects.get().pk}/"
    started = Campaign.objects.get()
    assert started.pools == {"top": 10}
    assert started.aim == 0.05


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("branch", "Moon", "There is no category “Moon”"),
        ("pages", "Moon", "There is no category “Moon”"),
        ("pages", "Herbs", "Herbs is no active page"),
        ("overlap", "10", "The number of people for each product is from 1 to 9"),
        ("pool_top", "0", "Choose at least one pool"),
        ("aim", "80", "How closely the share"),
        ("name", "Known", "There is a campaign “Known” already"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    lead: Client, field: str, typed: str, sentence: str
) -> None:
    make_category("Herbs")
    make_campaign("Known")
    response = lead.post("/campaigns/start/", form(note="Mind the seeds", **{field: typed}))
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Mind the seeds" in page
    assert typed in page
    assert Campaign.objects.count() == 1


def test_a_branch_and_pages_at_once_are_refused(lead: Client) -> None:
    make_category("Herbs", is_page=True)
    response = lead.post("/campaigns/start/", form(branch="Herbs", pages="Herbs"))
    assert response.status_code == 422
    assert "not both" in response.content.decode()


def test_a_form_without_its_token_or_a_number_is_refused_and_no_error(lead: Client) -> None:
    for said in (form(token=""), form(overlap=""), form(overlap="many"), form(pool_top="9" * 30)):
        assert lead.post("/campaigns/start/", said).status_code == 422


def test_a_campaign_shows_how_far_it_is_and_who_judges(lead: Client) -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 3})
    answer_seat(asked(campaign)[0], "Ann", 3, seconds=3)
    page = text_of(lead, f"/campaigns/{campaign.pk}/")
    assert "1 of 6 answered" in page
    assert "0 of 3 products done" in page
    assert "1,200" in page  # an hour
    assert "1 of 6" in page  # of Pepper
    assert "drew nothing at random" in page


def test_while_it_runs_only_its_progress_is_asked_for_again(lead: Client) -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 3})
    part = text_of(lead, f"/campaigns/{campaign.pk}/", **HTMX)
    assert "<html" not in part
    assert 'hx-trigger="every 10s"' in part
    assert f"/campaigns/{campaign.pk}/?was=running" in part
    Campaign.objects.update(state=CampaignState.FINISHED)
    changed = lead.get(f"/campaigns/{campaign.pk}/?was=running", headers=HTMX)
    assert changed["HX-Refresh"] == "true"
    assert "hx-trigger" not in text_of(lead, f"/campaigns/{campaign.pk}/", **HTMX)


def test_the_estimate_is_told_in_a_sentence_with_what_is_missing(lead: Client) -> None:
    ranked_page("Pepper", shown=40, removed=0)
    campaign = gathered(pools={"random": 40}, aim=0.1)
    page = text_of(lead, f"/campaigns/{campaign.pk}/")
    assert "Nothing that was drawn at random has been judged yet." in page
    for place, item in enumerate(asked(campaign)[:10]):
        answer_seat(item, "Ann", 3 if place < 8 else 0)
    page = text_of(lead, f"/campaigns/{campaign.pk}/")
    assert "80\xa0% of what they show is right" in page
    assert "from 10 judged of 40 products" in page
    assert "more labels</b> until it is known to ± 10\xa0points" in page
    assert "10 labels up to" in page


def test_a_simulated_person_is_marked_as_one(lead: Client) -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 3})
    Annotator.objects.create(name="Sim", simulated=True)
    answer_seat(asked(campaign)[0], "Sim", 3)
    assert "simulated" in text_of(lead, f"/campaigns/{campaign.pk}/")


def test_pausing_resuming_and_finishing_say_what_they_did(lead: Client) -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 3})
    for verb, words in (
        ("pause", "nobody gets more of it"),
        ("pause", "is paused"),
        ("resume", "goes on"),
        ("finish", "is over"),
        ("resume", "is finished"),
    ):
        done = lead.post(f"/campaigns/{campaign.pk}/{verb}/", follow=True)
        assert words in done.content.decode()


def test_people_are_ticked_and_unticked(lead: Client) -> None:
    campaign = make_campaign()
    ana, _ = make_user("annotators", username="ana"), make_user("annotators", username="ben")
    lead.post(f"/campaigns/{campaign.pk}/people/", {"people": [str(ana.pk), "99999", "x"]})
    assert [part.annotator.user for part in campaign.participations.filter(assigned=True)] == [ana]
    done = lead.post(f"/campaigns/{campaign.pk}/people/", {}, follow=True)
    assert "for everybody who may judge" in done.content.decode()
    assert not campaign.participations.filter(assigned=True).exists()


def test_somebody_paused_is_let_go_on_by_a_button(lead: Client) -> None:
    campaign = make_campaign()
    ann = Annotator.objects.create(name="Ann")
    Participation.objects.create(
        campaign=campaign, annotator=ann, state="paused", reason="Missed 5 of 10."
    )
    page = text_of(lead, f"/campaigns/{campaign.pk}/")
    assert "Missed 5 of 10." in page
    address = f"/campaigns/{campaign.pk}/people/{ann.pk}/go-on/"
    assert address in page
    lead.post(address)
    assert Participation.objects.get().state == "active"


def test_a_merchandiser_sees_campaigns_and_moves_none(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    campaign = make_campaign()
    page = text_of(client, f"/campaigns/{campaign.pk}/")
    assert "Finish" not in page
    assert "Who judges it" not in page


def test_a_pages_button_has_it_judged_once(lead: Client) -> None:
    page, _ = ranked_page("Pepper")
    part = text_of(lead, f"/tree/{page.pk}/judgments/", **{"HX-Request": "true"})
    assert "Have this page judged" in part
    for token in (TOKEN, TOKEN, str(uuid.uuid4())):
        response = lead.post(f"/tree/{page.pk}/judge/", {"token": token})
        assert response["Location"] == f"/campaigns/{Campaign.objects.get().pk}/"
    assert lead.post(f"/tree/{page.pk}/judge/", {"token": "x"}).status_code == 400


def test_a_category_that_is_no_page_has_no_such_button(lead: Client) -> None:
    category = make_category("Spices")
    part = text_of(lead, f"/tree/{category.pk}/judgments/")
    assert "Have this page judged" not in part
    assert lead.post(f"/tree/{category.pk}/judge/", {"token": TOKEN}).status_code == 404


def test_lists_cost_the_same_however_long_they_are(
    lead: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        ranked_page(f"Page {number}")
        make_campaign(f"Campaign {number}")
    campaign = gathered()
    for number in range(6):
        answer_seat(asked(campaign)[number], f"Ann {number}", 3)
    text_of(lead, "/campaigns/")
    with django_assert_num_queries(7):
        text_of(lead, "/campaigns/")
    with django_assert_num_queries(24):
        text_of(lead, f"/campaigns/{campaign.pk}/")


def ask(client: Client, method: str, address: str, said: object = None) -> Any:
    send = getattr(client, method)
    return send(address, data=said, content_type="application/json") if said else send(address)


def test_a_program_starts_a_campaign_once(lead: Client) -> None:
    page, _ = ranked_page("Pepper")
    said = {"name": "Spices", "pages": [page.pk], "token": TOKEN, "pools": {"top": 2}}
    first = ask(lead, "post", "/api/campaigns", said)
    assert first.status_code == 201
    again = ask(lead, "post", "/api/campaigns", said)
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    assert first["Location"] == f"/api/campaigns/{first.json()['id']}"
    assert ask(lead, "get", "/api/campaigns").json()["count"] == 1


def test_a_program_asks_about_what_it_picked(lead: Client) -> None:
    page, products = ranked_page("Pepper")
    picked = [{"page": page.pk, "product": product.pk} for product in products[:2]]
    made = ask(lead, "post", "/api/campaigns", {"name": "Next", "candidates": picked}).json()
    assert made["state"] == "running"
    assert made["progress"]["items"] == 2
    assert made["forecast"]["share"] is None
    assert "drew nothing at random" in made["forecast"]["undefined"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"pages": [1]}, "name"),
        ({"name": "a", "pages": [99]}, "pages"),
        ({"name": "a", "pages": [10**30]}, "pages"),
        ({"name": "a", "branch": 99}, "branch"),
        ({"name": "a", "pools": {"moon": 1}}, "pools"),
        ({"name": "a", "overlap": 0}, "overlap"),
        ({"name": "a", "over_lap": 2}, "over_lap"),
        ({"name": "a", "candidates": [{"page": 1, "product": 2}]}, "candidates"),
    ],
)
def test_what_a_program_says_wrong_is_named(
    lead: Client, said: dict[str, object], field: str
) -> None:
    response = ask(lead, "post", "/api/campaigns", said)
    assert response.status_code == 400
    assert response.json()["detail"].startswith(field)
    assert not Campaign.objects.exists()


def test_a_program_pauses_resumes_finishes_and_assigns(lead: Client) -> None:
    ranked_page("Pepper")
    campaign = gathered(pools={"top": 2})
    make_user("annotators", username="ana")
    address = f"/api/campaigns/{campaign.pk}"
    assert ask(lead, "post", f"{address}/pause").json()["state"] == "paused"
    assert ask(lead, "post", f"{address}/pause").status_code == 409
    assert ask(lead, "post", f"{address}/resume").json()["state"] == "running"
    named = ask(lead, "put", f"{address}/people", {"people": ["ana"]}).json()
    assert [(one["annotator"], one["assigned"]) for one in named["people"]] == [("ana", True)]
    unknown = ask(lead, "put", f"{address}/people", {"people": ["zoe"]})
    assert unknown.status_code == 400
    assert ask(lead, "post", f"{address}/finish").json()["state"] == "finished"
    assert ask(lead, "put", f"{address}/people", {"people": ["ana"]}).status_code == 409
    assert ask(lead, "get", "/api/campaigns/99999").status_code == 404
