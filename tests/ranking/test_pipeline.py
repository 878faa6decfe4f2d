"""Whole pages, from arrays to rows."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ranking.pipeline import rank_pages
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Judged, Options, PageRanking
from ranking.pipeline.names import KEYS
from ranking.pipeline.prices import Usual
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.why import price_word, sentence
from tests.ranking.shelves import CANDLES, DUFFEL_BAGS, LAMPS, NOTHING, judge, make_shelf

FEW = Options(candidates=20)


def rank(
    shelf: Shelf, page: int = LAMPS, judged: Judged = NOTHING, options: Options = FEW
) -> PageRanking:
    """Return one page's ranking by the default blend."""
    (ranking,) = rank_pages([page], shelf, judged, Blend(), options)
    return ranking


def untimed(ranking: PageRanking) -> PageRanking:
    return replace(ranking, seconds={})


def test_the_page_s_own_products_come_first() -> None:
    ranking = rank(make_shelf())
    assert {row.product for row in ranking.shown[:12]} == set(range(100, 112))
    assert [row.position for row in ranking.shown] == list(range(1, len(ranking.shown) + 1))


def test_strangers_are_removed_with_their_reason_and_stay_visible() -> None:
    ranking = rank(make_shelf())
    assert len(ranking.rows) == 20
    stranger = ranking.removed[0]
    assert stranger.product >= 112
    assert stranger.position is None
    assert stranger.removed_by == "minimum confidence"
    assert stranger.why.startswith("Confidence ")
    assert "asked for. " in stranger.why


def test_every_row_has_all_signals_and_shares_that_sum_to_its_score() -> None:
    for row in rank(make_shelf()).rows:
        assert tuple(row.signals) == KEYS
        assert row.signals["picture_fit"] is None
        assert tuple(row.contributions) == (*KEYS, "base")
        assert sum(row.contributions.values()) == pytest.approx(row.score)
        assert 0 <= row.confidence <= 1


def test_equal_inputs_give_equal_rankings_whatever_is_ranked_with_them() -> None:
    pages = [LAMPS, CANDLES, DUFFEL_BAGS]
    together = list(rank_pages(pages, make_shelf(), NOTHING, Blend(), FEW))
    alone = [rank(make_shelf(), page) for page in pages]
    assert [untimed(ranking) for ranking in together] == [untimed(ranking) for ranking in alone]


def test_no_pages_give_no_rankings() -> None:
    assert list(rank_pages([], make_shelf(), NOTHING, Blend(), FEW)) == []


def test_an_empty_shop_has_an_empty_page() -> None:
    ranking = rank(make_shelf([]))
    assert ranking.rows == []
    assert ranking.relaxed == ""


def test_a_page_where_nothing_belongs_shows_something_and_says_so() -> None:
    ranking = rank(make_shelf([CANDLES] * 9 + [DUFFEL_BAGS] * 3))
    assert ranking.shown
    assert ranking.relaxed


@pytest.mark.parametrize(
    "change",
    [
        {"days_unseen": np.full(48, 1, np.float32)},
        {"titles": ["Table lamps"] * 48},
        {"filed_under": np.full(48, LAMPS)},
    ],
)
def test_what_changes_a_ranking_changes_its_digest(change: dict[str, object]) -> None:
    assert rank(make_shelf(**change)).digest != rank(make_shelf()).digest  # type: ignore[arg-type]


def test_options_and_blend_are_part_of_the_digest() -> None:
    first = rank(make_shelf())
    assert len(first.digest) == 64
    assert rank(make_shelf(), options=replace(FEW, half_life_days=9)).digest != first.digest
    (other,) = rank_pages([LAMPS], make_shelf(), NOTHING, Blend(base=1.0), FEW)
    assert other.digest != first.digest


def test_a_change_elsewhere_in_the_shop_leaves_the_digest() -> None:
    before = rank(make_shelf())
    looked_at = [row.product - 100 for row in before.rows]
    days = np.full(48, 5, np.float32)
    days[looked_at] = 0
    assert len(looked_at) < 48
    assert rank(make_shelf(days_unseen=days)).digest == before.digest


def test_a_judgment_changes_what_the_page_is_about() -> None:
    judged = judge(LAMPS, {100: 3, 101: 3, 102: 3})
    assert rank(make_shelf(), judged=judged).digest != rank(make_shelf()).digest


def test_each_stage_is_timed() -> None:
    before = {"retrieve", "disambiguate", "rerank", "signals", "blend"}
    stages = before | {"outliers", "rules", "why"}
    assert set(rank(make_shelf()).seconds) == stages


def shares(**parts: float) -> np.ndarray:
    return np.array([parts.get(key, 0.0) for key in (*KEYS, "base")])


def test_the_sentence_names_the_strongest_reasons_first() -> None:
    parts = shares(words=0.5, text_fit=2, filing_distance=1, price_fit=0.3, picture_fit=-3)
    expected = "Text fits, filed here, has the page's words."
    assert sentence(parts, against=False) == expected


def test_the_sentence_of_a_removed_product_names_what_speaks_against_it() -> None:
    parts = shares(text_fit=1, price_fit=-2, words=-0.5, base=-4)
    price = "price far above the usual 12 EUR"
    assert (
        sentence(parts, against=True, price=price)
        == "Price far above the usual 12 EUR, lacks the page's words."
    )


def test_the_sentence_takes_what_there_is() -> None:
    assert sentence(shares(words=1), against=True) == "Has the page's words."
    nothing = sentence(shares(base=5), against=False)
    assert nothing == "Nothing speaks clearly for or against it."


@pytest.mark.parametrize(
    ("price", "word"),
    [
        (12.0, ""), (float("nan"), ""), (15.0, "price above the usual 12 EUR"),
        (1200.0, "price far above the usual 12 EUR"), (0.12, "price far below the usual 12 EUR"),
    ],
)  # fmt: skip
def test_an_unusual_price_is_told_beside_the_usual_one(price: float, word: str) -> None:
    catalogue = make_shelf([LAMPS], log_price=np.log(np.array([price]))).catalogue
    assert price_word(0, catalogue, {"EUR": Usual(np.log(12.0), 0.2)}) == word
    assert price_word(0, catalogue, {"USD": Usual(np.log(12.0), 0.2)}) == ""


def test_the_names_of_signals_load_nothing_heavy() -> None:
    """The web shows signals by name; the models' libraries are for workers."""
    code = (
        "import sys, ranking.pipeline.names; "
        "print([m for m in ('numpy', 'faiss', 'lightgbm', 'sklearn', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
