"""Lists of what asks for work, the counts that roll up the tree, and what happened in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ranking.actions import cancel_run, start_run
from ranking.models import ConfusedPair
from taxonomy.actions import editing
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, CategoryName, Filing
from taxonomy.queries.counts import subtrees
from taxonomy.queries.worklists import counted, work_lists
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.ranking.rankings import make_ranking, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


@pytest.fixture
def spices() -> dict[str, Category]:
    """Food > Spices > Pepper and Salt, both pages, and Food > Tea, which is none."""
    food = make_category("Food", id=1)
    spices = make_category("Spices", parent=food, id=2)
    return {
        "food": food,
        "spices": spices,
        "pepper": make_category("Pepper", parent=spices, id=3, is_page=True),
        "salt": make_category("Salt", parent=spices, id=4, is_page=True),
        "tea": make_category("Tea", parent=food, id=5),
    }


def make_pair(first: Category, second: Category, **fields: Any) -> ConfusedPair:
    values: dict[str, Any] = {"products": 7, "exposure": 1.0, "judged": 0, "errors": 0}
    values |= {"disagreement": 0.0, "weight": 1.0, "share": 0.5, "parent": first.parent}
    run = fields.pop("run", None) or make_run(measured_at=timezone.now())
    return ConfusedPair.objects.create(run=run, first=first, second=second, **(values | fields))


def listed(user: User, key: str, locale: str = "") -> list[str]:
    [one] = [one for one in work_lists(user, locale) if one.key == key]
    return [category.name for category in one.rows()]


def count_of(user: User, key: str) -> int:
    return {one.work.key: one.count for one in counted(work_lists(user))}[key]


def test_pages_beside_pages_ask_for_texts_until_a_live_one_tells_them_apart(
    tomas: User, spices: dict[str, Category]
) -> None:
    pepper, salt = spices["pepper"], spices["salt"]
    make_category("Alone", parent=spices["tea"], is_page=True)
    assert listed(tomas, "no-texts") == ["Pepper", "Salt"]
    write_revision(pepper, None, "hot and black", based_on=0, live=False, by=tomas)
    assert count_of(tomas, "no-texts") == 2
    write_revision(pepper, None, "hot and black", based_on=1, live=True, by=tomas)
    assert listed(tomas, "no-texts") == ["Salt"]
    write_revision(pepper, salt, "not white", based_on=0, live=True, by=tomas)
    assert count_of(tomas, "no-texts") == 0
    write_revision(pepper, salt, "", based_on=1, live=True, by=tomas)
    assert listed(tomas, "no-texts") == ["Salt"]


def test_roots_that_are_pages_ask_for_texts_as_well(tomas: User) -> None:
    pepper = make_category("Pepper", is_page=True)
    assert listed(tomas, "no-texts") == []
    make_category("Salt", is_page=True)
    assert listed(tomas, "no-texts") == ["Pepper", "Salt"]
    write_revision(pepper, None, "hot", based_on=0, live=True, by=tomas)
    assert listed(tomas, "no-texts") == ["Salt"]


def test_the_most_confused_come_first_with_their_share(
    tomas: User, spices: dict[str, Category]
) -> None:
    herbs = make_category("Herbs", parent=spices["spices"], id=6)
    make_pair(spices["pepper"], spices["salt"], share=0.5)
    make_pair(spices["salt"], herbs, share=0.25)
    make_pair(spices["pepper"], herbs, share=0.0, weight=0.0)
    assert listed(tomas, "confused") == ["Salt", "Pepper", "Herbs"]
    [confused] = [one for one in work_lists(tomas) if one.key == "confused"]
    assert [confused.note(row) for row in confused.rows()] == [
        "75.0\xa0% of all",
        "50.0\xa0% of all",
        "25.0\xa0% of all",
    ]


def test_a_page_whose_text_changed_after_its_ranking_is_listed(
    tomas: User, spices: dict[str, Category]
) -> None:
    make_ranking(spices["pepper"], run=make_run(settings={"discriminators_until": 0}))
    assert listed(tomas, "stale") == []
    write_revision(spices["salt"], None, "white", based_on=0, live=True, by=tomas)
    assert listed(tomas, "stale") == ["Pepper"]
    assert count_of(tomas, "stale") == 1


def test_a_page_is_on_the_list_again_as_soon_as_its_run_is_cancelled(
    tomas: User, spices: dict[str, Category]
) -> None:
    make_ranking(spices["pepper"], run=make_run(settings={"discriminators_until": 0}))
    write_revision(spices["salt"], None, "white", based_on=0, live=True, by=tomas)
    run = start_run(pages=[spices["pepper"].pk], here=True)
    assert count_of(tomas, "stale") == 0
    cancel_run(run, by=tomas)
    assert count_of(tomas, "stale") == 1


def test_what_has_no_name_in_a_locale_is_to_be_translated(
    tomas: User, spices: dict[str, Category]
) -> None:
    CategoryName.objects.create(category=spices["tea"], locale="es-ES", name="Té", path="Té")
    CategoryName.objects.create(category=spices["salt"], locale="de-DE", name="Salz", path="Salz")
    make_category("Gone", retired_at=timezone.now())
    assert "Tea" not in listed(tomas, "untranslated", "es-ES")
    assert listed(tomas, "untranslated", "de-DE") == ["Food", "Spices", "Pepper", "Tea"]


def test_the_retired_that_still_hold_products_are_listed_the_fullest_first(tomas: User) -> None:
    for name, products in (("Few", 1), ("Many", 3), ("None", 0)):
        gone = make_category(name, retired_at=timezone.now())
        for _ in range(products):
            make_product(filed_under=gone)
    assert listed(tomas, "retired") == ["Many", "Few"]
    [retired] = [one for one in work_lists(tomas) if one.key == "retired"]
    assert [retired.note(row) for row in retired.rows()] == [
        "3 products still filed",
        "1 product still filed",
    ]


def test_the_shops_own_and_pages_without_products_are_listed(
    tomas: User, spices: dict[str, Category]
) -> None:
    editing.add_category(spices["tea"], "Green", by=tomas)
    make_product(filed_under=spices["salt"])
    assert listed(tomas, "own") == ["Green"]
    assert listed(tomas, "empty") == ["Pepper"]


def test_nobody_is_offered_a_list_that_they_may_not_see(spices: dict[str, Category]) -> None:
    annotator = {one.key for one in work_lists(make_user("annotators"))}
    assert {"no-texts", "retired", "own"} <= annotator
    assert not {"confused", "stale"} & annotator


def test_counts_roll_up_the_tree_and_are_fresh_when_rows_change(
    tomas: User, spices: dict[str, Category]
) -> None:
    pepper, salt = spices["pepper"], spices["salt"]
    product = make_product(filed_under=pepper)
    assert subtrees()[1].counts == {"products": 1, "pages": 2}
    make_judgment(pepper, product, 3)
    make_judgment(pepper, product, 2)  # the same person's later word
    assert subtrees()[2].counts["judgments"] == 1
    make_pair(pepper, salt, products=7)
    figures = {pk: subtree.counts.get("confusion", 0) for pk, subtree in subtrees().items()}
    assert figures == {1: 7, 2: 7, 3: 7, 4: 7, 5: 0}
    editing.switch_page(salt, False, based_on=0, by=tomas)
    assert subtrees()[1].pages == 1
    make_product(filed_under=spices["tea"])
    assert (subtrees()[1].products, subtrees()[2].products) == (2, 1)


def test_what_a_model_supposes_files_nothing(spices: dict[str, Category]) -> None:
    product = make_product(filed_under=spices["pepper"])
    Filing.objects.create(product=product, category=spices["salt"], source="model", confidence=0.6)
    assert subtrees()[4].products == 0
    assert subtrees()[2].products == 1


def test_a_list_is_shown_with_its_reasons_and_can_be_narrowed(
    tomas: User, spices: dict[str, Category], client: Client
) -> None:
    make_pair(spices["pepper"], spices["salt"])
    Category.objects.filter(pk=4).update(is_page=False)
    client.force_login(tomas)

    def text(address: str) -> str:
        response = client.get(address)
        assert response.status_code == 200
        return response.content.decode()

    whole = text("/tree/?list=confused")
    assert "50.0\xa0% of all" in whole
    assert 'id="node' not in whole
    assert ">Pepper<" in whole
    assert ">Salt<" in whole
    assert ">Salt<" not in text("/tree/?list=confused&pages=1")
    assert ">Pepper<" not in text("/tree/?list=confused&q=salt")
    assert "50.0\xa0% of all" in text("/tree/?list=confused&q=salt")
    assert ">Tea<" not in text("/tree/?under=2")
    assert "Nothing is left to do here" in text("/tree/?list=retired")
    assert client.get("/tree/?list=unheard-of").status_code == 400
