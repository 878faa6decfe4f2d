"""Measuring confusion: which products stand on which fence, and what makes a pair weigh."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from judgments.models import Judgment
from ranking.actions import cancel_run, resume_run, start_run
from ranking.actions import measure as measuring
from ranking.actions.fences import exposures
from ranking.actions.ledger import (
    GAVE_UP_MEASURING,
    MAX_TRIES,
    Lost,
    claim_measuring,
    finish_measuring,
    settle,
)
from ranking.actions.rank import work
from ranking.models import ConfusedPair, FenceProduct, Run, State, Suggestion
from ranking.pipeline.disambiguate import Head
from ranking.queries.inputs import snapshot
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Filing, Product
from taxonomy.queries.counts import subtrees
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.rankings import make_ranking
from tests.ranking.work import finish, let_leases_run_out, state_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def _quick_encoder(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: WordEncoder())
    # A wide gate, so that these tests do not hang on what is learned from ten products.
    monkeypatch.setattr("ranking.actions.prepare.learn_head", lambda *_: Head(gate=4.0))
    snapshot.cache_clear()


@pytest.fixture
def lights() -> Category:
    """Lighting with lamps, candles and torches; one product speaks of lamps and candles alike."""
    lighting = make_category("lighting", id=1)
    for pk, name in ((2, "lamp"), (3, "candle"), (4, "torch")):
        page = make_category(name, parent=lighting, id=pk, is_page=True)
        for kind in ("brass", "oak", "paper"):
            make_product(f"{name} of {kind}", filed_under=page)
    make_product("lamp candle set", filed_under=Category.objects.get(pk=2))
    return lighting


def ranked(run: Run | None = None) -> Run:
    run = run or start_run(here=True)
    while work(run.pk):
        pass
    run.refresh_from_db()
    assert run.error == ""
    return run


def pair_of(first: int, second: int) -> ConfusedPair:
    return ConfusedPair.objects.get(first=first, second=second)


def between() -> Product:
    return Product.objects.get(title="lamp candle set")


def test_a_product_between_two_siblings_is_found_on_their_fence(lights: Category) -> None:
    run = ranked()
    assert run.measured_at
    pair = pair_of(2, 3)
    assert pair.parent == lights
    assert pair.run == run
    assert between() in [row.product for row in pair.fence.select_related("product")]
    assert pair.products == pair.fence.count()


def test_a_weight_is_the_sum_of_what_is_told_of_it_and_shares_sum_to_one(lights: Category) -> None:
    ranked()
    for pair in ConfusedPair.objects.all():
        assert pair.weight == pytest.approx(sum(pair.terms.values()))
    assert sum(pair.share for pair in ConfusedPair.objects.all()) == pytest.approx(1)


def test_products_count_by_how_close_they_stand_and_how_well_they_are_shown(
    lights: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "exposures", lambda: {between().pk: 0.5})
    ranked()
    fence = pair_of(2, 3).fence.select_related("product")
    close = {row.product: 2 / (1 + math.exp(abs(row.margin))) for row in fence}
    assert pair_of(2, 3).closeness == pytest.approx(sum(close.values()))
    assert pair_of(2, 3).exposure == pytest.approx(close[between()] / 2)


def test_a_product_is_as_exposed_as_its_best_place_on_the_pages_shown_now(
    lights: Category,
) -> None:
    lamps, candles = Category.objects.get(pk=2), Category.objects.get(pk=3)
    top, third, gone = make_product(), make_product(), make_product()
    make_ranking(lamps, shown=[gone])  # until the next run
    make_ranking(lamps, shown=[top, make_product(), third])
    make_ranking(candles, shown=[make_product(), third], removed=[gone])
    shown = exposures()
    assert shown[top.pk] == 1
    assert shown[third.pk] == pytest.approx(1 / math.log2(3))
    assert gone.pk not in shown


def test_a_judged_error_and_people_who_differ_make_a_pair_weigh_more(lights: Category) -> None:
    ranked()
    before = pair_of(2, 3)
    on_lamps = before.fence.get(product=between()).margin > 0
    truth, other = (3, 2) if on_lamps else (2, 3)
    make_judgment(Category.objects.get(pk=truth), between(), 3, who="Ann")
    make_judgment(Category.objects.get(pk=truth), between(), 1, who="Ben")
    make_judgment(Category.objects.get(pk=truth), between(), 3, who="Cleo")
    make_judgment(Category.objects.get(pk=other), between(), 0, who="Ann")
    run = ranked()
    after = pair_of(2, 3)
    still_wrong = (after.fence.get(product=between()).margin > 0) is on_lamps
    assert run.settings["judgments_until"] == Judgment.objects.latest("id").pk
    assert (after.judged, after.errors) == (1, int(still_wrong))
    assert after.disagreement == pytest.approx(2.0)
    assert after.terms["disagreement"] == pytest.approx(2 / 3)


def test_a_text_moves_the_margin_and_leaves_the_one_before_texts_as_it_was(
    lights: Category,
) -> None:
    ranked()
    before = pair_of(2, 3).fence.get(product=between())
    assert before.margin == before.before
    lamp, candle = Category.objects.get(pk=2), Category.objects.get(pk=3)
    write_revision(candle, lamp, "lamp candle", based_on=0, live=True, by=None)
    ranked()
    after = pair_of(2, 3).fence.get(product=between())
    assert after.before == pytest.approx(before.before, abs=1e-3)
    assert after.margin < after.before


def test_measuring_again_replaces_what_was_found_and_equal_shops_give_equal_pairs(
    lights: Category,
) -> None:
    def found() -> list[tuple[object, ...]]:
        ranked()
        fence = FenceProduct.objects.order_by("pair__first", "pair__second", "product")
        return list(fence.values_list("pair__first", "pair__second", "product", "margin"))

    assert found() == found()


def test_a_run_of_some_pages_measures_only_among_their_siblings(lights: Category) -> None:
    bags = make_category("bags", id=20)
    for pk, name in ((21, "satchel"), (22, "rucksack")):
        page = make_category(name, parent=bags, id=pk, is_page=True)
        make_product(f"{name} of leather", filed_under=page)
    make_product("satchel rucksack set", filed_under=Category.objects.get(pk=21))
    first = ranked()
    assert pair_of(21, 22).run == first
    second = ranked(start_run(pages=[2], here=True))
    assert pair_of(2, 3).run == second
    assert pair_of(21, 22).run == first
    assert sum(pair.share for pair in ConfusedPair.objects.all()) == pytest.approx(1)


def test_the_model_files_what_nobody_has_filed_and_says_how_surely(lights: Category) -> None:
    stray = make_product("torch of brass")
    ranked()
    filing = Filing.objects.get(product=stray)
    assert (filing.source, filing.category_id) == ("model", 4)
    assert 0.5 < filing.confidence <= 1


def test_what_the_model_files_is_told_apart_from_what_is_filed(lights: Category) -> None:
    make_product("torch of brass")
    before = dict(Filing.objects.exclude(source="model").values_list("product", "category"))
    ranked()
    ranked()
    said = Filing.objects.exclude(source="model")
    assert dict(said.values_list("product", "category")) == before
    assert subtrees()[4].products == 3
    mine = Filing.objects.filter(source="model")
    assert mine.count() == mine.values("product").distinct().count()


def test_a_filing_of_the_model_that_stays_the_same_is_not_written_again(lights: Category) -> None:
    ranked()
    before = set(Filing.objects.values_list("id", flat=True))
    ranked()
    assert set(Filing.objects.values_list("id", flat=True)) == before


def test_one_child_alone_is_confused_with_nothing() -> None:
    lighting = make_category("lighting")
    make_product("lamp", filed_under=make_category("lamp", parent=lighting, is_page=True))
    assert ranked().state == State.DONE
    assert not ConfusedPair.objects.exists()


def test_measuring_that_fails_leaves_the_rankings_and_says_so(
    lights: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no fences at all")

    with monkeypatch.context() as patch:
        patch.setattr("ranking.actions.measure._measure_below", broken)
        run = start_run(here=True)
        while work(run.pk):
            pass
    run.refresh_from_db()
    assert (run.state, run.measured_at) == (State.DONE, None)
    assert "no fences at all" in run.error
    assert ranked(resume_run(run, here=True)).measured_at


def test_suggestions_that_fail_cost_the_measuring_nothing(
    lights: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(measuring, "suggest", broken)
    assert ranked().measured_at
    assert ConfusedPair.objects.exists()
    assert not Suggestion.objects.exists()


def test_a_run_that_is_cancelled_while_it_measures_can_go_on(
    lights: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = measuring._measure_below

    def cancelled(*given: object) -> object:
        cancel_run(run, by=None)
        return found(*given)  # type: ignore[arg-type]  # passed on as they came

    run = start_run(here=True)
    with monkeypatch.context() as patch:
        patch.setattr("ranking.actions.measure._measure_below", cancelled)
        while work(run.pk):
            pass
    run.refresh_from_db()
    assert (run.state, run.measured_at) == (State.CANCELLED, None)
    assert not ConfusedPair.objects.exists()
    assert ranked(resume_run(run, here=True)).state == State.DONE
    assert pair_of(2, 3).products


def test_a_worker_told_to_stop_while_it_measures_gives_the_run_back(lights: Category) -> None:
    run = start_run(here=True)
    while pages_wait(run):
        work(run.pk)
    assert not work(run.pk, stopping=lambda: True)
    assert not ConfusedPair.objects.exists()
    assert ranked(run).state == State.DONE


# The ledger


@pytest.fixture
def through(run: Run) -> Run:
    """Return a prepared run whose pages are all ranked."""
    for claim in take(run):
        finish(claim)
    Run.objects.filter(pk=run.pk).update(prepared_at=timezone.now())
    return run


def test_a_run_ends_only_when_it_is_measured(through: Run) -> None:
    settle(through.pk)
    assert state_of(through) == State.WAITING
    attempt = claim_measuring(through.pk)
    assert attempt
    assert claim_measuring(through.pk) is None
    finish_measuring(through.pk, attempt)
    settle(through.pk)
    assert state_of(through) == State.DONE


def test_nothing_is_measured_before_the_last_page_is_through(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(prepared_at=timezone.now())
    first, *others = take(run)
    for claim in others:
        finish(claim)
    assert claim_measuring(run.pk) is None
    finish(first)
    assert claim_measuring(run.pk)


def test_a_worker_that_slept_while_it_measured_writes_nothing(through: Run) -> None:
    sleeper = claim_measuring(through.pk)
    assert sleeper
    let_leases_run_out(through)
    assert claim_measuring(through.pk) == sleeper + 1
    with pytest.raises(Lost):
        finish_measuring(through.pk, sleeper)


def test_measuring_that_keeps_killing_its_worker_is_given_up(through: Run) -> None:
    for _ in range(MAX_TRIES):
        assert claim_measuring(through.pk)
        let_leases_run_out(through)
    assert claim_measuring(through.pk) is None
    assert state_of(through) == State.DONE
    assert through.error == GAVE_UP_MEASURING


def pages_wait(run: Run) -> bool:
    """Whether pages of the run are still to be ranked."""
    waiting = run.page_runs.filter(state__in=(State.WAITING, State.RUNNING)).exists()
    return waiting or not Run.objects.filter(pk=run.pk, prepared_at__isnull=False).exists()
