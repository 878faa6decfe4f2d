"""Words of a page's name in products' texts."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.pipeline.shares import K1, B, Shares, Statistics
from ranking.pipeline.words import Words, stem, tokens

ALL = np.arange(3)


def test_words_are_lower_case_and_keep_numbers_and_single_letters() -> None:
    assert tokens("iPhone 8, Série-X") == ["iphone", "8", "série", "x"]


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [
        ("lamps", "lamp"), ("batteries", "battery"), ("cases", "case"), ("bus", "bus"),
        ("glass", "glass"), ("gas", "gas"), ("shoes", "shoe"),
    ],
)  # fmt: skip
def test_plurals_lose_their_ending_and_other_words_do_not(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


def shares(texts: list[str], name: str) -> list[float]:
    """How much of the name each text says."""
    statistics = Statistics.of(texts, [name])
    return list(Shares(statistics, texts.__getitem__).share(name, np.arange(len(texts))))


def test_a_text_that_says_more_of_the_name_has_the_larger_share() -> None:
    most, some, none = shares(["desk lamp", "desk of oak", "apple"], "Desk lamps")
    assert 1 > most > some > none == 0


def test_a_name_with_a_word_that_no_text_has_lowers_every_share() -> None:
    texts = ["desk lamp", "lamp", "apple"]
    assert shares(texts, "lamp quux")[0] < shares(texts, "lamp")[0]


def test_a_name_without_words_says_nothing() -> None:
    assert np.isnan(shares(["a", "b", "c"], "…")).all()


def test_texts_without_words_share_nothing() -> None:
    assert shares(["", "…", ""], "lamp") == [0, 0, 0]
    assert Words([]).score("lamp").tolist() == []


@given(
    texts=st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12), min_size=1),
    name=st.lists(st.sampled_from("abcdefghxy"), min_size=1, max_size=4),
)
def test_shares_are_what_bm25_scores_of_what_can_be_reached(
    texts: list[list[str]], name: list[str]
) -> None:
    """Beside another implementation, as parts of the largest sum that the words allow."""
    reference = bm25s.BM25(method="lucene", k1=K1, b=B)
    reference.index(texts, show_progress=False)
    known = [word for word in name if any(word in text for text in texts)]
    scores = reference.get_scores(known) if known else np.zeros(len(texts))
    written = [" ".join(text) for text in texts]
    statistics = Statistics.of(written, [" ".join(name)])
    most = sum(map(statistics.weight, name))
    assert shares(written, " ".join(name)) == pytest.approx(scores / most, abs=1e-5)


def test_a_share_by_kept_figures_does_not_change_with_what_else_is_on_sale() -> None:
    texts = ["desk lamp", "lamp", "apple"]
    kept = Statistics.of(texts, ["lamp"])
    more = [*texts, "lamp of lamps", "another lamp"]
    before, after = (Shares(kept, said.__getitem__) for said in (texts, more))
    assert after.share("lamp", ALL).tolist() == before.share("lamp", ALL).tolist()


def test_unstemmed_words_match_as_they_are_written() -> None:
    assert Words(["lamps", "x"], stemmed=False).score("lamp").tolist() == [0, 0]
    assert Words(["lamps", "x"]).score("lamp")[0] > 0
