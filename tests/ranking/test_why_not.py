"""Why a product is not on a page, and what would bring it in: what is told comes true."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ranking.actions import start_run
from ranking.actions.answer_why_not import answer_why_not
from ranking.actions.ask_why_not import ask_why_not, sweep_why_not
from ranking.actions.rank import work
from ranking.models import BranchRules, HandRule, PageRun, RankedProduct, RulesState, WhyNot
from ranking.pipeline.data import Options, Ranked
from ranking.pipeline.outliers.bound import Curve
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.profile import profile
from ranking.pipeline.retrieve import retrieve
from ranking.pipeline.why_not import candidates_needed, loosened, nearness
from ranking.queries.inputs import snapshot
from ranking.queries.look import look
from ranking.queries.why_not import by_hand, find_products, ways_in, whereabouts
from taxonomy.actions.filing import RetiredCategory, file_by_hand
from taxonomy.models import Category, Filing, Product
from tests.encoders import WordEncoder
from tests.factories import make_category, make_product, make_user
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.published import publish
from tests.ranking.rankings import make_ranking
from tests.ranking.shelves import LAMPS, NOTHING, make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> list[int]:
    """A quick encoder, and the numbers of the questions that were rung for."""
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.prepare.the_encoder", lambda *_: WordEncoder())
    bells: list[int] = []
    monkeypatch.setattr("ranking.actions.ask_why_not.ring_for_why_not", bells.append)
    snapshot.cache_clear()
    return bells


@pytest.fixture
def lamps() -> Category:
    """A page with one of its lamps on it, and a mug that has its word."""
    home = make_category("home", id=1)
    pages = {
        name: make_category(name, parent=home, id=pk, is_page=True)
        for pk, name in enumerate(("lamp", "mug", "rug", "saw"), start=2)
    }
    for name, page in pages.items():
        for kind in ("brass", "oak", "paper", "stone", "glass"):
            make_product(f"{kind} {name}", filed_under=page)
    make_product("lamp mug", filed_under=pages["mug"])
    rank()
    return pages["lamp"]


def rank() -> None:
    run = start_run(here=True)
    while work(run.pk):
        pass


def newest(page: Category) -> PageRun:
    return PageRun.objects.filter(page=page).latest("id")


def place_of(page: Category, product: Product) -> int | None:
    return newest(page).ranked.get(product=product).position


def answered(page: Category, product: Product) -> dict[str, Any]:
    asked = ask_why_not(newest(page), product, by=None)
    answer_why_not(asked.pk)
    asked.refresh_from_db()
    assert asked.error == ""
    answer: dict[str, Any] = asked.answer
    return answer


def removed(rule: str) -> Ranked:
    """Return what a run says of a product that this rule removed."""
    return Ranked(
        product=1, position=None, removed_by=rule, why="", score=0.0, confidence=0.214,
        misfiled=None, chance_wrong=None, oddities={}, signals={}, contributions={},
        duplicate_of=None, moves=[],
    )  # fmt: skip


def stages(page: Category, product: Product, page_size: int = 48) -> dict[str, str]:
    found = whereabouts(look(page), page, product, page_size)
    return {stage.name: stage.state for stage in found.stages}


def lost_at(page: Category, product: Product, page_size: int = 48) -> tuple[str, str]:
    stage = whereabouts(look(page), page, product, page_size).lost_at
    return (stage.name, stage.said) if stage else ("", "")


# What a worker finds


def test_what_is_told_of_a_filing_comes_true(lamps: Category) -> None:
    mug = Product.objects.get(title="lamp mug")
    assert place_of(lamps, mug) is None
    way = next(way for way in answered(lamps, mug)["ways"] if "filed" in way["changes"])
    assert set(way["changes"]) == {"filed"}
    file_by_hand(mug, lamps, by=None)
    rank()
    assert place_of(lamps, mug) == way["place"]


def test_what_is_told_of_a_bound_comes_true_and_a_hundredth_more_is_too_much(
    lamps: Category,
) -> None:
    mug = Product.objects.get(title="lamp mug")
    way = next(way for way in answered(lamps, mug)["ways"] if "filed" not in way["changes"])
    (asked,) = way["changes"]
    assert asked == "minimum_confidence"
    before, least = way["changes"][asked]
    assert least < before == 0.35
    shown = set(newest(lamps).ranked.filter(position__gte=1).values_list("product", flat=True))
    rules = BranchRules.objects.create(branch=lamps, state=RulesState.LIVE, values={asked: least})
    rank()
    assert place_of(lamps, mug) == way["place"]
    now = set(newest(lamps).ranked.filter(position__gte=1).values_list("product", flat=True))
    assert len(now - shown) == way["others"] + 1
    BranchRules.objects.create(
        branch=lamps, state=RulesState.LIVE, values={asked: round(least + 0.01, 2)}, based_on=rules
    )
    rank()
    assert place_of(lamps, mug) is None


def test_ways_with_fewer_changes_come_first(lamps: Category) -> None:
    for title in ("oak rug", "lamp mug"):
        ways = answered(lamps, Product.objects.get(title=title))["ways"]
        assert [len(way["changes"]) for way in ways] == sorted(len(way["changes"]) for way in ways)
        assert len(ways) == 2


def test_a_product_on_the_page_needs_nothing(lamps: Category) -> None:
    lamp = newest(lamps).ranked.get(position=1).product
    assert [way["changes"] for way in answered(lamps, lamp)["ways"]] == [{}]


def test_a_product_newer_than_the_run_is_told_to_wait_for_the_next(lamps: Category) -> None:
    asked = ask_why_not(newest(lamps), make_product("tin lamp"), by=None)
    answer_why_not(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("failed", {})
    assert "newer" in asked.error


def test_a_run_whose_models_are_gone_says_what_to_do(lamps: Category, tmp_path: Path) -> None:
    for blend in (tmp_path / "models").glob("blend-*"):
        blend.unlink()
    snapshot.cache_clear()
    asked = ask_why_not(newest(lamps), Product.objects.get(title="oak lamp"), by=None)
    answer_why_not(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert "rank the page again" in asked.error


def test_a_question_that_goes_wrong_says_so_and_a_second_bell_changes_nothing(
    lamps: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask_why_not(newest(lamps), Product.objects.get(title="oak lamp"), by=None)
    with monkeypatch.context() as broken:
        broken.setattr("ranking.actions.answer_why_not.worked_out", lambda *_: 1 / 0)
        answer_why_not(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"
    answer_why_not(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"


def test_a_question_is_a_row_and_then_a_bell_and_goes_after_a_day(
    pepper: Category,
    rung: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    product = make_product()
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask_why_not(make_ranking(pepper), product, by=None)
    assert rung == [asked.pk]
    sweep_why_not()
    assert WhyNot.objects.exists()
    WhyNot.objects.update(asked_at=timezone.now() - timedelta(days=2))
    sweep_why_not()
    assert not WhyNot.objects.exists()


# How near it is


@settings(max_examples=25, deadline=None)
@given(row=st.integers(0, 47), seed=st.integers(0, 5))
def test_so_many_candidates_are_just_enough(row: int, seed: int) -> None:
    shelf = make_shelf()
    rows = np.random.default_rng(seed).permutation(48)
    picture = np.where((rows % 3 == 0)[:, None], np.nan, shelf.catalogue.text[rows])
    shelf = make_shelf(picture=picture.astype(np.float32))
    page = profile(LAMPS, shelf, NOTHING)
    needed = candidates_needed(page, row, shelf)
    assert needed is not None

    def among(count: int) -> bool:
        return row in retrieve([page], shelf, Options(candidates=count))[0]

    assert among(needed)
    assert needed == 1 or not among(needed - 1)


def test_nearness_says_where_a_product_stands_and_what_would_do() -> None:
    shelf = make_shelf()
    page = profile(LAMPS, shelf, NOTHING)
    nearest = int(retrieve([page], shelf, Options(candidates=1))[0][0])
    (found,) = nearness(page, nearest, shelf, Options(candidates=1))
    assert (found.way, found.place) == ("text", 1)
    assert found.cosine == found.last
    unknown = make_shelf(text=np.full_like(shelf.catalogue.text, np.nan))
    about = replace(page, text=page.text)
    assert nearness(about, nearest, unknown, Options()) == []
    assert candidates_needed(about, nearest, unknown) is None


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("not seen lately", "longest_unseen_days", 72.0),
        ("out of stock", "out_of_stock", "lower"),
        ("near-duplicate", "merge_duplicates", False),
        ("minimum confidence", "minimum_confidence", 0.21),
    ],
)
def test_each_rule_gives_way_just_as_far_as_it_must(rule: str, name: str, value: Any) -> None:
    row = removed(rule)
    told = Options(out_of_stock="remove")
    wider = loosened(row, 71.2, told, None)
    assert wider == replace(told, **{name: value})


def test_a_rule_that_nobody_knows_gives_no_way() -> None:
    assert loosened(removed("a rule of old"), 1.0, Options(), None) is None


def test_the_bound_on_wrong_products_gives_way_by_whole_hundredths_or_not_at_all() -> None:
    curve = Curve(10_000, cuts=(0.5, 0.6, 0.7), losses=(0.01, 0.065, 0.9), estimates=(0, 0, 0))
    detector = Detector(curve=curve)

    def bound(chance_wrong: float) -> float | None:
        row = replace(removed("outlier"), chance_wrong=chance_wrong)
        wider = loosened(row, 1.0, Options(wrong_shown=0.05), detector)
        return wider.wrong_shown if wider else None

    assert bound(0.58) == 0.07
    assert bound(0.65) is None  # nobody would put up with so much


# At which stage it was lost


def test_a_product_that_is_shown_has_passed_all_stages(pepper: Category) -> None:
    shown = products(2)
    make_ranking(pepper, shown=shown)
    assert set(stages(pepper, shown[1]).values()) == {"passed"}
    assert lost_at(pepper, shown[1]) == ("", "")


def test_a_product_is_lost_at_the_first_stage_that_stops_it(pepper: Category) -> None:
    salt = make_category("Salt")
    shown, stranger = products(3), make_product(filed_under=salt)
    gone, newer = make_product(), make_product(first_seen=timezone.now() + timedelta(days=1))
    make_ranking(pepper, shown=shown, removed=[gone])
    assert lost_at(pepper, stranger)[0] == "Among the candidates"
    assert "filed under Salt" in lost_at(pepper, stranger)[1]
    assert "Nobody has filed it" in lost_at(pepper, make_product(first_seen=stranger.first_seen))[1]
    assert lost_at(pepper, gone) == (
        "Kept by the rules",
        "Too unsure: Confidence 21 % is below the 35 % asked for.",
    )
    assert lost_at(pepper, newer)[0] == "In the catalogue"
    assert lost_at(pepper, shown[2], page_size=2)[0] == "Among the first products"
    states = list(stages(pepper, gone).values())
    assert states == ["passed", "passed", "passed", "lost", "ahead", "ahead", "ahead"]


def test_an_offer_behind_a_cheaper_one_and_a_hidden_one_are_told_so(pepper: Category) -> None:
    front, behind, hidden = products(3)
    page_run = make_ranking(pepper, shown=[front, hidden])
    RankedProduct.objects.create(
        page_run=page_run, product=behind, removed_by="near-duplicate", duplicate_of=front,
        why="The same product is cheaper elsewhere.", score=0, confidence=0.9,
    )  # fmt: skip
    HandRule.objects.create(page=pepper, product=hidden, kind="hide", state="live", note="Leaks")
    name, said = lost_at(pepper, behind)
    assert name == "The offer that stands for its product"
    assert front.title in said
    assert "9.90\xa0€ at 1" in said
    name, said = lost_at(pepper, hidden)
    assert name == "Not hidden by hand"
    assert "Leaks" in said


def test_a_pin_brings_a_removed_product_past_the_rules(pepper: Category) -> None:
    gone = make_product()
    make_ranking(pepper, shown=products(3), removed=[gone])
    HandRule.objects.create(page=pepper, product=gone, kind="pin", place=2, state="live")
    assert lost_at(pepper, gone) == ("", "")


def test_the_least_that_a_person_can_do_was_tried(pepper: Category) -> None:
    shown, gone = products(4), make_product()
    page_run = make_ranking(pepper, shown=shown, removed=[gone])
    for place, score in enumerate((9.0, 8.0, 7.0, 6.2), start=1):
        page_run.ranked.filter(position=place).update(score=score)

    def tried(product: Product, size: int) -> list[tuple[str, str, int]]:
        return [(one.kind, one.strength, one.place) for one in by_hand(look(pepper), product, size)]

    assert tried(shown[3], 3) == [("boost", "medium", 3), ("pin", "", 3)]
    assert tried(gone, 3) == [("pin", "", 3)]
    HandRule.objects.create(page=pepper, product=shown[0], kind="hide", state="live")
    assert tried(shown[0], 3)[0] == ("end", "", 1)


def test_a_way_is_told_in_words(pepper: Category) -> None:
    changes = {"minimum_confidence": [0.35, 0.3], "filed": [False, True]}
    (way,) = ways_in({"ways": [{"changes": changes, "place": 37, "others": 2}]}, pepper)
    assert way.changes == [
        "30\xa0% as the least confidence instead of 35\xa0%",
        "it filed under Pepper",
    ]
    assert (way.place, way.others, way.files_it, way.option) == (37, 2, True, "minimum_confidence")


# Looking for it


def test_products_are_found_by_words_offer_id_and_gtin() -> None:
    black = make_product("Black peppercorns, whole", offer_id="P-1", gtin="4006381333931")
    make_product("Black tea")
    for text in ("whole black", "P-1", "4006381333931", "4006381 333931"):
        assert list(find_products(text)) == [black], text
    assert not find_products("  ")
    assert not find_products("chalk")


def test_a_search_that_finds_one_product_shows_it_at_once(
    merchandiser: Client, pepper: Category
) -> None:
    gone = make_product("Salt flakes")
    make_ranking(pepper, shown=products(2), removed=[gone])
    address = reverse("page_why_not", args=(pepper.pk,))
    text = text_of(merchandiser, f"{address}?q=flakes")
    for expected in ("Confidence 21 % is below the 35 % asked for.", "Pin it", "smallest change"):
        assert expected in text
    several = text_of(merchandiser, f"{address}?q=peppercorns")
    assert "at 1" in several
    assert "at 2" in several
    assert "Not in the catalogue" in text_of(merchandiser, f"{address}?q=chalk")
    assert "Which product do you miss?" in text_of(merchandiser, address)


def test_a_category_that_is_no_page_says_that_it_is_not_switched_on(merchandiser: Client) -> None:
    category = make_category("Salt")
    text = text_of(merchandiser, reverse("page_why_not", args=(category.pk,)))
    assert "not switched on as a page" in text


def test_a_question_is_asked_with_and_without_a_script(
    merchandiser: Client, pepper: Category
) -> None:
    gone = make_product()
    make_ranking(pepper, shown=products(1), removed=[gone])
    address = reverse("ask_why_not", args=(pepper.pk, gone.pk))
    plain = merchandiser.post(address)
    asked = WhyNot.objects.get()
    assert plain.headers["Location"].endswith(f"?product={gone.pk}&asked={asked.token}")
    assert "Look again" in text_of(merchandiser, plain.headers["Location"])
    part = merchandiser.post(address, headers=HTMX).content.decode()
    assert "<html" not in part
    poll = reverse("why_not_answer", args=(asked.token,))
    assert merchandiser.get(poll, headers=HTMX).status_code == 204
    WhyNot.objects.update(asked_at=timezone.now() - timedelta(seconds=10))
    assert "has not answered yet" in text_of(merchandiser, poll, **HTMX)
    answer = {
        "ways": [
            {"changes": {"filed": [False, True]}, "place": 4, "others": 0},
            {"changes": {"wrong_shown": [0.05, 0.27]}, "place": 72, "others": 6},
        ],
        "nearness": [{"way": "text", "place": 300, "cosine": 0.2, "last": 0.4}],
        "needed": 300, "candidates": 200, "products": 900, "seconds": 0.4,
    }  # fmt: skip
    WhyNot.objects.update(state="done", answer=answer)
    done = merchandiser.get(poll, headers=HTMX)
    assert done.status_code == 286
    told = done.content.decode()
    for expected in (
        "it filed under Pepper",
        "it would stand at 4",
        "File it here",
        "300 of 900",
        "27\xa0% wrong products put up with",
        "at 72, below the first 48; 6 other products",
    ):
        assert expected in told


def test_a_question_of_no_ranking_says_so(merchandiser: Client, pepper: Category) -> None:
    product = make_product()
    asked = merchandiser.post(reverse("ask_why_not", args=(pepper.pk, product.pk)), follow=True)
    assert "not been ranked yet" in asked.content.decode()
    assert not WhyNot.objects.exists()


# Filing it


def test_filing_by_hand_counts_before_the_feed_and_keeps_what_was_said(
    merchandiser: Client, pepper: Category
) -> None:
    product = make_product(filed_under=make_category("Salt"))
    address = reverse("file_under", args=(pepper.pk, product.pk))
    assert "The next run heeds it" in merchandiser.post(address, follow=True).content.decode()
    said = Filing.objects.filter(product=product).order_by("id")
    assert [(one.source, one.category_id) for one in said][-1] == ("person", pepper.pk)
    assert said.count() == 2


def test_nothing_is_filed_under_what_is_retired() -> None:
    retired = make_category(retired_at=timezone.now())
    with pytest.raises(RetiredCategory):
        file_by_hand(make_product(), retired, by=make_user())
    assert not Filing.objects.exists()


def test_a_token_that_is_none_is_no_question(merchandiser: Client, pepper: Category) -> None:
    gone = make_product()
    make_ranking(pepper, removed=[gone])
    address = f"{reverse('page_why_not', args=(pepper.pk,))}?product={gone.pk}"
    for token in ("", "abc", uuid.uuid4()):
        assert "smallest change" in text_of(merchandiser, f"{address}&asked={token}")


def test_what_the_shop_shows_may_be_asked_about_too(merchandiser: Client, pepper: Category) -> None:
    old, new = products(2)
    publish(pepper, [old])
    make_ranking(pepper, shown=[new], removed=[old])
    address = f"{reverse('page_why_not', args=(pepper.pk,))}?product={old.pk}"
    assert "Confidence 21 %" in text_of(merchandiser, address)
    assert "It is on the page, at 1." in text_of(merchandiser, f"{address}&show=published")
