"""The demo's offers: believable, and wrong exactly where it is stated."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from stdnum import ean

from seestocks.demo.catalogue import FAMILY_OF, KINDS, PATHS, Kind
from seestocks.demo.defects import spoiled
from seestocks.demo.items import charming, gtin
from seestocks.demo.pictures import COLOURS
from seestocks.demo.products import (
    NEAR_DUPLICATES,
    OFFERS,
    SAME_GTIN,
    Flaw,
    Offer,
    sound_offers,
)
from seestocks.demo.retailers import RETAILERS
from seestocks.demo.titles import TITLE_LENGTH, Wording

SOUND = sound_offers(7)
SHOP = spoiled(SOUND, 7)


def with_flaw(*flaws: Flaw) -> list[tuple[Offer, Offer]]:
    """Return the offers that have one of the flaws, each as it is and as it was."""
    pairs = zip(SHOP, SOUND, strict=True)
    return [(offer, sound) for offer, sound in pairs if offer.flaws & set(flaws)]


def test_equal_seeds_give_equal_offers_and_others_differ() -> None:
    assert spoiled(sound_offers(7), 7) == SHOP
    other = spoiled(sound_offers(8), 8)
    assert [offer.title for offer in other] != [offer.title for offer in SHOP]


def test_twelve_retailers_list_four_thousand_products() -> None:
    assert len(SHOP) == OFFERS == 4_000
    assert len({offer.offer_id for offer in SHOP}) == OFFERS
    listed = Counter(offer.retailer.name for offer in SHOP)
    assert len(listed) == len(RETAILERS) == 12
    assert min(listed.values()) >= 100


def test_every_page_has_something_to_show_and_every_category_exists() -> None:
    filed = Counter(offer.filed for offer in SHOP)
    assert filed.keys() == KINDS.keys() <= PATHS.keys()
    assert min(filed.values()) >= 8


def test_retailers_list_only_what_they_carry() -> None:
    assert all(FAMILY_OF[offer.kind.id] in offer.retailer.families for offer in SHOP)


@pytest.mark.parametrize(
    ("flaw", "count"),
    [
        (Flaw.MISFILED_NEARBY, 240),
        (Flaw.MISFILED_FAR, 40),
        (Flaw.NAMED_AS_SIBLING, 90),
        (Flaw.STUFFED, 70),
        (Flaw.PRICED_OUT, 60),
        (Flaw.CENTS_AS_EUROS, 40),
        (Flaw.LAST_SEEN_60, 110),
        (Flaw.LAST_SEEN_20, 190),
        (Flaw.WITHOUT_PICTURE, 80),
        (Flaw.LOST_PICTURE, 40),
        (Flaw.BROKEN_PICTURE, 40),
    ],
)
def test_flaws_are_as_many_as_stated(flaw: Flaw, count: int) -> None:
    assert len(with_flaw(flaw)) == count


def siblings(offer: Offer) -> list[Kind]:
    return [kind for kind in FAMILY_OF[offer.kind.id].kinds if kind != offer.kind]


def test_misfiled_products_stand_elsewhere_and_all_others_do_not() -> None:
    for offer, _ in with_flaw(Flaw.MISFILED_NEARBY):
        assert offer.filed in {kind.id for kind in siblings(offer)}
    for offer, _ in with_flaw(Flaw.MISFILED_FAR):
        assert FAMILY_OF[offer.filed] is not FAMILY_OF[offer.kind.id]
    misfiled = {Flaw.MISFILED_NEARBY, Flaw.MISFILED_FAR}
    assert all((o.filed != o.kind.id) == bool(o.flaws & misfiled) for o in SHOP)


def test_misleading_titles_say_what_a_sibling_is_called() -> None:
    for offer, _ in with_flaw(Flaw.NAMED_AS_SIBLING):
        assert offer.told.noun in {noun for kind in siblings(offer) for noun in kind.nouns}
        assert offer.told.noun.lower().split()[0] in offer.title.lower()
    for offer, sound in with_flaw(Flaw.STUFFED):
        assert sum(kind.nouns[0] in offer.title for kind in siblings(offer)) >= 2
        assert len(offer.title) > len(sound.title)


def test_wrong_prices_are_wrong_by_as_much_as_stated() -> None:
    for offer, sound in with_flaw(Flaw.CENTS_AS_EUROS):
        assert offer.price == sound.price * 100
    for offer, sound in with_flaw(Flaw.PRICED_OUT):
        ratio = float(offer.price / sound.price)
        # Cheap things cannot become cheaper than the least price that shops write.
        assert max(ratio, 1 / ratio) >= 5.5 or offer.price == Decimal("0.49")
    wrong = {Flaw.CENTS_AS_EUROS, Flaw.PRICED_OUT}
    pairs = zip(SHOP, SOUND, strict=True)
    assert all(offer.price == sound.price for offer, sound in pairs if not offer.flaws & wrong)


def test_what_was_seen_last_long_ago_is_in_the_earlier_feeds_only() -> None:
    feeds = {days: sum(offer.in_crawl(days) for offer in SHOP) for days in (60, 20, 0)}
    assert feeds[0] == OFFERS - 300
    assert all(o.in_crawl(20) and not o.in_crawl(0) for o, _ in with_flaw(Flaw.LAST_SEEN_20))
    assert all(o.in_crawl(60) and not o.in_crawl(20) for o, _ in with_flaw(Flaw.LAST_SEEN_60))
    assert all(any(offer.in_crawl(days) for days in feeds) for offer in SHOP)


def test_near_duplicates_are_one_thing_at_two_retailers() -> None:
    by_item = defaultdict(list)
    for offer in SOUND:
        by_item[offer.item.number].append(offer)
    twice = [offers for offers in by_item.values() if len(offers) > 1]
    assert len(twice) == NEAR_DUPLICATES
    for one, other in twice:
        assert one.retailer is not other.retailer
        assert one.look.shape == other.look.shape
        assert one.look.colour == other.look.colour
        assert 0.75 < float(other.price / one.price) < 1.35
    retitled = [one.title != other.title for one, other in twice]
    assert sum(retitled) >= 0.97 * NEAR_DUPLICATES


def test_only_near_duplicates_share_a_gtin() -> None:
    given = [offer for offer in SHOP if offer.gtin]
    by_gtin = defaultdict(set)
    for offer in given:
        by_gtin[offer.gtin].add(offer.item.number)
    assert all(len(items) == 1 for items in by_gtin.values())
    assert len(given) - len(by_gtin) == SAME_GTIN


def test_gtins_are_valid_and_can_be_no_real_products() -> None:
    for offer in SHOP:
        if offer.gtin:
            assert ean.is_valid(offer.gtin)
            assert len(offer.gtin) == 13
            assert offer.gtin.startswith("29")
    assert gtin(1) == "2900000000018"


def test_titles_fit_a_feed() -> None:
    for offer in SHOP:
        assert 10 <= len(offer.title) <= TITLE_LENGTH
        assert offer.item.brand.lower() in offer.title.lower()
        assert "\t" not in offer.title + offer.description
        assert "  " not in offer.title


def test_no_retailer_lists_two_things_under_one_title_often() -> None:
    titles = Counter((offer.retailer.name, offer.title) for offer in SOUND)
    assert sum(count - 1 for count in titles.values()) <= 0.01 * OFFERS


def test_a_colour_in_words_is_the_pictures() -> None:
    for offer in SHOP:
        named = {word for word in offer.told.look.split() if word in COLOURS}
        assert named <= {offer.look.colour}


def sound_prices() -> dict[int, list[float]]:
    prices = defaultdict(list)
    for offer in SOUND:
        prices[offer.kind.id].append(math.log(offer.price))
    return prices


def test_prices_lie_around_their_categorys_median() -> None:
    for number, prices in sound_prices().items():
        kind = KINDS[number]
        far = abs(statistics.median(prices) - math.log(kind.price))
        # Five standard errors of a median of so many.
        assert far < 5 * 1.25 * kind.spread / math.sqrt(len(prices)) + 0.1, kind.nouns[0]


def test_prices_spread_as_their_category_says() -> None:
    ratios = [
        statistics.stdev(prices) / KINDS[number].spread for number, prices in sound_prices().items()
    ]
    assert 0.85 < statistics.median(ratios) < 1.15
    assert min(ratios) > 0.3
    assert max(ratios) < 2.2


def test_more_of_a_thing_costs_more() -> None:
    prices = defaultdict(list)
    for offer in SOUND:
        if offer.kind.id == 1868:  # coffee, by weight
            prices[offer.item.size].append(offer.price)
    medians = [statistics.median(prices[size]) for size in ("250 g", "500 g", "1 kg")]
    assert all(less < more for less, more in pairwise(medians))


@pytest.mark.parametrize(
    ("price", "written"),
    [(0.1, "0.49"), (3.52, "3.49"), (19.98, "19.99"), (24.6, "24.90"), (129.3, "128.95")],
)
def test_prices_are_written_as_shops_write_them(price: float, written: str) -> None:
    assert charming(price) == Decimal(written)


TOLD = Wording(
    noun="Desk Lamp",
    brand="Lumenaut",
    series="Alva",
    said=("jointed arm",),
    look="black metal",
    size="40 cm",
    use="A jointed arm that puts the light exactly on the page.",
)


def test_styles_write_what_their_first_line_shows() -> None:
    styles: set[Callable[[Wording], str]] = {retailer.title for retailer in RETAILERS}
    for style in styles:
        assert style.__doc__ is not None
        assert style(TOLD) == style.__doc__.rstrip(".")


def test_what_is_left_unsaid_leaves_no_trace() -> None:
    bare = replace(TOLD, series="", said=(), look="", size="")
    assert {retailer.title(bare) for retailer in RETAILERS} == {
        "Lumenaut Desk Lamp",
        "Desk Lamp – Lumenaut",
        "Lumenaut - Desk Lamp",
        "Desk Lamp | Lumenaut",
        "LUMENAUT desk lamp",
        "Desk lamp by Lumenaut",
    }
