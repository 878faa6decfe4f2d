"""Runs that build on the one before: what did not change is carried over, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from numpy.typing import NDArray
from pytest_django import Settings

from ranking.actions import start_run
from ranking.listings import told as listing_told
from ranking.models import BranchRules, PageRun, RulesState, Run, State
from ranking.pipeline.norms import Norms
from ranking.queries import base
from ranking.queries.inputs import snapshot
from ranking.queries.known import shop_digest
from taxonomy.models import Category, Product, Retailer
from tests.encoders import WordEncoder
from tests.factories import make_judgment, make_product
from tests.ranking import shops
from tests.ranking.shelves import make_shelf
from tests.ranking.shops import carried, change, finish, make_shop, told

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


class CountingEncoder(WordEncoder):
    """Notes how many lines it was asked to read."""

    def __init__(self) -> None:
        self.lines = 0

    def texts(self, lines: Sequence[str]) -> NDArray[np.float32]:
        self.lines += len(lines)
        return super().texts(lines)


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> CountingEncoder:
    made = CountingEncoder()
    settings.DATA = tmp_path
    settings.SEESTOCKS_PAGE_SIZE = 1  # so that each page looks at four products
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: made)
    snapshot.cache_clear()
    return made


@pytest.fixture
def pages() -> list[Category]:
    return make_shop()


def full() -> Run:
    return finish(start_run(here=True))


def next_night() -> Run:
    return finish(start_run(incremental=True, here=True))


def ranked_anew(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run with the learned files of the one before that carries nothing over."""
    with monkeypatch.context() as patch:
        patch.setattr("ranking.queries.inputs.known_before", lambda _: {})
        patch.setattr("ranking.actions.prepare.shop_digest", lambda _: "something else")
        return next_night()


