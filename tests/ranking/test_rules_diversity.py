"""How much of a page one retailer may fill."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.pipeline.options import FIRST_PLACES, Options
from ranking.pipeline.rules import Lineup, Move, retailer_diversity
from tests.ranking.lineups import Candidate, page_of, pages, shown

OPTIONS = Options(most_in_top=2, most_on_page=1.0, band=0.05)
told = st.builds(
    Options,
    most_in_top=st.integers(1, 10),
    most_on_page=st.sampled_from([0.1, 0.25, 0.5, 1.0]),
    band=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
    page_size=st.sampled_from([5, 12, 48]),
)


def shelf(*products: tuple[int, float]) -> Lineup:
    """Return products of these (retailer, confidence)."""
    return page_of(*(Candidate(sure, retailer=who) for who, sure in products))


def test_a_retailer_with_its_share_of_the_first_places_lets_others_pass() -> None:
    lineup = shelf((1, 0.9), (1, 0.89), (1, 0.88), (2, 0.87), (1, 0.86))
    after = retailer_diversity(lineup, OPTIONS)
    assert shown(after) == [1, 2, 4, 3, 5]
    share = "at most 2 of the first 10 places and 100 % of the page"
    assert after.moves["retailer diversity"] == {
        3: Move(1, f"A retailer above has its share: {share}."),
        2: Move(-1, f"Its retailer has its share: {share}."),
    }


def test_a_clearly_better_product_never_falls_behind_a_clearly_worse_one() -> None:
    lineup = shelf((1, 0.9), (1, 0.89), (1, 0.88), (2, 0.82))
    after = retailer_diversity(lineup, OPTIONS)
    assert shown(after) == [1, 2, 3, 4]
    assert after.moves == {}


def test_a_retailer_may_have_no_more_than_its_share_of_the_page() -> None:
    lineup = shelf(*[(1, 0.9)] * 6, *[(2, 0.88)] * 6)
    half = replace(OPTIONS, most_in_top=10, most_on_page=0.5, page_size=8)
    first = [1 if pk <= 6 else 2 for pk in shown(retailer_diversity(lineup, half))]
    assert first == [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2]


def test_a_page_of_one_retailer_stays_as_it_is() -> None:
    lineup = shelf(*[(1, 0.9)] * 12)
    assert shown(retailer_diversity(lineup, OPTIONS)) == list(range(1, 13))


@settings(deadline=None)
@given(pages, told)
def test_nobody_stands_behind_something_worse_by_more_than_the_band(
    lineup: Lineup, options: Options
) -> None:
    after = retailer_diversity(lineup, options)
    utility = lineup.utility[after.order]
    for ahead, behind in combinations(utility.tolist(), 2):
        assert ahead >= behind - options.band


@settings(deadline=None)
@given(pages, told)
def test_caps_hold_wherever_the_band_allows(lineup: Lineup, options: Options) -> None:
    after = retailer_diversity(lineup, options)
    utility, who = lineup.utility[after.order], lineup.offers.retailer[after.order].tolist()
    places = min(len(who), options.page_size)
    on_page = max(1, int(np.ceil(options.most_on_page * places)))
    for place in range(places):
        most = min(options.most_in_top, on_page) if place < FIRST_PLACES else on_page
        has = Counter(who[:place])
        if has[who[place]] < most:
            continue
        best = utility[place:].max()
        near = [at for at in range(place, len(who)) if utility[at] >= best - options.band]
        assert all(has[who[at]] >= most for at in near)


@settings(deadline=None)
@given(pages, told)
def test_no_product_is_lost_and_each_retailers_keep_their_order(
    lineup: Lineup, options: Options
) -> None:
    before, after = shown(lineup), shown(retailer_diversity(lineup, options))
    assert sorted(after) == sorted(before)
    who = dict(zip(lineup.products.tolist(), lineup.offers.retailer.tolist(), strict=True))
    for retailer in set(who.values()):
        own = [[pk for pk in line if who[pk] == retailer] for line in (before, after)]
        assert own[0] == own[1]
