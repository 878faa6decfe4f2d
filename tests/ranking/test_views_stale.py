"""What people see of stale pages, and how they have them ranked again."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ranking.models import Run, State
from taxonomy.models import Category, Revision
from tests.factories import make_category, make_text, make_user
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.programs import PAGES, RUNS, post, read
from tests.ranking.rankings import make_ranking, make_run

pytestmark = pytest.mark.django_db
TOKEN = "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"
STALE = "/pages/stale/"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.runs.ring", lambda _: None)


@pytest.fixture
def salt(pepper: Category) -> Category:
    """A page beside pepper; both are ranked."""
    page = make_category("Salt", is_page=True)
    for one in (page, pepper):
        make_ranking(one, shown=products(1), run=make_run(settings={"discriminators_until": 0}))
    return page


@pytest.fixture
def revision(pepper: Category, salt: Category) -> Revision:
    """A text that makes both stale."""
    return make_text(pepper, salt, "peppercorns", by=make_user(username="tomas"))


def test_the_list_of_pages_marks_the_stale_ones_and_shows_them_alone(
    merchandiser: Client, revision: Revision
) -> None:
    make_ranking(make_category("Bowls", make_category("Kitchen"), is_page=True))
    text = text_of(merchandiser, reverse("pages"))
    assert text.count('<span class="chip doubt">stale</span>') == 2
    assert "Rank the 2 stale pages again" in text
    alone = text_of(merchandiser, reverse("pages") + "?state=stale")
    assert "2 pages" in alone
    assert "Bowls" not in alone


def test_a_stale_page_says_which_text_changed_and_offers_to_rank_again(
    merchandiser: Client, pepper: Category, revision: Revision
) -> None:
    text = text_of(merchandiser, reverse("page", args=(pepper.pk,)))
    assert "What this ranking follows from has changed since" in text
    assert "Pepper rather than Salt</a> (revision 1, tomas, " in text
    assert 'name="stale" value="1"' in text


def test_a_page_and_its_run_say_which_texts_counted(
    merchandiser: Client, pepper: Category, salt: Category, revision: Revision
) -> None:
    make_text(make_category("Mugs"), None, "to drink from")
    make_text(make_category("Forks", make_category("Kitchen")), None, "to eat with")
    run = make_run(settings={"discriminators_until": Revision.objects.latest("id").pk})
    make_ranking(pepper, run=run)
    page = " ".join(text_of(merchandiser, reverse("page", args=(pepper.pk,))).split())
    assert 'Told from its siblings by <span class="num">2 texts</span>' in page
    assert "newest: revision 1 of" in page
    whole = " ".join(text_of(merchandiser, reverse("run", args=(run.pk,))).split())
    assert 'Made with <span class="num">3 texts</span>' in whole
    assert "What this ranking follows from has changed" not in page


def test_a_ranking_from_before_there_were_texts_says_nothing_of_them(
    merchandiser: Client, pepper: Category
) -> None:
    make_ranking(pepper)
    assert "Told from its siblings" not in text_of(merchandiser, f"/pages/{pepper.pk}/")


def test_the_stale_pages_are_listed_with_what_made_them_so(
    merchandiser: Client, pepper: Category, salt: Category, revision: Revision
) -> None:
    text = text_of(merchandiser, STALE)
    assert text.count("Pepper rather than Salt</a> (revision 1") == 2
    part = text_of(merchandiser, f"{STALE}?beside={salt.pk}", **HTMX)
    assert "<html" not in part
    assert "Rank the 2 stale pages again" in part
    other = make_category("Bowls", make_category("Kitchen"))
    assert text_of(merchandiser, f"{STALE}?beside={other.pk}", **HTMX).strip() == ""


def test_nothing_stale_is_said_in_a_sentence(merchandiser: Client, salt: Category) -> None:
    assert "No page is stale" in text_of(merchandiser, STALE)
    before = Run.objects.count()
    form = {"token": TOKEN, "stale": "1"}
    told = merchandiser.post(reverse("start_run"), form, follow=True).content.decode()
    assert "No page is stale: their rankings know all that was said." in told
    assert Run.objects.count() == before


def test_two_clicks_rank_the_stale_pages_once(
    merchandiser: Client, pepper: Category, salt: Category, revision: Revision
) -> None:
    make_category("Never ranked", is_page=True)
    form = {"token": TOKEN, "stale": "1"}
    first = merchandiser.post(reverse("start_run"), form)
    second = merchandiser.post(reverse("start_run"), form)
    run = Run.objects.get(token=TOKEN)
    assert first["Location"] == second["Location"] == reverse("run", args=(run.pk,))
    assert {part.page for part in run.page_runs.all()} == {pepper, salt}
    assert "No page is stale" in text_of(merchandiser, STALE)


def test_programs_see_and_rank_stale_pages_too(
    merchandiser: Client, pepper: Category, revision: Revision
) -> None:
    assert [page["stale"] for page in read(merchandiser, PAGES)["results"]] == [True, True]
    run = post(merchandiser, RUNS, {"stale": True, "pages": [pepper.pk]}, 201)
    assert run["pages"] == 1
    refused = post(merchandiser, RUNS, {"stale": True, "pages": [pepper.pk]}, 400)
    assert refused["detail"].startswith("No page is stale")


def test_the_command_ranks_only_stale_pages(
    pepper: Category, salt: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(run: int) -> bool:
        Run.objects.filter(pk=run).update(state=State.DONE)
        return True

    monkeypatch.setattr("ranking.actions.rank.work", work)
    with pytest.raises(CommandError, match="No page is stale"):
        call_command("rank", "--stale", "--here")
    make_text(pepper, salt, "peppercorns")
    make_category("Never ranked", is_page=True)
    call_command("rank", "--stale", "--here")
    assert Run.objects.latest("id").page_runs.count() == 2
    with pytest.raises(CommandError, match="--resume goes on"):
        call_command("rank", "--stale", "--resume", "1")
