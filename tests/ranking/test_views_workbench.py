"""The work list, the map of confusion and the workbench, as people see them."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ranking.models import ConfusedPair, Preview, Suggestion
from ranking.queries import confusion
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Revision
from taxonomy.queries.discriminators import text_of
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.conftest import HTMX
from tests.ranking.conftest import text_of as html_of
from tests.ranking.confusion import make_pair, make_suggestion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ranking.actions.preview.ring_for_preview", lambda _: None)


@pytest.fixture
def taxonomist(client: Client) -> Client:
    client.force_login(make_user("taxonomists"))
    return client


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", parent=make_category("Spices", id=1), id=2, is_page=True)


@pytest.fixture
def mixes(pepper: Category) -> Category:
    return make_category("Mixes", parent=pepper.parent, id=3, is_page=True)


@pytest.fixture
def pair(pepper: Category, mixes: Category) -> ConfusedPair:
    fence = {make_product("Peppercorns"): 0.4, make_product("Lemon pepper"): -0.2}
    return make_pair(pepper, mixes, fence, weight=3.0, share=0.75)


BENCH = "/discriminators/2/3/"


# The work list


def test_the_work_list_begins_with_the_heaviest_pair_and_says_how_it_came_about(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    make_pair(pair.first, make_category("Salt", parent=pair.parent), weight=1.0, share=0.25)
    page = html_of(taxonomist, "/discriminators/")
    assert page.index(BENCH) < page.index("Salt")
    assert "75\xa0%" in page
    assert "products 2.0" in page
    assert "The first <b>2</b> pairs hold" in page


def test_the_work_list_tells_how_the_texts_stand_and_is_filtered_by_it(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    def shown(state: str) -> bool:
        return BENCH in html_of(taxonomist, f"/discriminators/?state={state}")

    assert [shown(s) for s in ("none", "draft", "live", "suggested")] == [1, 0, 0, 0]
    write_revision(pepper, mixes, "whole corns", based_on=0, live=False, by=None)
    assert [shown(s) for s in ("none", "draft", "live", "suggested")] == [0, 1, 0, 0]
    write_revision(pepper, mixes, "whole corns", based_on=1, live=True, by=None)
    make_suggestion(mixes, pepper)
    assert [shown(s) for s in ("none", "draft", "live", "suggested")] == [0, 0, 1, 1]
    write_revision(pepper, mixes, "", based_on=2, live=True, by=None)
    assert shown("none")


def test_the_work_list_of_a_branch_leaves_other_branches_out(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    tools = make_category("Tools")
    make_pair(make_category("Saws", parent=tools), make_category("Files", parent=tools))
    page = html_of(taxonomist, "/discriminators/?under=1")
    assert "Pepper" in page
    assert "Saws" not in page


def test_a_pair_that_somebody_only_opened_is_not_on_the_work_list(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    ConfusedPair.objects.update(weight=0)
    assert BENCH not in html_of(taxonomist, "/discriminators/")
    assert "not on the work list" in html_of(taxonomist, BENCH)


def test_an_empty_work_list_says_what_to_do_next(taxonomist: Client) -> None:
    assert "Start one on" in html_of(taxonomist, "/discriminators/")


def test_the_menu_counts_the_confused_pairs_without_a_text(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    assert "Discriminators<b>1</b>" in html_of(taxonomist, "/")
    write_revision(pepper, mixes, "whole corns", based_on=0, live=True, by=None)
    cache.clear()
    assert "Discriminators<b>0</b>" in html_of(taxonomist, "/")


def test_a_longer_work_list_takes_no_more_queries(
    taxonomist: Client, pair: ConfusedPair, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_pair(pair.first, make_category(f"Salt {number}", parent=pair.parent))
    with django_assert_max_num_queries(25):
        html_of(taxonomist, "/discriminators/")


# Among all children


def test_the_map_leads_from_each_confused_pair_into_the_workbench(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    make_category("Salt", parent=pair.parent)
    page = html_of(taxonomist, "/tree/1/confusion/")
    assert BENCH in page
    assert "Pepper or Mixes: 2 products on the fence" in page or "Mixes or Pepper: 2" in page
    assert "Quiet: 1 child " in page


@pytest.mark.parametrize("gone", ["retired", "moved"])
def test_a_pair_that_the_tree_has_parted_is_on_no_list(
    taxonomist: Client, pair: ConfusedPair, mixes: Category, gone: str
) -> None:
    salt = make_category("Salt", id=4, parent=pair.parent)
    beside = make_pair(pair.second, salt, {make_product("Sea salt"): 0.1}, weight=1.0)
    if gone == "retired":
        Category.objects.filter(pk=2).update(retired_at=timezone.now())
    else:
        Category.objects.filter(pk=2).update(parent=None)
    assert taxonomist.get(BENCH).status_code == 404
    for address in ("/discriminators/", "/", "/tree/1/confusion/"):
        page = html_of(taxonomist, address)
        assert BENCH not in page
        assert "/discriminators/3/4/" in page
    assert "pair 1 of 1 on the work list" in html_of(taxonomist, "/discriminators/3/4/")
    assert "/tree/2/" not in html_of(taxonomist, "/tree/?list=confused")
    assert confusion.neighbours(beside) == (None, None)


def test_roots_that_are_confused_stay_on_the_list(taxonomist: Client) -> None:
    make_pair(make_category("Toys", id=5), make_category("Games", id=6))
    assert "/discriminators/5/6/" in html_of(taxonomist, "/discriminators/")


def test_a_map_of_many_children_folds_the_least_confused(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    for number in range(30):
        make_pair(pair.first, make_category(f"Salt {number}", parent=pair.parent), weight=0.1)
    page = html_of(taxonomist, "/tree/1/confusion/")
    assert page.count('scope="row"') == 18
    assert "Confused too, but less" in page
    assert BENCH in page


def test_a_category_without_confusion_says_so(taxonomist: Client, pepper: Category) -> None:
    assert "No children here are confused" in html_of(taxonomist, "/tree/2/confusion/")


# The workbench


def test_the_workbench_shows_both_sides_and_what_people_judged(
    taxonomist: Client, pair: ConfusedPair, pepper: Category
) -> None:
    make_judgment(pepper, pair.fence.get(margin__gt=0).product, 3)
    page = html_of(taxonomist, BENCH)
    assert "pair 1 of 1 on the work list" in page
    assert "Peppercorns" in page
    assert "Pepper </span>60\xa0%" in page
    assert "judged right" in page
    assert "Mixes </span>55\xa0%" in page
    assert "unjudged" in page


def test_a_pair_has_one_address_whichever_is_named_first(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    response = taxonomist.get("/discriminators/3/2/")
    assert (response.status_code, response["Location"]) == (302, BENCH)


def test_categories_that_are_no_live_siblings_have_no_workbench(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    assert taxonomist.get("/discriminators/1/2/").status_code == 404
    assert taxonomist.get("/discriminators/2/2/").status_code == 404
    Category.objects.filter(pk=3).update(retired_at=timezone.now())
    assert taxonomist.get(BENCH).status_code == 404


def test_siblings_that_were_never_measured_can_be_opened(
    taxonomist: Client, pepper: Category, mixes: Category
) -> None:
    assert "are being looked for" in html_of(taxonomist, BENCH)


def form(**changed: str) -> dict[str, str]:
    values = {"first_text": "", "second_text": "", "first_based_on": "0", "second_based_on": "0"}
    return values | changed


def test_both_texts_are_saved_at_once_as_drafts_and_then_made_live(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    texts = form(first_text="whole corns", second_text="a blend", **{"as": "draft"})
    page = taxonomist.post(f"{BENCH}save/", texts, follow=True).content.decode()
    assert "saved as drafts" in page
    assert text_of(pepper, mixes).draft
    assert text_of(mixes, pepper).draft
    live = texts | {"first_based_on": "1", "second_based_on": "1", "as": "live"}
    page = taxonomist.post(f"{BENCH}save/", live, follow=True).content.decode()
    assert "Pepper rather than Mixes" in page
    assert ": live." in page
    for one, other, said in ((pepper, mixes, "whole corns"), (mixes, pepper, "a blend")):
        revision = text_of(one, other).live
        assert revision
        assert revision.text == said


def test_a_side_that_nobody_wrote_on_stays_unwritten(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    taxonomist.post(f"{BENCH}save/", form(first_text="whole corns", **{"as": "live"}))
    assert Revision.objects.count() == 1
    page = taxonomist.post(
        f"{BENCH}save/",
        form(first_text="whole corns", first_based_on="1", **{"as": "live"}),
        follow=True,
    )
    assert "nothing to save" in page.content.decode()
    assert Revision.objects.count() == 1


def test_two_editors_at_once_lose_nothing(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    write_revision(pepper, mixes, "theirs", based_on=0, live=True, by=None)
    mine = form(first_text="mine", second_text="a blend", **{"as": "draft"})
    response = taxonomist.post(f"{BENCH}save/", mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert Revision.objects.count() == 1
    for words in ("theirs", "mine", "a blend", 'name="first_based_on" value="1"'):
        assert words in page
    taxonomist.post(f"{BENCH}save/", mine | {"first_based_on": "1"})
    draft = text_of(pepper, mixes).draft
    assert draft
    assert (draft.text, draft.number) == ("mine", 2)


def test_a_text_with_a_fault_is_not_saved_and_not_lost(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    response = taxonomist.post(f"{BENCH}save/", form(first_text="x" * 301, second_text="a blend"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Pepper: Line 1 is longer than 300 characters." in page
    assert "a blend" in page
    assert not Revision.objects.exists()


def test_a_suggested_line_that_is_saved_is_accepted_and_keeps_its_origin(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    offered = make_suggestion(pepper, mixes, "whole corns")
    assert "whole corns" in html_of(taxonomist, BENCH)
    taxonomist.post(f"{BENCH}save/", form(first_text="whole corns\nin a jar", **{"as": "draft"}))
    offered.refresh_from_db()
    assert offered.state == "accepted"
    revision = Revision.objects.get()
    assert revision.origin["whole corns"]["label"] == "words of titles"
    assert "in a jar" not in revision.origin


def test_a_dismissed_suggestion_goes_and_what_was_typed_stays(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    offered = make_suggestion(pepper, mixes, "whole corns")
    address = reverse("dismiss_suggestion", args=(offered.pk,))
    response = taxonomist.post(address, form(first_text="typed"), follow=True)
    page = response.content.decode()
    assert "typed" in page
    assert "whole corns" not in page
    assert Suggestion.objects.get().state == "dismissed"


@pytest.mark.parametrize("digits", [19, 25, 5000])
def test_numbers_that_nothing_has_are_refused(
    taxonomist: Client, pair: ConfusedPair, digits: int
) -> None:
    number = "9" * digits
    for address in (f"/discriminators/2/{number}/", f"/tree/{number}/confusion/"):
        assert taxonomist.get(address).status_code == 404
    assert taxonomist.get(f"/discriminators/?under={number}").status_code == 400
    based = form(first_based_on=number, first_text="whole corns")
    assert taxonomist.post(f"{BENCH}save/", based).status_code == 400
    taken = taxonomist.post(f"{BENCH}preview/", form(take=number))
    assert taken.status_code == 400


def test_new_suggestions_appear_by_themselves_and_end_the_asking(
    taxonomist: Client,
    pair: ConfusedPair,
    pepper: Category,
    mixes: Category,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ranking.views.workbench.ring_for_suggestions", lambda *_: None)
    make_suggestion(pepper, mixes, "whole corns")
    Suggestion.objects.update(made_at=timezone.now() - timedelta(minutes=5))
    page = taxonomist.post(f"{BENCH}suggest/", form(first_text="typed"), follow=True)
    said = page.content.decode()
    assert "typed" in said
    assert "Suggestions are being looked for." in said
    assert "<noscript>Load this page again in a moment" in said
    address = html.unescape(said.split(f'hx-get="{BENCH}offers/')[1].split('"')[0])
    address = f"{BENCH}offers/{address}"
    assert taxonomist.get(address, headers=HTMX).status_code == 204
    make_suggestion(mixes, pepper, "a blend")
    answer = taxonomist.get(address, headers=HTMX)
    assert answer.status_code == 286
    for words in ("New suggestions stand below", "a blend", "whole corns", "hx-swap-oob"):
        assert words in answer.content.decode()


def test_when_no_suggestion_comes_the_asking_ends_with_a_sentence(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    since = int(timezone.now().timestamp()) - 21
    answer = taxonomist.get(f"{BENCH}offers/?looking={since}", headers=HTMX)
    assert answer.status_code == 286
    assert "No new suggestions have come." in answer.content.decode()
    assert "offers/" not in html_of(taxonomist, f"{BENCH}?looking={since}")
    assert taxonomist.get(f"{BENCH}offers/?looking={'9' * 5000}").status_code == 400


# Previews


def test_without_scripts_a_button_previews_and_keeps_what_was_typed(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    response = taxonomist.post(f"{BENCH}preview/", form(first_text="whole corns"))
    preview = Preview.objects.get()
    assert response["Location"] == f"{BENCH}?preview={preview.token}"
    page = html_of(taxonomist, response["Location"])
    assert "whole corns" in page
    assert 'http-equiv="refresh"' in page


def test_without_scripts_a_suggestion_is_taken_into_its_text(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    offered = make_suggestion(mixes, pepper, "a blend")
    texts = form(first_text="corns", second_text="salt", take=str(offered.pk))
    taxonomist.post(f"{BENCH}preview/", texts)
    preview = Preview.objects.get()
    assert (preview.first_text, preview.second_text) == ("corns", "salt\na blend")
    assert Suggestion.objects.get().state == "open"


def answered(pair: ConfusedPair) -> Preview:
    corns, lemon = pair.fence.order_by("-margin").values_list("product", flat=True)
    answer = {
        "products": 2, "moved": 1, "right": 0, "wrong": 1, "unjudged": 0, "judged": 1,
        "errors_before": 0, "errors_after": 1, "seconds": 0.01,
        "sides": {"today": [1, 1], "then": [2, 0]},
        "first": [[corns, 0.4, 0.4, 0]], "second": [[lemon, -0.2, 0.3, -1]],
    }  # fmt: skip
    return Preview.objects.create(first=pair.first, second=pair.second, state="done", answer=answer)


def test_an_answer_says_what_would_move_and_stops_the_asking(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    address = reverse("preview_answer", args=(answered(pair).token,))
    response = taxonomist.get(address, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 286
    assert "moves wrong" in page
    assert "Mixes </span>55\xa0% → <b>Pepper</b> 57\xa0%" in page
    assert "0 of 1 today" in page


def test_an_answer_says_that_nothing_is_saved_only_of_texts_that_are_not(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    preview = answered(pair)
    Preview.objects.update(first_text="corns", second_text="")
    address = reverse("preview_answer", args=(preview.token,))
    assert "Nothing is saved yet." in taxonomist.get(address, headers=HTMX).content.decode()
    write_revision(pair.first, pair.second, "corns", based_on=0, live=False, by=None)
    said = taxonomist.get(address, headers=HTMX).content.decode()
    assert "would move" in said
    assert "Nothing is saved yet." not in said


def test_a_text_that_is_newer_than_the_ranking_is_told_of_until_it_is_ranked(
    taxonomist: Client, pair: ConfusedPair, mixes: Category
) -> None:
    salt = make_category("Salt", parent=pair.parent)
    told = "The page was ranked before this text; its products move when it is ranked again."
    write_revision(salt, mixes, "grains", based_on=0, live=True, by=None)
    write_revision(mixes, pair.first, "a blend", based_on=0, live=False, by=None)
    assert told not in html_of(taxonomist, BENCH)
    live = write_revision(mixes, pair.first, "a blend", based_on=1, live=True, by=None)
    answer = reverse("preview_answer", args=(answered(pair).token,))
    assert told in html_of(taxonomist, BENCH)
    assert told in taxonomist.get(answer, headers=HTMX).content.decode()
    pair.run.settings["discriminators_until"] = live.pk
    pair.run.save()
    assert told not in html_of(taxonomist, BENCH)


def test_an_answer_leaves_out_a_product_that_has_gone(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    preview = answered(pair)
    pair.fence.get(margin__gt=0).product.delete()
    page = taxonomist.get(reverse("preview_answer", args=(preview.token,)), headers=HTMX)
    assert "Peppercorns" not in page.content.decode()
    assert "Lemon pepper" in page.content.decode()


def test_while_the_worker_works_nothing_changes_and_a_dead_one_is_told_of(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    preview = Preview.objects.create(first=pair.first, second=pair.second)
    address = reverse("preview_answer", args=(preview.token,))

    def after(seconds: int) -> tuple[int, str]:
        asked_at = timezone.now() - timedelta(seconds=seconds)
        Preview.objects.filter(pk=preview.pk).update(asked_at=asked_at)
        response = taxonomist.get(address, headers=HTMX)
        return response.status_code, response.content.decode()

    assert after(1) == (204, "")
    status, words = after(5)
    assert status == 200
    assert "The worker has not answered yet" in words
    status, words = after(70)
    assert status == 286
    assert "not running" in words


def test_what_could_not_be_worked_out_is_told(taxonomist: Client, pair: ConfusedPair) -> None:
    preview = Preview.objects.create(
        first=pair.first, second=pair.second, state="failed", error="Start a run first."
    )
    response = taxonomist.get(reverse("preview_answer", args=(preview.token,)), headers=HTMX)
    assert response.status_code == 286
    assert "Start a run first." in response.content.decode()
    assert response["HX-Retarget"] == "#asked"


def test_a_preview_of_a_faulty_text_says_what_is_wrong(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    response = taxonomist.post(f"{BENCH}preview/", form(second_text="x" * 301), headers=HTMX)
    assert response.status_code == 422
    assert "Mixes: Line 1 is longer" in response.content.decode()


# The home


def test_a_taxonomists_home_leads_to_the_most_confused_pair_and_to_drafts(
    taxonomist: Client, pair: ConfusedPair, pepper: Category, mixes: Category
) -> None:
    write_revision(pepper, mixes, "whole corns", based_on=0, live=False, by=None)
    page = html_of(taxonomist, "/")
    assert BENCH in page
    assert "Pepper rather than Mixes" in page
    assert "75\xa0%" in page


def test_somebody_who_may_not_write_sees_the_workbench_without_its_buttons(
    client: Client, pair: ConfusedPair
) -> None:
    client.force_login(make_user("merchandisers"))
    page = html_of(client, BENCH)
    assert "Peppercorns" in page
    assert "Make live" not in page
    assert "Only taxonomists save texts; you can try what a text would change." in page


def test_somebody_who_may_write_is_not_told_that_others_may(
    taxonomist: Client, pair: ConfusedPair
) -> None:
    assert "Only taxonomists save" not in html_of(taxonomist, BENCH)
