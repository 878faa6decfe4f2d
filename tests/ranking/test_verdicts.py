"""What people's words say of a product between two siblings."""

from __future__ import annotations

import pytest

from judgments.models import Judgment
from ranking.queries.verdicts import verdicts
from taxonomy.models import Category, Filing, Product
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def lamps() -> Category:
    return make_category("lamps", id=2)


@pytest.fixture
def candles() -> Category:
    return make_category("candles", id=3)


@pytest.fixture
def product() -> Product:
    return make_product("lamp candle")


def side(product: Product) -> bool | None:
    return verdicts().side(product.pk, 2, 3)


def test_a_product_right_on_a_page_belongs_there_and_below_it_too(
    lamps: Category, candles: Category, product: Product
) -> None:
    assert side(product) is None
    make_judgment(make_category("desk lamps", parent=lamps), product, 2)
    assert side(product) is True


def test_wrong_on_one_page_is_not_right_on_the_other(
    lamps: Category, candles: Category, product: Product
) -> None:
    make_judgment(lamps, product, 0)
    assert side(product) is None


def test_belongs_elsewhere_outdoes_the_grade_beside_it(
    lamps: Category, candles: Category, product: Product
) -> None:
    judgment = make_judgment(lamps, product, 2)
    Judgment.objects.filter(pk=judgment.pk).update(belongs_to=candles)
    assert side(product) is False


def test_most_voices_decide_and_a_tie_says_nothing(
    lamps: Category, candles: Category, product: Product
) -> None:
    make_judgment(lamps, product, 3, who="Ann")
    make_judgment(candles, product, 3, who="Ben")
    assert side(product) is None
    make_judgment(candles, product, 2, who="Cleo")
    assert side(product) is False


def test_each_person_counts_with_their_latest_word(
    lamps: Category, candles: Category, product: Product
) -> None:
    make_judgment(lamps, product, 3)
    make_judgment(lamps, product, 0)
    assert side(product) is None


def test_where_a_person_filed_it_counts_and_where_a_feed_or_the_model_did_does_not(
    lamps: Category, candles: Category, product: Product
) -> None:
    Filing.objects.create(product=product, category=candles, source="feed")
    Filing.objects.create(product=product, category=candles, source="model")
    assert side(product) is None
    Filing.objects.create(
        product=product, category=lamps, source="person", author=make_user("taxonomists")
    )
    assert side(product) is True


def test_disagreement_is_the_mean_spread_where_several_graded_the_same(
    lamps: Category, candles: Category, product: Product
) -> None:
    alone = make_product()
    make_judgment(lamps, alone, 3)
    make_judgment(lamps, product, 3, who="Ann")
    make_judgment(lamps, product, 1, who="Ben")
    make_judgment(make_category("elsewhere"), product, 0, who="Ann")
    said = verdicts()
    assert said.disagreement([product.pk, alone.pk], 2, 3) == 2
    assert said.disagreement([alone.pk], 2, 3) == 0


def test_words_after_the_runs_moment_are_not_heard(
    lamps: Category, candles: Category, product: Product
) -> None:
    first = make_judgment(lamps, product, 3, who="Ann")
    make_judgment(candles, product, 3, who="Ben")
    make_judgment(candles, product, 3, who="Cleo")
    assert verdicts(until=first.pk).side(product.pk, 2, 3) is True
    assert verdicts([product.pk]).side(product.pk, 2, 3) is False


def test_who_decided_is_heard_alone(lamps: Category, candles: Category, product: Product) -> None:
    for who in ("Ann", "Bob"):
        make_judgment(lamps, product, 3, who)
    assert side(product) is True
    judgment = make_judgment(lamps, product, 0, "Lea")
    Judgment.objects.filter(pk=judgment.pk).update(source="adjudicator", belongs_to=candles)
    assert side(product) is False
    assert verdicts().spread(product.pk, 2, 3) == 0


def test_what_a_merchandiser_hides_puts_it_on_neither_side(
    lamps: Category, candles: Category, product: Product
) -> None:
    judgment = make_judgment(lamps, product, 0, "Mira")
    Judgment.objects.filter(pk=judgment.pk).update(source="merchandiser", belongs_to=candles)
    assert side(product) is None
