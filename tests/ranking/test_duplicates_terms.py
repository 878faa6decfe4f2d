"""What titles are taken apart into, what forbids that two are one, and how groups are made."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.cluster import pair_confusion_matrix

from ranking.pipeline.duplicates.agreement import by_cluster, by_pair
from ranking.pipeline.duplicates.compare import FORBIDDEN, LINKED, Comparison
from ranking.pipeline.duplicates.conflicts import conflict
from ranking.pipeline.duplicates.grouping import Pair, groups
from ranking.pipeline.duplicates.offers import Offer, Seen, said_of, see
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.signs import SIGNS, signs
from ranking.pipeline.duplicates.terms import terms

WORDS = [
    "Bosch",
    "SMV68",
    "smv",
    "68",
    "black",
    "White",
    "256GB",
    "2 x",
    '55"',
    "4G",
    "ß",
    ",",
    "/",
]
WORDS += ["iPhone", "Plus", "8", "é"]
RARITY = Rarity(1000, {})
titles = st.lists(
    st.sampled_from(WORDS),
    max_size=9,
).map(" ".join)


def seen(title: str, **told: str) -> Seen:
    """Return an offer of that title, ready to be compared."""
    offer = Offer(1, title, **told)
    return see(offer, said_of(offer), RARITY)


def forbidden(one: str, other: str) -> str:
    return conflict(seen(one, retailer="A"), seen(other, retailer="B"))


def test_amounts_are_read_with_their_units_whatever_these_are_called() -> None:
    said = terms("LG 55 inch OLED, 1.5 l, 0,5 kg and 16GB")
    assert said.amounts == {
        "length": {139.7},
        "volume": {1500.0},
        "weight": {500.0},
        "storage": {16.0},
    }
    assert terms("Philips 139.7 cm").amounts["length"] == said.amounts["length"]


def test_a_network_weighs_nothing() -> None:
    assert terms("Nokia 8110 4G").amounts == {}


def test_a_model_number_torn_into_words_is_found_whole() -> None:
    assert "disr57m96z" in terms("Indesit DISR 57M96 Z UK").joined


def test_accents_and_capitals_make_no_difference() -> None:
    assert terms("Café CRÈME weiß") == terms("cafe creme weiss")


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Apple iPhone 8 256 GB", "Apple iPhone 8 512GB", "another storage"),
        ("Apple iPhone 8 256 GB", "Apple iPhone 8 256GB unlocked", ""),
        ("Socks, pack of 2", "Socks", "another number in the pack"),
        ("Socks, pack of 2", "Socks 2-pack", ""),
        ("6 x 500 ml agave syrup", "Agave syrup 500 ml", "another number in the pack"),
        ("Desk lamp x2", "2 x desk lamp", ""),
        ("Camera with 3x zoom", "Camera", ""),
        ("Neff S513M60X2G dishwasher", "Neff dishwasher", ""),
        ("Wall mount 400 x 2", "Wall mount", ""),
        ("Agave syrup 500 ml", "Agave syrup 1 l", "another volume"),
        ("Agave syrup 1000 ml", "Agave syrup 1 l", ""),
        ("Desk lamp, black", "Desk lamp, white", "another colour"),
        ("Desk lamp, black", "Desk lamp", ""),
        ("Apple iPhone 8 black", "Apple iPhone 8 silver", ""),  # both name the same model
        ("Apple iPhone X 64GB black", "iPhone X 64 GB silver", ""),
        ("Apple iPhone X black", "iPhone X silver", "another colour"),
    ],
)
def test_numbers_units_and_colours_that_differ_forbid(one: str, other: str, why: str) -> None:
    assert forbidden(one, other) == why
    assert forbidden(other, one) == why


@pytest.mark.parametrize(
    ("mine", "its", "why"),
    [
        ({"gtin": "4006381333931"}, {"gtin": "4006381333948"}, "another GTIN"),
        ({"gtin": "4006381333931"}, {"gtin": "04006381333931"}, ""),
        ({"brand": "Sony"}, {"brand": "LG"}, "another brand"),
        ({"brand": "LG"}, {"brand": "LG Electronics"}, ""),
        ({"mpn": "KD-55AF8"}, {"mpn": "kd55af8bu"}, ""),
        ({"mpn": "KD-55AF8"}, {"mpn": "KD-65AF8"}, "another model number"),
        ({"size": "M"}, {"size": "L"}, "another size"),
        ({"colour": "Black"}, {"colour": "white"}, "another colour"),
    ],
)
def test_what_feeds_tell_forbids_too(mine: dict[str, str], its: dict[str, str], why: str) -> None:
    both = seen("Thing 8", retailer="A", **mine), seen("Thing 8", retailer="B", **its)
    assert conflict(*both) == why


def test_one_retailer_lists_a_thing_once() -> None:
    one, other = seen("Desk lamp", retailer="A"), seen("Desk lamp", retailer="A")
    assert conflict(one, other) == "same retailer"
    assert conflict(seen("Desk lamp"), seen("Desk lamp")) == ""


@given(titles, titles)
def test_signs_are_finite_as_many_as_named_and_the_same_both_ways(one: str, other: str) -> None:
    there, back = signs(seen(one), seen(other)), signs(seen(other), seen(one))
    assert len(there) == len(SIGNS)
    assert np.isfinite(there).all()
    np.testing.assert_allclose(there, back)
    assert conflict(seen(one), seen(other)) == conflict(seen(other), seen(one))


def told(one: str, other: str) -> dict[str, float]:
    return dict(zip(SIGNS, signs(seen(one), seen(other)), strict=True))


def test_a_size_and_a_series_make_a_model_number() -> None:
    split = told("Samsung UE55NU7400KXXU TV", "Samsung 55 inch NU7400 TV")
    assert split["model number, made of the other's words"] == 1
    assert split["rarest common number"] == told("Samsung NU7400", "NU7400")["rarest common number"]
    assert split["rarest number of either alone"] == 0
    other = told("Samsung UE65NU7400KXXU TV", "Samsung 55 inch NU7400 TV")
    assert 0 < other["model number, made of the other's words"] < 1
    assert other["rarest number of either alone"] > 0


def test_a_boxed_part_is_another_than_a_bare_one() -> None:
    assert told("Intel i7 8700K boxed", "Intel i7 8700K tray")["packings differ"] == 1
    assert told("Intel i7 8700K retail box", "Intel i7 8700K boxed")["packings differ"] == 0
    assert told("Intel i7 8700K", "Intel i7 8700K tray")["packings differ"] == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Samsung UE55NU7400KXXU television", "Curved 55 inch NU7400"),
        ("Wiko Sunny max dual", "New phone by Wiko, unlocked, Sunny"),
    ],
)
def test_a_part_of_a_model_number_or_two_rare_words_bring_offers_together(
    one: str, other: str
) -> None:
    assert Comparison([Offer(1, one, "A"), Offer(2, other, "B")]).pairs().tolist() == [[0, 1]]


def test_the_same_gtin_or_the_makers_own_number_is_enough() -> None:
    offers = [
        Offer(1, "Desk lamp", "A", gtin="4006381333931"),
        Offer(2, "Schreibtischlampe", "B", gtin="4006381333931"),
        Offer(3, "Sofa", "A", brand="Hay", mpn="MAGS-1"),
        Offer(4, "Couch", "B", brand="HAY", mpn="mags 1"),
    ]
    found = {(m.first, m.second): m.why for m in Comparison(offers).matches()}
    assert found == {(1, 2): "same GTIN", (3, 4): "same brand and maker's number"}


def test_the_same_picture_brings_two_offers_together_but_does_not_make_them_one() -> None:
    pictured = [Offer(1, "Sofa", "A", picture="x"), Offer(2, "Vase of glass", "B", picture="x")]
    assert Comparison(pictured).pairs().tolist() == [[0, 1]]
    assert Comparison(pictured).matches() == []


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one_offer_match_nothing(count: int) -> None:
    comparison = Comparison([Offer(1, "Desk lamp", "A")][:count])
    assert comparison.matches() == []
    assert comparison.groups({}) == {}


def test_no_chain_joins_what_is_forbidden() -> None:
    def judge(pairs: Sequence[Pair]) -> list[float]:
        return [FORBIDDEN if pair == (1, 3) else 0.9 for pair in pairs]

    assert groups({(1, 2): 0.9, (2, 3): 0.8}, judge, 0.35) == {1: 1, 2: 1, 3: 3}


def test_no_chain_joins_what_is_alike_only_by_way_of_a_third() -> None:
    links = {(1, 2): 0.9, (2, 3): 0.6}
    assert groups(links, lambda pairs: [0.05] * len(pairs), 0.35) == {1: 1, 2: 1, 3: 3}
    assert groups(links, lambda pairs: [0.4] * len(pairs), 0.35) == {1: 1, 2: 1, 3: 1}


chances = st.dictionaries(
    st.sampled_from(list(combinations(range(1, 9), 2))),
    st.sampled_from([-1.0, 0.0, 0.2, 0.5, 0.6, 0.6, 0.9]),
)


@given(chances, st.randoms(use_true_random=False))
def test_groups_hold_nothing_forbidden_and_do_not_depend_on_the_order(
    known: dict[Pair, float], random: object
) -> None:
    def judge(pairs: Sequence[Pair]) -> list[float]:
        return [known.get(pair, 0.1) for pair in pairs]

    links = {pair: chance for pair, chance in known.items() if chance >= LINKED}
    found = groups(links, judge, 0.35)
    shuffled = list(links.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert groups(dict(shuffled), judge, 0.35) == found
    assert all(found[group] == group <= pk for pk, group in found.items())
    together = [
        pair for pair in combinations(sorted(found), 2) if len({*map(found.get, pair)}) == 1
    ]
    assert all(known.get(pair, 0.1) >= 0 for pair in together)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30))
def test_agreement_over_pairs_is_that_of_the_reference(labels: list[tuple[int, int]]) -> None:
    found, true = zip(*labels, strict=True)
    (_, false), (missed, right) = pair_confusion_matrix(true, found)
    told = by_pair(found, true)
    assert told.precision == pytest.approx(right / (right + false) if right + false else 0)
    assert told.recall == pytest.approx(right / (right + missed) if right + missed else 0)


def test_agreement_by_offer_is_b_cubed() -> None:
    told = by_cluster([1, 1, 1, 2], ["a", "a", "b", "b"])
    assert told.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert told.recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)


@settings(max_examples=20)
@given(st.lists(titles, max_size=6))
def test_what_is_new_alone_is_compared_as_all_would_be(lines: list[str]) -> None:
    offers = [Offer(n, line, f"shop-{n}") for n, line in enumerate(lines, 1)]
    comparison = Comparison(offers, RARITY)
    new = [offer.id for offer in offers[::2]]
    expected = [m for m in comparison.matches() if m.first in new or m.second in new]
    assert comparison.matches(new) == expected
