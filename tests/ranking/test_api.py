"""What programs read of runs and pages as JSON, and what they can do to them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ranking.models import Run, State
from taxonomy.models import Category, Retailer
from tests.factories import make_category, make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.programs import JSON, PAGES, RUNS, body_of, candidates_of, post, read
from tests.ranking.rankings import (
    CONTRIBUTIONS,
    SIGNALS,
    make_page_run,
    make_ranking,
    make_run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)


def test_runs_are_listed_newest_first_with_how_far_each_is(
    merchandiser: Client, pepper: Category
) -> None:
    ada = make_user(username="ada")
    learned = {"kind": "trees", "judgments": 3478}
    old = make_run(started_by=ada, blend=learned, settings={"discriminators_until": 31})
    make_page_run(pepper, old)
    make_page_run(make_category(), old, state=State.FAILED)
    make_page_run(make_category(), old, state=State.CANCELLED)
    new = make_run("running", stage="Encoding pictures")
    make_page_run(pepper, new, state=State.WAITING)
    found = read(merchandiser, RUNS)
    assert found["count"] == 2
    assert found["next"] is found["previous"] is None
    assert [run["id"] for run in found["results"]] == [new.pk, old.pk]
    running, ended = found["results"]
    assert ended == read(merchandiser, f"{RUNS}/{old.pk}")
    assert set(ended) == set(running)
    assert ended | {"as_of": "", "finished_at": ""} == {
        "id": old.pk,
        "state": "done",
        "stage": "",
        "pages": 3,
        "done": 1,
        "failed": 1,
        "cancelled": 1,
        "carried": 0,
        "branch": None,
        "base": None,
        "anew": "",
        "thinned_at": None,
        "started_by": "ada",
        "as_of": "",
        "cancel_requested_at": None,
        "finished_at": "",
        "blend": "trees",
        "blend_version": None,
        "reranker": None,
        "notes": [],
        "texts_until": 31,
        "error": "",
    }
    assert ended["as_of"] == old.as_of.isoformat().replace("+00:00", "Z")
    assert running["state"] == "running"
    assert running["stage"] == "Encoding pictures"
    assert (running["pages"], running["done"]) == (1, 0)
    assert running["started_by"] is running["finished_at"] is running["blend"] is None
    assert running["texts_until"] is None


def test_a_long_list_is_read_in_parts(merchandiser: Client) -> None:
    newest = [make_run().pk for _ in range(5)][::-1]
    first = read(merchandiser, f"{RUNS}?limit=2")
    second = read(merchandiser, first["next"])
    ids = [run["id"] for part in (first, second) for run in part["results"]]
    assert (first["count"], ids) == (5, newest[:4])
    assert read(merchandiser, second["previous"])["results"] == first["results"]
    assert read(merchandiser, f"{RUNS}?offset={10**17}")["results"] == []
    for wrong in ("offset=-1", f"offset={10**30}", "limit=0", "limit=two"):
        assert "whole number" in read(merchandiser, f"{RUNS}?{wrong}", 400)["detail"]


def test_nobody_gets_more_than_200_rows_at_once(merchandiser: Client) -> None:
    Category.objects.bulk_create(
        Category(id=pk, name=f"{pk}", path=f"{pk}", lineage=f"/{pk}/", is_page=True)
        for pk in range(1, 212)
    )
    assert len(read(merchandiser, f"{PAGES}?limit=100000")["results"]) == 200
    assert len(read(merchandiser, PAGES)["results"]) == 50


def test_starting_a_run_takes_all_pages_and_says_who_and_where(pepper: Category) -> None:
    client, ada = Client(), make_user("merchandisers", username="ada")
    client.force_login(ada)
    make_category("No page")
    response = client.post(RUNS, content_type=JSON)
    started = body_of(response, 201)
    run = Run.objects.get()
    assert response["Location"] == reverse("api_run", args=(run.pk,)) == f"{RUNS}/{run.pk}"
    assert started == read(client, response["Location"])
    assert (started["state"], started["pages"], started["started_by"]) == ("waiting", 1, "ada")
    assert list(run.page_runs.values_list("page_id", flat=True)) == [pepper.pk]


def test_starting_a_run_of_some_pages_takes_only_those(
    merchandiser: Client, pepper: Category
) -> None:
    make_category("Salt", is_page=True)
    started = post(merchandiser, RUNS, {"pages": [pepper.pk]}, 201)
    pages = Run.objects.get(pk=started["id"]).page_runs.values_list("page_id", flat=True)
    assert list(pages) == [pepper.pk]


def test_the_same_token_again_finds_the_first_run(merchandiser: Client, pepper: Category) -> None:
    said = {"token": str(uuid4())}
    first = post(merchandiser, RUNS, said, 201)
    again = post(merchandiser, RUNS, said, 200)
    assert first == again
    assert Run.objects.count() == 1


def test_a_run_of_nothing_or_of_no_page_is_refused_in_a_sentence(merchandiser: Client) -> None:
    nothing = post(merchandiser, RUNS, status=400)
    assert nothing == {"detail": "No page is switched on yet. Activate some pages first."}
    category = make_category()
    stranger = post(merchandiser, RUNS, {"pages": [category.pk, 10**30]}, 400)
    assert stranger == {"detail": f"Not an active page: {category.pk}, {10**30}."}
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"pages": "all"}, "pages: a list belongs here."),
        ({"pages": 7}, "pages: a list belongs here."),
        ({"pages": []}, "pages: This list may not be empty."),
        ({"pages": None}, "pages: This field may not be null."),
        ({"pages": ["seven"]}, "pages[0]: a whole number belongs here."),
        ({"pages": [7.5]}, "pages[0]: a whole number belongs here."),
        ({"pages": [True]}, "pages[0]: a whole number belongs here."),
        ({"pages": {"id": 7}}, "pages: a list belongs here."),
        ({"token": "abc"}, "token: Must be a valid UUID."),
        ({"token": []}, "token: a text belongs here."),
        ({"stale": "perhaps"}, "stale: true or false belongs here."),
        ({"page": [7]}, "page: there is no such field"),
        ([7], 'Give an object of "pages"'),
        ("7", 'Give an object of "pages"'),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    merchandiser: Client, pepper: Category, said: object, why: str
) -> None:
    assert why in post(merchandiser, RUNS, said, 400)["detail"]
    assert not Run.objects.exists()


def test_only_json_is_read(merchandiser: Client, pepper: Category) -> None:
    broken = body_of(merchandiser.post(RUNS, "{pages:", JSON), 400)
    assert broken["detail"].startswith("JSON parse error")
    form = body_of(merchandiser.post(RUNS, {"token": str(uuid4())}), 415)
    assert "Unsupported media type" in form["detail"]
    assert not Run.objects.exists()


def test_cancelling_stops_a_run_and_resuming_takes_it_up_again(
    merchandiser: Client, pepper: Category
) -> None:
    run = make_run("running")
    make_page_run(pepper, run, state=State.WAITING)
    cancelled = post(merchandiser, f"{RUNS}/{run.pk}/cancel")
    assert (cancelled["state"], cancelled["cancelled"]) == ("cancelled", 1)
    assert cancelled["cancel_requested_at"]
    late = post(merchandiser, f"{RUNS}/{run.pk}/cancel", status=409)
    assert late == {"detail": f"Run {run.pk} has already ended."}
    resumed = post(merchandiser, f"{RUNS}/{run.pk}/resume")
    assert (resumed["state"], resumed["cancelled"]) == ("running", 0)
    assert resumed["finished_at"] is None


def test_pages_are_listed_with_the_ranking_they_show(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper)
    shown = make_ranking(pepper, shown=products(2), removed=products(1), relaxed="Few were sure.")
    failed = make_page_run(pepper, make_run("failed"), state=State.FAILED)
    salt = make_category("Salt", is_page=True)
    make_category("No page")
    one, two = read(merchandiser, PAGES)["results"]
    assert failed.run_id > one["ranking"]["run"] == shown.run_id
    assert one["ranking"].pop("finished_at").startswith(f"{shown.finished_at:%Y-%m-%dT%H:%M:%S}")
    assert one == {
        "id": pepper.pk,
        "name": "Pepper",
        "path": "Pepper",
        "stale": False,
        "ranking": {"run": shown.run_id, "shown": 2, "removed": 1, "relaxed": "Few were sure."},
    }
    about_salt = {"id": salt.pk, "name": "Salt", "path": "Salt", "stale": False}
    assert two == about_salt | {"ranking": None}


def test_a_ranking_tells_each_product_in_order_with_its_signals(
    merchandiser: Client, pepper: Category
) -> None:
    drawn = Retailer.objects.create(name="Drawn", made_up=True)
    first, second = make_product("Black pepper"), make_product(retailer=drawn, price=None)
    page_run = make_ranking(pepper, shown=[first, second], removed=products(1))
    found = read(merchandiser, candidates_of(pepper))
    assert (found["page"], found["count"]) == (pepper.pk, 2)
    assert found["ranking"]["run"] == page_run.run_id
    one, two = found["results"]
    assert one == {
        "position": 1,
        "product": first.pk,
        "offer_id": first.offer_id,
        "retailer": "Shop",
        "made_up": False,
        "title": "Black pepper",
        "price": "9.900",
        "currency": "EUR",
        "confidence": pytest.approx(0.94),
        "misfiled": None,
        "chance_wrong": None,
        "oddities": {},
        "why": "title and description fit",
        "removed_by": "",
        "signals": SIGNALS,
        "contributions": CONTRIBUTIONS,
    }
    assert (two["position"], two["price"], two["made_up"]) == (2, None, True)
    assert found == read(merchandiser, candidates_of(pepper, "?removed=false"))
    part = read(merchandiser, candidates_of(pepper, "?limit=1&offset=1"))
    assert part["results"] == [two]


def test_what_was_removed_is_told_with_its_rule_and_reason(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper, shown=products(1), removed=[make_product("Salt")])
    found = read(merchandiser, candidates_of(pepper, "?removed=true"))
    [gone] = found["results"]
    assert (gone["title"], gone["position"]) == ("Salt", None)
    assert gone["removed_by"] == "minimum confidence"
    assert gone["why"] == "Confidence 21 % is below the 35 % asked for."
    wrong = read(merchandiser, candidates_of(pepper, "?removed=yes"), 400)
    assert wrong == {"detail": '"removed" is true or false.'}


def test_what_is_missing_is_told_in_a_sentence(merchandiser: Client, pepper: Category) -> None:
    make_page_run(pepper, make_run("running"), state=State.RUNNING)
    never = read(merchandiser, candidates_of(pepper), 404)
    assert never == {"detail": "Page 7 has not been ranked yet."}
    no_page = make_category()
    told = read(merchandiser, candidates_of(no_page), 404)
    assert told == {"detail": f"There is no page {no_page.pk}."}
    assert read(merchandiser, f"{RUNS}/{10**30}", 404)["detail"].startswith("There is no run 1000")
    for verb in ("cancel", "resume"):
        assert post(merchandiser, f"{RUNS}/99/{verb}", status=404) == {
            "detail": "There is no run 99."
        }


def test_queries_do_not_grow_with_what_is_listed(merchandiser: Client, pepper: Category) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            read(merchandiser, address)
        return len(captured)

    addresses = (RUNS, PAGES, candidates_of(pepper), candidates_of(pepper, "?removed=true"))
    counts = []
    for number in (2, 30):
        shops = [Retailer.objects.create(name=f"Shop {number} {place}") for place in range(number)]
        shown = [make_product(retailer=shop) for shop in shops]
        run = make_run(started_by=make_user())
        for place in range(number):
            make_ranking(make_category(f"{number} {place}", is_page=True), shown[:1], run=run)
            make_run(started_by=make_user())
        make_ranking(pepper, shown=shown, removed=products(number), run=run)
        counts.append([queries(address) for address in addresses])
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 10
