"""A page's lines: places, offers behind each other, and the rules by hand that count."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from ranking.models import HandRule, PageRun, RankedProduct
from ranking.queries.lineup import Line, lineup, unruled
from taxonomy.models import Category, Product
from tests.factories import make_product
from tests.ranking.conftest import products
from tests.ranking.rankings import make_page_run, make_ranking

pytestmark = pytest.mark.django_db


def rule(page: Category, product: Product, state: str = "live", **said: object) -> HandRule:
    values = {"kind": "pin", "place": 1} | said
    if values["kind"] != "pin":
        values["place"] = None
    return HandRule.objects.create(page=page, product=product, state=state, **values)


def titles(lines: list[Line]) -> list[str]:
    return [line.product.title.rpartition(" ")[2] for line in lines if line.place]


def test_without_rules_by_hand_a_page_is_as_the_machine_left_it(pepper: Category) -> None:
    shown, removed = products(3), [make_product("Salt")]
    lines = lineup(make_ranking(pepper, shown, removed))
    assert [line.product for line in lines] == [*shown, *removed]
    assert [(line.place, line.machine_place) for line in lines] == [
        (1, 1),
        (2, 2),
        (3, 3),
        (None,) * 2,
    ]
    assert not any(line.said or line.is_touched for line in lines)


def test_live_rules_count_drafts_count_when_asked_for_and_none_when_not(pepper: Category) -> None:
    shown = products(3)
    page_run = make_ranking(pepper, shown)
    rule(pepper, shown[2])
    rule(pepper, shown[2], "draft", kind="hide")
    rule(pepper, shown[1], "draft")
    rule(pepper, shown[0], "ended", kind="hide")
    assert titles(lineup(page_run)) == ["3", "1", "2"]
    assert titles(lineup(page_run, "draft")) == ["2", "1"]
    assert titles(lineup(page_run, "none")) == ["1", "2", "3"]


def test_a_line_knows_the_draft_for_its_product_whatever_counts(pepper: Category) -> None:
    [product] = products(1)
    drafted = rule(pepper, product, "draft", place=4)
    [line] = lineup(make_ranking(pepper, [product]))
    assert (line.hand, line.draft) == (None, drafted)


def test_a_pinned_product_that_is_no_candidate_is_shown_without_a_score(pepper: Category) -> None:
    page_run = make_ranking(pepper, products(2))
    stranger = make_product("Pepper mill", unseen_since=timezone.now())
    rule(pepper, stranger, place=2)
    line = lineup(page_run)[1]
    assert (line.product, line.place, line.is_candidate) == (stranger, 2, False)
    assert line.is_pinned
    assert "shown without a score" in line.said
    assert "feed does not have it any more" in line.said
    assert RankedProduct.objects.filter(product=stranger).count() == 0


def behind(page_run: PageRun, front: Product, *prices: str | None) -> list[Product]:
    """Offers of the same product as `front`, which the machine has put behind it."""
    made = [make_product(f"Offer at {price}", price=price and Decimal(price)) for price in prices]
    RankedProduct.objects.bulk_create(
        RankedProduct(
            page_run=page_run,
            product=product,
            removed_by="near-duplicate",
            duplicate_of=front,
            score=0.5,
            confidence=0.8,
        )
        for product in made
    )
    return made


def test_offers_stand_behind_the_one_that_is_shown_the_cheapest_first(pepper: Category) -> None:
    shown = products(2)
    page_run = make_ranking(pepper, shown)
    unpriced, dear, cheap = behind(page_run, shown[0], None, "20", "12")
    first, second = lineup(page_run)[:2]
    assert [line.product for line in first.offers] == [cheap, dear, unpriced]
    assert second.offers == ()


def test_a_pinned_offer_is_shown_with_the_others_behind_it(pepper: Category) -> None:
    shown = products(2)
    page_run = make_ranking(pepper, shown)
    dear, cheap = behind(page_run, shown[0], "20", "12")
    rule(pepper, dear)
    lines = lineup(page_run)
    assert [line.product for line in lines if line.place] == [dear, shown[1]]
    assert {line.product for line in lines[0].offers} == {shown[0], cheap}


def test_a_page_that_was_carried_over_shows_what_stands_elsewhere(pepper: Category) -> None:
    holder = make_ranking(pepper, products(2))
    carried = make_page_run(pepper, carried_from=holder)
    assert titles(lineup(carried)) == ["1", "2"]


def test_rules_of_other_pages_do_not_count(pepper: Category) -> None:
    shown = products(2)
    page_run = make_ranking(pepper, shown)
    elsewhere = Category.objects.create(id=8, name="Salt", path="Salt", lineage="/8/", is_page=True)
    rule(elsewhere, shown[1])
    assert titles(lineup(page_run)) == ["1", "2"]


def test_without_any_rule_all_candidates_stand_by_their_scores(pepper: Category) -> None:
    shown, [removed] = products(2), [make_product("Salt")]
    page_run = make_ranking(pepper, shown, [removed])
    page_run.ranked.filter(product=removed).update(score=9.0)
    lines = unruled(page_run)
    assert [line.product for line in lines] == [removed, *shown]
    assert [line.place for line in lines] == [1, 2, 3]
    assert lines[0].machine_place is None


def test_a_lineup_takes_few_queries(
    pepper: Category, django_assert_max_num_queries: object
) -> None:
    page_run = make_ranking(pepper, products(5))
    rule(pepper, make_product("Stranger"))
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        assert len(lineup(page_run)) == 6
