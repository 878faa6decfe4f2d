"""What pages show: runs published, rules by hand laid over them, and all of it rolled back."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ranking.actions.hand import end
from ranking.actions.publish import (
    GateShut,
    NoteMissing,
    NotFinished,
    NothingToPublish,
    PublishedMeanwhile,
    publish_pages,
)
from ranking.listings import told
from ranking.models import Cause, HandRule, Listing, PageRun, Release, Run, Shown
from ranking.queries.gate import Gate
from ranking.queries.releases import (
    changed_pages,
    page_changes,
    rolled_back,
    standing,
    waiting,
    waiting_run,
)
from ranking.queries.shown import newest_release, shown_publication
from taxonomy.models import Category, Product
from tests.factories import make_category, make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.rankings import make_page_run, make_run
from tests.ranking.releases import (
    OPEN,
    back_to,
    ids,
    make_found,
    newest,
    publish,
    shop,
)

pytestmark = [pytest.mark.django_db, pytest.mark.rows, pytest.mark.usefixtures("open_gate")]


@pytest.fixture
def salt() -> Category:
    return make_category("Salt", id=8, is_page=True)


def hide(page: Category, product: Product, state: str = "live") -> HandRule:
    now = timezone.now()
    return HandRule.objects.create(
        page=page, product=product, kind="hide", state=state, live_at=now
    )


# A run


def test_pages_show_what_the_published_run_found(pepper: Category, salt: Category) -> None:
    a, b, c = products(3)
    release = publish(make_found({pepper: [a, b], salt: [c]}))
    assert shop(pepper) == ids([a, b])
    assert shop(salt) == ids([c])
    assert release.figures["changed"] == release.figures["pages"] == 2


def test_nothing_is_shown_before_anything_is_published(pepper: Category) -> None:
    make_found({pepper: products(2)})
    assert shop(pepper) is None
    assert newest_release() is None


def test_a_page_that_did_not_change_keeps_what_it_points_at(
    pepper: Category, salt: Category
) -> None:
    a, b, c = products(3)
    publish(make_found({pepper: [a, b], salt: [c]}))
    before = shown_publication(pepper)
    release = publish(make_found({pepper: [a, b], salt: [c, a]}))
    assert shown_publication(pepper) == before
    assert [one.page for one in release.publications.all()] == [salt]
    assert (release.figures["pages"], release.figures["changed"]) == (2, 1)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_page_that_failed_or_was_cancelled_keeps_its_last_good_ranking(
    pepper: Category, salt: Category, state: str
) -> None:
    a, b, c = products(3)
    publish(make_found({pepper: [a], salt: [b]}))
    run = make_found({salt: [c]})
    make_page_run(pepper, run, state=state)
    release = publish(run)
    assert (shop(pepper), shop(salt)) == (ids([a]), ids([c]))
    assert release.figures[state] == [pepper.pk]


def test_a_page_that_fell_empty_keeps_its_last_good_ranking_and_is_named(
    pepper: Category, salt: Category
) -> None:
    a, b = products(2)
    publish(make_found({pepper: [a], salt: [a]}))
    release = publish(make_found({pepper: [], salt: [b]}))
    assert shop(pepper) == ids([a])
    assert release.figures["empty"] == [pepper.pk]


def test_a_page_for_which_nothing_was_ever_found_is_shown_empty(pepper: Category) -> None:
    release = publish(make_found({pepper: []}))
    assert shop(pepper) == []
    assert release.figures["empty"] == []


def test_pages_that_were_switched_off_or_retired_since_are_left_alone(
    pepper: Category, salt: Category
) -> None:
    a, b = products(2)
    mills = make_category("Mills", is_page=True)
    run = make_found({pepper: [a], salt: [b], mills: [b]})
    Category.objects.filter(pk=salt.pk).update(is_page=False)
    Category.objects.filter(pk=mills.pk).update(retired_at=timezone.now())
    release = publish(run)
    assert (shop(pepper), shop(salt), shop(mills)) == (ids([a]), None, None)
    assert release.figures["switched_off"] == sorted([salt.pk, mills.pk])


def test_a_run_from_before_there_were_listings_can_be_published(pepper: Category) -> None:
    a, b = products(2)
    run = make_found({pepper: [a, b]})
    PageRun.objects.update(listing=None)
    Listing.objects.all().delete()
    publish(run)
    assert shop(pepper) == ids([a, b])
    assert waiting(run).changed == 0


def test_a_run_of_a_branch_leaves_all_other_pages_as_they_are(
    pepper: Category, salt: Category
) -> None:
    a, b = products(2)
    publish(make_found({pepper: [a], salt: [a]}))
    publish(make_found({salt: [b]}, branch=salt))
    assert (shop(pepper), shop(salt)) == (ids([a]), ids([b]))


def test_a_run_that_is_at_work_cannot_be_published(pepper: Category) -> None:
    with pytest.raises(NotFinished):
        publish(make_found({pepper: products(1)}, state="running"))
    assert not Release.objects.exists()


def test_a_run_that_changes_nothing_is_not_published_again(pepper: Category) -> None:
    found = {pepper: products(2)}
    publish(make_found(found))
    with pytest.raises(NothingToPublish, match="shows already"):
        publish(make_found(found))
    assert Release.objects.count() == 1


def test_a_run_of_which_every_page_failed_has_nothing_to_publish(pepper: Category) -> None:
    run = make_run("failed")
    make_page_run(pepper, run, state="failed")
    with pytest.raises(NothingToPublish, match="ranked no page"):
        publish(run)


def test_a_run_whose_products_were_let_go_cannot_be_published(pepper: Category) -> None:
    with pytest.raises(NothingToPublish, match="no longer kept"):
        publish(make_found({pepper: products(1)}, thinned_at=timezone.now()))
    assert shop(pepper) is None


def test_a_second_click_finds_the_first_ones_release(pepper: Category) -> None:
    run, token = make_found({pepper: products(1)}), uuid.uuid4()
    first = publish(run, token=token, based_on=None)
    assert publish(run, token=token, based_on=None) == first
    assert Release.objects.count() == 1


def test_two_clicks_at_the_same_moment_are_one(
    pepper: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, token = make_found({pepper: products(1)}), uuid.uuid4()

    def clicked_again(_: Run) -> Gate:  # while the first is on its way, the second comes through
        monkeypatch.setattr("ranking.actions.publish.gate", lambda _: OPEN)
        publish(run, token=token, based_on=None)
        return OPEN

    monkeypatch.setattr("ranking.actions.publish.gate", clicked_again)
    assert publish(run, token=token, based_on=None) == Release.objects.get()


def test_whoever_publishes_over_something_they_have_not_seen_is_told_who_was_faster(
    pepper: Category,
) -> None:
    mira = make_user("merchandisers")
    first = publish(make_found({pepper: products(1)}), by=mira)
    with pytest.raises(PublishedMeanwhile) as refused:
        publish(make_found({pepper: products(2)}), based_on=None)
    assert refused.value.newest == first
    assert refused.value.newest.by == mira


# The gate


def test_a_shut_gate_says_why_and_nothing_changes(pepper: Category, shut_gate: None) -> None:
    with pytest.raises(GateShut) as refused:
        publish(make_found({pepper: products(1)}))
    assert refused.value.reasons == ["Mills is worse."]
    assert shop(pepper) is None


def test_who_publishes_against_the_gate_says_why(pepper: Category, shut_gate: None) -> None:
    run = make_found({pepper: products(1)})
    with pytest.raises(NoteMissing):
        publish(run, against_gate=True, note="  ")
    release = publish(run, against_gate=True, note="The old feed was wrong.")
    assert release.against_gate
    assert release.gate["reasons"] == ["Mills is worse."]


def test_publishing_against_an_open_gate_is_publishing_through_it(pepper: Category) -> None:
    release = publish(make_found({pepper: products(1)}), against_gate=True)
    assert not release.against_gate


# What the shop is told


def test_a_price_that_changes_later_is_not_told_before_the_next_run(pepper: Category) -> None:
    (a,) = products(1)
    run = make_found({pepper: [a]})
    publish(run)
    Product.objects.update(price=1)
    publication = shown_publication(pepper)
    assert publication
    assert told(publication.listing)["products"][0]["price"] == "9.90"


def test_equal_rankings_share_one_listing(pepper: Category) -> None:
    found = {pepper: products(3)}
    for _ in range(2):
        make_found(found)
    assert Listing.objects.count() == 1


# Rules by hand


def test_live_rules_by_hand_are_laid_over_the_run_and_drafts_are_not(pepper: Category) -> None:
    a, b, c = products(3)
    hide(pepper, a)
    hide(pepper, b, state="draft")
    publish(make_found({pepper: [a, b, c]}))
    assert shop(pepper) == ids([b, c])


def test_a_rule_that_goes_live_is_shown_without_a_run(pepper: Category, salt: Category) -> None:
    a, b = products(2)
    publish(make_found({pepper: [a, b], salt: [a, b]}))
    hide(pepper, a)
    mira = make_user("merchandisers")
    release = publish_pages([pepper.pk], cause=Cause.HAND, by=mira, note="sold out")
    assert release
    assert (release.cause, release.by, release.note) == (Cause.HAND, mira, "sold out")
    assert (shop(pepper), shop(salt)) == (ids([b]), ids([a, b]))


def test_when_the_last_rule_ends_the_page_shows_what_the_run_found_to_the_letter(
    pepper: Category,
) -> None:
    a, b = products(2)
    run = make_found({pepper: [a, b]})
    publish(run)
    before = shown_publication(pepper)
    rule = hide(pepper, a)
    publish_pages([pepper.pk], cause=Cause.HAND, by=None)
    HandRule.objects.filter(pk=rule.pk).update(state="ended", closed_at=timezone.now())
    publish_pages([pepper.pk], cause=Cause.ENDED, by=None)
    after = shown_publication(pepper)
    assert before
    assert after
    assert after.listing_id == before.listing_id


def test_rules_that_change_nothing_make_no_release(pepper: Category) -> None:
    a, b = products(2)
    publish(make_found({pepper: [a, b]}))
    HandRule.objects.create(
        page=pepper, product=a, kind="pin", place=1, state="live", live_at=timezone.now()
    )
    assert publish_pages([pepper.pk], cause=Cause.HAND, by=None) is None
    assert Release.objects.count() == 1


def test_rules_of_a_page_that_was_never_published_make_no_release(pepper: Category) -> None:
    hide(pepper, make_product())
    assert publish_pages([pepper.pk], cause=Cause.HAND, by=None) is None
    assert not Release.objects.exists()


# Rolling back


def test_rolling_back_shows_what_was_shown_then_on_every_page(
    pepper: Category, salt: Category
) -> None:
    a, b, c = products(3)
    first = publish(make_found({pepper: [a], salt: [b]}))
    publish(make_found({pepper: [b], salt: [c]}))
    publish(make_found({salt: [a]}))
    mira = make_user("merchandisers")
    release = back_to(first, by=mira, note="wrong mills")
    assert (shop(pepper), shop(salt)) == (ids([a]), ids([b]))
    assert (release.back_to, release.by, release.note) == (first, mira, "wrong mills")


def test_rolling_back_a_roll_back_shows_the_newer_state_again(pepper: Category) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    second = publish(make_found({pepper: [b]}))
    undone = back_to(first)
    back_to(second)
    assert shop(pepper) == ids([b])
    back_to(undone)
    assert shop(pepper) == ids([a])


def test_a_page_that_was_first_published_later_shows_nothing_again(
    pepper: Category, salt: Category
) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    second = publish(make_found({salt: [b]}))
    release = back_to(first)
    assert (shop(pepper), shop(salt)) == (ids([a]), None)
    assert release.withdrawn == [salt.pk]
    assert release.figures["changed"] == 0
    back_to(second)
    assert (shop(pepper), shop(salt)) == (ids([a]), ids([b]))
    back_to(release)
    assert shop(salt) is None


def test_rolling_back_to_what_is_shown_changes_nothing(pepper: Category) -> None:
    first = publish(make_found({pepper: products(1)}))
    with pytest.raises(NothingToPublish):
        back_to(first)
    assert Release.objects.count() == 1


def test_rules_by_hand_go_back_with_the_pages_that_they_made(pepper: Category) -> None:
    a, b, c = products(3)
    early = hide(pepper, a)
    first = publish(make_found({pepper: [a, b, c]}))
    HandRule.objects.filter(pk=early.pk).update(state="ended", closed_at=timezone.now())
    late = hide(pepper, b)
    publish_pages([pepper.pk], cause=Cause.HAND, by=None)
    assert shop(pepper) == ids([a, c])

    back_to(first)
    early.refresh_from_db()
    late.refresh_from_db()
    assert late.state == "ended"
    assert HandRule.objects.get(state="live").product == a
    assert early.closed_at  # that it was ended, and when, stays written
    assert shop(pepper) == ids([b, c])
    assert publish_pages([pepper.pk], cause=Cause.HAND, by=None) is None  # it holds


def test_rolling_back_to_and_fro_finds_the_rules_of_each_release(pepper: Category) -> None:
    a, b, c = products(3)
    run = make_found({pepper: [a, b, c]})
    plain = publish(run)
    hide(pepper, a)
    without_a = publish_pages([pepper.pk], cause=Cause.HAND, by=None)
    assert without_a
    plain_again = back_to(plain)
    without_a_again = back_to(without_a)
    for release, shown in (
        (plain_again, [a, b, c]),
        (without_a, [b, c]),
        (plain, [a, b, c]),
        (without_a_again, [b, c]),
        (plain_again, [a, b, c]),
    ):
        back_to(release)
        assert shop(pepper) == ids(shown)
        assert publish_pages([pepper.pk], cause=Cause.HAND, by=None) is None, "the rules agree"


def test_pins_that_come_back_are_as_old_as_they_were(pepper: Category) -> None:
    a, b, c = products(3)
    now = timezone.now()
    said = {"page": pepper, "kind": "pin", "place": 1, "state": "live", "live_at": now}
    older = HandRule.objects.create(product=c, made_at=now - timedelta(hours=1), **said)
    HandRule.objects.create(product=b, made_at=now, **said)
    first = publish(make_found({pepper: [a, b, c]}))
    assert shop(pepper) == ids([c, b, a])
    end(older, by=None)
    assert shop(pepper) == ids([b, a, c])
    back_to(first)
    assert shop(pepper) == ids([c, b, a])
    assert publish_pages([pepper.pk], cause=Cause.HAND, by=None) is None


def test_a_rule_whose_time_is_over_does_not_come_back(pepper: Category) -> None:
    a, b = products(2)
    rule = hide(pepper, a)
    first = publish(make_found({pepper: [a, b]}))
    over = timezone.now()
    HandRule.objects.filter(pk=rule.pk).update(state="ended", closed_at=over, until=over)
    publish_pages([pepper.pk], cause=Cause.ENDED, by=None)
    back_to(first)
    rule.refresh_from_db()
    assert rule.state == "ended"
    assert shop(pepper) == ids([b])  # to the letter what was shown then


# What is read of it


def test_the_run_that_waits_is_the_newest_that_was_not_published(pepper: Category) -> None:
    a, b = products(2)
    assert waiting_run() is None
    old = make_found({pepper: [a]})
    make_run("failed")
    assert waiting_run() == old
    publish(old)
    assert waiting_run() is None
    new = make_found({pepper: [b]})
    make_run("running")
    assert waiting_run() == new


def test_a_run_that_was_rolled_back_waits_again_until_it_is_in_force_again(
    pepper: Category,
) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    undone = make_found({pepper: [b]})
    second = publish(undone)
    back = back_to(first, note="wrong")
    assert waiting_run() == undone
    assert waiting(undone).rolled_back == back
    back_to(second)
    assert waiting_run() is None
    assert rolled_back(undone) is None
    back_to(back)  # which rolls back to what was shown after it
    assert waiting_run() == undone
    assert rolled_back(undone) == back
    publish(undone)
    assert waiting_run() is None
    assert rolled_back(undone) is None
    new = make_found({pepper: [a]})
    assert waiting_run() == new
    assert waiting(new).rolled_back is None


def test_it_is_said_beforehand_how_many_pages_would_change(
    pepper: Category, salt: Category
) -> None:
    a, b = products(2)
    publish(make_found({pepper: [a], salt: [a]}))
    run = make_found({pepper: [a], salt: [b]})
    assert (waiting(run).pages, waiting(run).changed) == (2, 1)


def test_rules_by_hand_are_no_change_that_a_run_made(pepper: Category) -> None:
    a, b = products(2)
    first = make_found({pepper: [a, b]})
    publish(first)
    hide(pepper, a)
    publish_pages([pepper.pk], cause=Cause.HAND, by=None)
    run = make_found({pepper: [a, b]})
    assert waiting(run).changed == 0


def test_pages_that_changed_most_come_first_and_new_ones_last(
    pepper: Category, salt: Category
) -> None:
    a, b, c = products(3)
    publish(make_found({pepper: [a, b], salt: [a, b]}))
    mills = make_category("Mills", is_page=True)
    release = publish(make_found({pepper: [a, b, c], salt: [c], mills: [a]}))
    changes = page_changes(changed_pages(release))
    assert [one.publication.page for one in changes] == [salt, pepper, mills]
    assert [one.publication.overlap for one in changes] == [0.0, pytest.approx(2 / 3), None]
    assert [(one.new, one.top) for one in changes] == [(1, 1), (1, 3), (1, 1)]


def test_it_is_known_which_runs_found_what_is_shown(pepper: Category, salt: Category) -> None:
    a, b = products(2)
    first, second = make_found({pepper: [a], salt: [a]}), make_found({salt: [b]})
    publish(first)
    publish(second)
    now = standing()
    assert (now.published, now.pages) == (2, 2)
    assert now.runs == [(second.pk, 1), (first.pk, 1)]


# At once


def test_many_pages_are_published_in_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    (product,) = products(1)
    run = make_found({make_category(is_page=True): [product] for _ in range(60)})
    with django_assert_max_num_queries(25):
        publish(run)
    assert Shown.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told_of_the_other(pepper: Category) -> None:
    runs = [make_found({pepper: products(n)}) for n in (1, 2)]
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def go(run: Run) -> None:
        start.wait()
        try:
            outcomes.append(publish(run, based_on=None))
        except PublishedMeanwhile as refused:
            outcomes.append(refused)
        finally:
            connections.close_all()

    _together([partial(go, run) for run in runs])
    (release,) = Release.objects.all()
    (refused,) = [one for one in outcomes if isinstance(one, PublishedMeanwhile)]
    assert release in outcomes
    assert refused.newest == release
    assert release.run
    assert shop(pepper) == list(
        release.run.page_runs.get().ranked.values_list("product", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_rules_by_hand_and_a_run_at_once_both_count(pepper: Category, salt: Category) -> None:
    """Whichever is first, the rule is laid over what the page shows in the end."""
    a, b, c = products(3)
    publish(make_found({pepper: [a, b], salt: [a]}))
    run, based_on = make_found({pepper: [a, c], salt: [b]}), newest()
    start = threading.Barrier(2)
    outcomes: list[object] = []

    def publish_the_run() -> None:
        start.wait()
        try:
            outcomes.append(publish(run, based_on=based_on))
        except PublishedMeanwhile:
            outcomes.append(publish(run))  # they look, and publish over it
        finally:
            connections.close_all()

    def hide_by_hand() -> None:
        start.wait()
        try:
            with transaction.atomic():
                hide(pepper, a)
                outcomes.append(publish_pages([pepper.pk], cause=Cause.HAND, by=None))
        finally:
            connections.close_all()

    _together([publish_the_run, hide_by_hand])
    assert len(outcomes) == 2
    assert (shop(pepper), shop(salt)) == (ids([c]), ids([b]))


@pytest.mark.django_db(transaction=True)
def test_whoever_reads_while_it_is_published_sees_all_before_or_all_after() -> None:
    a, b = products(2)
    pages = [make_category(is_page=True) for _ in range(40)]
    first, second = (make_found({page: [one] for page in pages}) for one in (a, b))
    states = [
        set(PageRun.objects.filter(run=run).values_list("listing", flat=True))
        for run in (first, second)
    ]
    release = publish(first)
    seen: list[set[str]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            seen.append(set(Shown.objects.values_list("publication__listing", flat=True)))
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(5):
            publish(second)
            back_to(release)
    finally:
        over.set()
        reader.join()
    assert len(seen) > 10
    assert all(one in states for one in seen)


def _together(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
