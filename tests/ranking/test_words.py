"""Words of a page's name in products' texts."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_a_text_that_says_more_of_the_query_has_the_larger_share() -> None:
    words = Words(["desk lamp", "desk of oak", "apple"])
    most, some, none = words.share("Desk lamps", ALL)
    assert 1 > most > some > none == 0


def test_a_query_word_that_no_text_has_lowers_every_share() -> None:
    words = Words(["desk lamp", "lamp", "apple"])
    assert (words.share("lamp quux", ALL)[:2] < words.share("lamp", ALL)[:2]).all()


def test_a_query_without_words_says_nothing() -> None:
    assert np.isnan(Words(["a", "b", "c"]).share("…", ALL)).all()


def test_texts_without_words_share_nothing() -> None:
    assert Words(["", "…", ""]).share("lamp", ALL).tolist() == [0, 0, 0]
    assert Words([]).score("lamp").tolist() == []


def test_unstemmed_words_match_as_they_are_written() -> None:
    assert Words(["lamps", "x"], stemmed=False).score("lamp").tolist() == [0, 0]
    assert Words(["lamps", "x"]).score("lamp")[0] > 0
