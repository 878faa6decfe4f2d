"""What people see of runs, and what they can do to them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ranking.labels import blend_words
from ranking.models import Adoption, Kind, PageRun, Run, State
from taxonomy.models import Category
from tests.factories import make_category
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.rankings import make_page_run, make_ranking, make_run
from tests.ranking.trainings import make_version

pytestmark = pytest.mark.django_db


def test_starting_a_run_twice_with_one_form_starts_one(
    merchandiser: Client, pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    form = {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"}
    first = merchandiser.post(reverse("start_run"), form)
    second = merchandiser.post(reverse("start_run"), form)
    run = Run.objects.get()
    assert first["Location"] == second["Location"] == reverse("run", args=(run.pk,))
    assert run.started_by is not None
    assert list(run.page_runs.values_list("page_id", flat=True)) == [pepper.pk]


def test_starting_a_run_of_nothing_is_told_in_a_sentence(merchandiser: Client) -> None:
    form = {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"}
    response = merchandiser.post(reverse("start_run"), form, follow=True)
    assert "No page is switched on yet." in response.content.decode()
    assert not Run.objects.exists()


def test_a_form_without_a_token_is_refused(merchandiser: Client) -> None:
    assert merchandiser.post(reverse("start_run")).status_code == 400


def test_a_run_tells_how_far_it_is_and_how_long_it_will_take(
    merchandiser: Client, pepper: Category
) -> None:
    run = make_run("running")
    now = timezone.now()
    for number in range(4):
        page = make_category(f"Page {number}", is_page=True)
        make_page_run(page, run, started_at=now - timedelta(seconds=8))
    make_page_run(pepper, run, state=State.WAITING)
    text = text_of(merchandiser, reverse("run", args=(run.pk,)))
    for expected in ("4 of 5 pages ranked", "30 pages a minute", "left", 'hx-trigger="every 2s"'):
        assert expected in text
    assert reverse("cancel_run", args=(run.pk,)) in text


def test_while_preparing_a_run_tells_its_stage(merchandiser: Client, pepper: Category) -> None:
    run = make_run(
        "running", prepared_at=None, stage="Encoding pictures", stage_done=1200, stage_total=4000
    )
    make_page_run(pepper, run, state=State.WAITING)
    text = text_of(merchandiser, reverse("run", args=(run.pk,)))
    assert "Encoding pictures: 1,200 of 4,000" in text
    assert 'max="4000" value="1200"' in text


def test_the_progress_of_an_ended_run_stops_asking(merchandiser: Client, pepper: Category) -> None:
    run = make_run()
    make_ranking(pepper, shown=products(1), run=run)
    asking = HTMX | {"HX-Target": "progress"}
    response = merchandiser.get(reverse("run", args=(run.pk,)), headers=asking)
    assert response.status_code == 286
    assert "hx-trigger" not in response.content.decode()
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING, finished_at=None)
    response = merchandiser.get(reverse("run", args=(run.pk,)), headers=asking)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()


def test_the_pages_of_a_run_tell_state_attempt_seconds_and_error(
    merchandiser: Client, pepper: Category
) -> None:
    run = make_run()
    make_ranking(pepper, shown=products(1), run=run)
    make_page_run(make_category("Salt"), run, state=State.FAILED, attempt=3, error="It stopped.")
    address = reverse("run", args=(run.pk,))
    text = text_of(merchandiser, address)
    for expected in ("Pepper", "0.40", "Salt", "It stopped.", "Go on with the rest"):
        assert expected in text
    failed = text_of(merchandiser, f"{address}?state=failed", **HTMX)
    assert "Salt" in failed
    assert "Pepper" not in failed


def test_cancelling_stops_a_run_and_resuming_takes_it_up_again(
    merchandiser: Client, pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    run = make_run("running")
    part = make_page_run(pepper, run, state=State.WAITING)
    merchandiser.post(reverse("cancel_run", args=(run.pk,)))
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    again = merchandiser.post(reverse("cancel_run", args=(run.pk,)), follow=True)
    assert "has already ended" in again.content.decode()
    merchandiser.post(reverse("resume_run", args=(run.pk,)))
    assert PageRun.objects.get(pk=part.pk).state == State.WAITING


def test_no_run_yet_says_what_to_do(merchandiser: Client) -> None:
    assert "No page has been ranked yet" in text_of(merchandiser, reverse("runs"))


def test_a_run_says_how_it_weighed_its_signals(merchandiser: Client) -> None:
    losses = {"default": 0.4, "trees": 0.3}
    learned = {"kind": "trees", "judgments": 3478, "pages": 104, "log_loss": losses}
    text = text_of(merchandiser, reverse("run", args=(make_run(blend=learned).pk,)))
    assert "learned from 3,478 judged products of 104 pages" in text
    assert "errs 25\xa0% less" in text
    assert "not surely better" in blend_words(learned | {"kind": "default"})
    assert "too few" in blend_words({"kind": "default", "judgments": 12, "pages": 1})
    assert blend_words({}) == ""


def test_a_run_of_today_says_how_it_weighed_its_signals() -> None:
    seen = {"judgments": 3478, "pages": 104, "tried": ["default", "linear"]}
    assert "pages: a weighted sum." in blend_words({**seen, "kind": "linear"})
    assert "not surely better" in blend_words({**seen, "kind": "default"})
    assert "too few" in blend_words({**seen, "tried": [], "kind": "default"})


def test_a_run_names_the_versions_it_ranked_with_and_what_it_could_not_use(
    merchandiser: Client, pepper: Category
) -> None:
    blend, reranker = make_version(), make_version(Kind.RERANKER)
    used = {"kind": "linear", "version": blend.pk, "reranker": reranker.pk, "notes": []}
    run = make_run(blend=used)
    shown = products(1)
    make_ranking(pepper, shown=shown, run=run)
    for address in (
        reverse("run", args=(run.pk,)),
        reverse("page", args=(pepper.pk,)),
        reverse("page_why", args=(pepper.pk, shown[0].pk)),
    ):
        text = text_of(merchandiser, address)
        for version in (blend, reranker):
            assert reverse("model", args=(version.pk,)) in text
    other = make_run(blend=used | {"version": None, "notes": ["The files of blend 9 are gone."]})
    text = text_of(merchandiser, reverse("run", args=(other.pk,)))
    assert "a blend learned in the run" in text
    assert "The files of blend 9 are gone." in text
    told = merchandiser.get(reverse("api_run", args=(run.pk,))).json()
    assert (told["blend_version"], told["reranker"], told["notes"]) == (blend.pk, reranker.pk, [])


def test_a_run_that_waits_names_what_it_is_to_rank_with(merchandiser: Client) -> None:
    blend = make_version()
    run = make_run("waiting", settings={"blend": blend.pk, "reranker": None})
    assert reverse("model", args=(blend.pk,)) in text_of(
        merchandiser, reverse("run", args=(run.pk,))
    )


def test_before_a_run_begins_it_is_said_what_it_will_rank_with(merchandiser: Client) -> None:
    text = text_of(merchandiser, reverse("runs"))
    assert "a blend that it learns itself, and without a cross-encoder." in text
    blend = make_version()
    Adoption.objects.create(kind=Kind.BLEND, training=blend)
    text = text_of(merchandiser, reverse("runs"))
    assert reverse("model", args=(blend.pk,)) in text
    blend.made = {"file": "gone.json"}
    blend.save()
    assert "The files of blend" in text_of(merchandiser, reverse("runs"))


def test_a_run_that_ends_takes_its_cancel_button_along(
    merchandiser: Client, pepper: Category
) -> None:
    run = make_run()
    make_page_run(pepper, run, state=State.FAILED)
    asking = HTMX | {"HX-Target": "progress"}
    response = merchandiser.get(reverse("run", args=(run.pk,)), headers=asking)
    text = response.content.decode()
    assert 'id="run-actions" hx-swap-oob="true"' in text
    assert "Go on with the rest" in text
    assert reverse("cancel_run", args=(run.pk,)) not in text
    assert "progressed" in response["HX-Trigger"]


def test_whoever_starts_cancels_or_resumes_a_run_is_told_what_comes(
    merchandiser: Client, pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)

    def post(name: str, **form: object) -> str:
        address = reverse(name, args=[] if form else [Run.objects.get().pk])
        return merchandiser.post(address, form, follow=True).content.decode()

    assert "goes on by itself" in post("start_run", token=uuid.uuid4())
    assert "The run stops" in post("cancel_run")
    assert "failed or were cancelled" in post("resume_run")


def test_a_branch_is_chosen_where_a_run_is_started(
    merchandiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    top = make_category("Garden")
    below = make_category("Rakes", parent=top, is_page=True)
    make_category("Bare")
    make_category("Sofas", is_page=True)
    page = text_of(merchandiser, reverse("runs"))
    assert f'<option value="{top.pk}">Garden</option>' in page
    assert "Bare" not in page
    form = {"token": str(uuid.uuid4()), "branch": str(top.pk), "incremental": "1"}
    merchandiser.post(reverse("start_run"), form)
    run = Run.objects.get()
    assert list(run.page_runs.values_list("page", flat=True)) == [below.pk]
    told = text_of(merchandiser, reverse("run", args=(run.pk,)))
    assert "Ranks the pages of" in told
    assert "Everything is ranked anew: no finished run has most of these pages." in told


def test_a_branch_that_is_no_number_is_refused(merchandiser: Client, pepper: Category) -> None:
    form = {"token": str(uuid.uuid4()), "branch": "garden"}
    assert merchandiser.post(reverse("start_run"), form).status_code == 400


def test_a_run_says_which_pages_it_carried_over(merchandiser: Client, pepper: Category) -> None:
    before = make_ranking(pepper, shown=products(2))
    run = make_run(base=before.run)
    make_page_run(pepper, run, carried_from=before, shown=2)
    page = text_of(merchandiser, reverse("run", args=(run.pk,)))
    assert f'Builds on <a href="{reverse("run", args=(before.run_id,))}">' in page
    assert "1 page of which nothing has changed was carried over" in page
    assert "1 unchanged" in text_of(merchandiser, reverse("runs"))


def test_only_what_failed_can_be_tried_again(
    merchandiser: Client, pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)
    run = make_run(State.CANCELLED)
    failed = make_page_run(pepper, run, state=State.FAILED)
    other = make_page_run(make_category(is_page=True), run, state=State.CANCELLED)
    page = text_of(merchandiser, reverse("run", args=(run.pk,)))
    assert "Only the 1 failed again" in page
    merchandiser.post(reverse("resume_run", args=(run.pk,)), {"only": "failed"})
    failed.refresh_from_db()
    other.refresh_from_db()
    assert (failed.state, other.state) == (State.WAITING, State.CANCELLED)