def test_a_night_with_nothing_new_carries_every_page_over_and_loads_nothing(
    pages: list[Category], encoder: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = full()

    def load(*_: object) -> None:
        raise AssertionError("an encoder or arrays were loaded")

    monkeypatch.setattr("ranking.actions.prepare.the_encoder", load)
    monkeypatch.setattr("ranking.actions.rank.snapshot", load)
    night = next_night()
    assert night.state == State.DONE
    assert night.measured_at
    assert carried(night) == {page.pk for page in pages}
    assert told(night) == told(before)
    assert {part.carried_from_id for part in night.page_runs.all()} == {
        part.pk for part in before.page_runs.all()
    }


def test_what_is_carried_again_and_again_points_to_the_one_that_has_the_products(
    pages: list[Category],
) -> None:
    first = full()
    for _ in range(3):
        night = next_night()
    holders = set(night.page_runs.values_list("carried_from__run", flat=True))
    assert holders == {first.pk}


def test_a_new_price_ranks_only_the_pages_that_look_at_it(pages: list[Category]) -> None:
    before = full()
    product = Product.objects.filter(filings__category=pages[0]).order_by("id")[0]
    change(product, price=55)
    night = next_night()
    looking = PageRun.objects.filter(run=before, products__product=product)
    assert pages[0].pk not in carried(night)
    assert set(looking.values_list("page", flat=True)).isdisjoint(carried(night))
    assert carried(night)


def test_a_new_product_enters_the_page_that_it_is_like_and_no_stranger_s(
    pages: list[Category], encoder: CountingEncoder
) -> None:
    full()
    encoder.lines = 0
    lamp = make_product("lamps of lamps")
    night = next_night()
    here = night.page_runs.get(page=pages[0])
    assert here.ranked.filter(product=lamp).exists()
    assert len(carried(night)) >= 3
    assert encoder.lines == 1  # of all texts only the new one was read


def test_a_link_that_changed_is_told_though_nothing_of_the_ranking_has(
    pages: list[Category],
) -> None:
    full()
    product = Product.objects.filter(filings__category=pages[1]).order_by("id")[0]
    change(product, link="https://shop.example/new")
    assert pages[1].pk not in carried(next_night())


def test_a_retailer_that_was_renamed_is_told_by_its_new_name(pages: list[Category]) -> None:
    other = Retailer.objects.create(name="The old name")
    mine = Product.objects.filter(filings__category=pages[1])
    Product.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(retailer=other)
    full()
    Retailer.objects.filter(pk=other.pk).update(name="The new name")
    night = next_night()
    assert pages[1].pk not in carried(night)
    assert carried(night)  # pages that none of its products came near
    here = night.page_runs.select_related("listing").get(page=pages[1])
    assert here.listing
    assert {one["retailer"] for one in listing_told(here.listing)["products"]} == {"The new name"}


def test_a_night_in_which_the_same_products_are_seen_again_changes_nothing(
    pages: list[Category],
) -> None:
    full()
    Product.objects.update(last_seen=timezone.now() + timedelta(seconds=1))
    assert len(carried(next_night())) == len(pages)


@pytest.mark.parametrize("seed", range(4))
def test_an_incremental_run_says_what_a_full_one_with_the_same_models_would(
    pages: list[Category], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Nights of any few edits, each night building on the one before."""
    monkeypatch.setattr(base, "_worn_out", lambda *_: "")  # models are kept, whatever is said
    luck = random.Random(seed)  # noqa: S311  luck, no secret
    full()
    for _ in range(4):
        for edit in luck.choices(shops.EDITS, k=luck.choice((1, 1, 2))):
            edit(luck)
        night = next_night()
        assert night.state == State.DONE, night.error
        reference = ranked_anew(monkeypatch)
        assert not carried(reference)
        assert told(night) == told(reference)


def test_every_kind_of_edit_is_noticed(pages: list[Category]) -> None:
    run = full()
    seen, luck = {shop_digest(run)}, random.Random(1)  # noqa: S311  luck, no secret
    for place, edit in enumerate(shops.EDITS, start=2):
        edit(luck)
        seen.add(shop_digest(start_run(here=True)))
        assert len(seen) == place, edit


def test_a_rule_that_goes_live_after_a_run_began_counts_from_the_next(
    pages: list[Category],
) -> None:
    begun = start_run(here=True)
    values = {"minimum_confidence": 0.99}
    BranchRules.objects.create(branch=None, values=values, state=RulesState.LIVE)
    before = finish(begun)
    assert not any(part.relaxed for part in before.page_runs.all())
    night = next_night()
    assert night.base == before
    assert told(night) != told(before)
    assert any(part.relaxed for part in night.page_runs.all())


# What a run may build on


def test_the_first_run_is_full_and_says_why(pages: list[Category]) -> None:
    night = next_night()
    assert night.base is None
    assert "no finished run has most of these pages" in night.settings["anew"]


def test_a_changed_setting_makes_the_next_run_full(
    pages: list[Category], settings: Settings
) -> None:
    before = full()
    settings.SEESTOCKS_WRONG_SHOWN = 0.2
    night = next_night()
    assert night.base is None
    assert night.settings["anew"] == (
        f"Everything is ranked anew: the bound on wrong products has changed since run {before.pk}."
    )


def test_new_judgments_are_learned_from(pages: list[Category]) -> None:
    full()
    make_judgment(pages[0], Product.objects.order_by("id")[0], 3)
    night = next_night()
    assert night.base is None
    assert "1 new judgments to learn from" in night.settings["anew"]


def test_after_a_week_everything_is_done_anew(pages: list[Category]) -> None:
    before = full()
    next_night()
    Run.objects.filter(pk=before.pk).update(as_of=timezone.now() - timedelta(days=8))
    night = next_night()
    assert "it was last done 7 days ago or more" in night.settings["anew"]
    assert not carried(night)


def test_a_run_of_a_few_pages_is_no_base_for_all(pages: list[Category]) -> None:
    whole = full()
    finish(start_run(pages=[pages[0].pk], here=True))
    assert next_night().base == whole


def test_a_page_that_failed_before_is_ranked_though_nothing_has_changed(
    pages: list[Category],
) -> None:
    before = full()
    PageRun.objects.filter(run=before, page=pages[2]).update(state=State.FAILED)
    night = next_night()
    assert carried(night) == {page.pk for page in pages} - {pages[2].pk}
    assert night.state == State.DONE


def test_norms_are_read_as_they_were_written(tmp_path: Path) -> None:
    norms = make_shelf().norms
    norms.save(tmp_path / "norms.npz")
    assert Norms.load(tmp_path / "norms.npz").digest == norms.digest
