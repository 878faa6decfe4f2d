"""Taxonomists change the tree by hand: what follows, what is refused, what is written down."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from taxonomy.actions import editing
from taxonomy.actions.editing import (
    BadComment,
    BadName,
    BadSuccessor,
    Circle,
    NameTaken,
    NotEditable,
    Outdated,
    PathTooLong,
    StillInUse,
    newest_change,
)
from taxonomy.imports.trees import STEP_LIMIT
from taxonomy.models import Category, CategoryChange, CategoryName
from tests.factories import make_category, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


@pytest.fixture
def mugs() -> Category:
    """Google's Home > Kitchen, and the shop's Mugs > Large > Giant below it."""
    home = make_category("Home", id=1)
    kitchen = make_category("Kitchen", parent=home, id=2)
    mugs = make_category("Mugs", parent=kitchen, id=900_000)
    make_category("Giant", parent=make_category("Large", parent=mugs, id=900_001), id=900_002)
    return mugs


def based(category: Category, by: User | None = None) -> dict[str, Any]:
    return {"based_on": newest_change(category), "by": by}


def test_an_added_category_hangs_where_it_was_put_under_a_number_of_the_shops(
    mugs: Category, tomas: User
) -> None:
    added = editing.add_category(mugs, "  Tea   cups ", by=tomas)
    assert added.pk == 900_003
    assert added.path == "Home > Kitchen > Mugs > Tea cups"
    assert added.lineage == "/1/2/900000/900003/"
    [change] = added.changes.all()
    assert (change.kind, change.author, change.after["name"]) == ("added", tomas, "Tea cups")
    assert change.after["path"] == "Home > Kitchen > Mugs"


def test_the_first_category_of_a_shop_is_number_900000_and_may_be_a_root(tomas: User) -> None:
    added = editing.add_category(None, "Gifts", by=tomas)
    assert (added.pk, added.path, added.lineage) == (900_000, "Gifts", "/900000/")


@pytest.mark.parametrize(
    "name",
    ["", "  ", "a" * 256, "Cups > Mugs", "> Mugs", "Cups >", "two\nlines", "nul\0", "\ud800"],
)
def test_a_name_that_no_tree_file_could_hold_is_refused(mugs: Category, name: str) -> None:
    with pytest.raises(BadName):
        editing.add_category(mugs, name, by=None)
    with pytest.raises(BadName):
        editing.rename(mugs, name, **based(mugs))
    assert Category.objects.count() == 5


def test_siblings_are_not_called_the_same_whatever_the_case(mugs: Category) -> None:
    cups = editing.add_category(mugs.parent, "Cups", by=None)
    with pytest.raises(NameTaken, match=r"\(900003\)"):
        editing.add_category(mugs.parent, "cups", by=None)
    with pytest.raises(NameTaken):
        editing.rename(mugs, "CUPS", **based(mugs))
    editing.retire(cups, None, **based(cups))
    assert editing.rename(mugs, "Cups", **based(mugs)).path == "Home > Kitchen > Cups"
    with pytest.raises(NameTaken):
        editing.restore(cups, **based(cups))


def test_a_new_name_is_in_the_paths_of_all_that_is_below(mugs: Category, tomas: User) -> None:
    editing.rename(mugs, "Beakers", **based(mugs, tomas))
    paths = Category.objects.filter(id__gte=900_000).order_by("id").values_list("path", flat=True)
    assert list(paths) == [
        "Home > Kitchen > Beakers",
        "Home > Kitchen > Beakers > Large",
        "Home > Kitchen > Beakers > Large > Giant",
    ]
    [change] = mugs.changes.all()
    assert (change.kind, change.author) == ("renamed", tomas)
    assert (change.before, change.after) == ({"name": "Mugs"}, {"name": "Beakers"})


def test_a_move_takes_the_whole_branch_along_in_every_locale(mugs: Category) -> None:
    for pk, name, path in (
        (1, "Casa", "Casa"),
        (900_000, "Tazas", "Casa > Kitchen > Tazas"),
        (900_001, "Grandes", "Casa > Kitchen > Tazas > Grandes"),
    ):
        CategoryName.objects.create(category_id=pk, locale="es-ES", name=name, path=path)
    moved = editing.move(mugs, Category.objects.get(pk=1), **based(mugs))
    assert (moved.path, moved.lineage) == ("Home > Mugs", "/1/900000/")
    giant = Category.objects.get(pk=900_002)
    assert (giant.path, giant.lineage) == (
        "Home > Mugs > Large > Giant",
        "/1/900000/900001/900002/",
    )
    spanish = CategoryName.objects.order_by("category").values_list("path", flat=True)
    assert list(spanish) == ["Casa", "Casa > Tazas", "Casa > Tazas > Grandes"]
    [change] = mugs.changes.all()
    assert (change.before["path"], change.after["path"]) == ("Home > Kitchen", "Home")


def test_a_branch_may_become_a_root_and_come_back(mugs: Category) -> None:
    CategoryName.objects.create(category=mugs, locale="es-ES", name="Tazas", path="X > Tazas")
    root = editing.move(mugs, None, **based(mugs))
    assert (root.path, root.lineage, root.parent) == ("Mugs", "/900000/", None)
    assert CategoryName.objects.get().path == "Tazas"
    back = editing.move(mugs, Category.objects.get(pk=2), **based(mugs))
    assert back.lineage == mugs.lineage
    assert CategoryName.objects.get().path == "Home > Kitchen > Tazas"


def test_nothing_hangs_below_itself(mugs: Category) -> None:
    for below in (mugs, Category.objects.get(pk=900_002)):
        with pytest.raises(Circle):
            editing.move(mugs, below, **based(mugs))


def test_a_path_may_not_grow_too_long_for_any_category_below(mugs: Category) -> None:
    Category.objects.filter(pk=900_002).update(name="x" * 250, path="y" * 1_990)
    with pytest.raises(PathTooLong, match="2,000"):
        editing.rename(mugs, "Mugs and all that one drinks from", **based(mugs))
    assert Category.objects.get(pk=900_000).path == mugs.path


def test_the_tree_may_not_grow_deeper_than_files_of_it(mugs: Category) -> None:
    deep = make_category("Level 1", id=900_100)
    for level in range(2, STEP_LIMIT - 1):
        deep = make_category(f"Level {level}", parent=deep, id=900_100 + level)
    with pytest.raises(PathTooLong, match="26 steps"):
        editing.move(mugs, deep, **based(mugs))
    editing.move(mugs, deep.parent, **based(mugs))
    bottom = Category.objects.get(pk=900_002)
    assert bottom.path.count(">") == STEP_LIMIT - 1
    with pytest.raises(PathTooLong):
        editing.add_category(bottom, "One too many", by=None)


def test_googles_categories_keep_name_and_place_but_may_be_shown_as_something_else(
    mugs: Category, tomas: User
) -> None:
    kitchen = Category.objects.get(pk=2)
    with pytest.raises(NotEditable, match="Google"):
        editing.rename(kitchen, "Cooking", **based(kitchen))
    with pytest.raises(NotEditable, match="Google"):
        editing.move(kitchen, None, **based(kitchen))
    with pytest.raises(NotEditable, match="Google"):
        editing.retire(kitchen, None, **based(kitchen))
    with pytest.raises(NotEditable, match="Google"):
        editing.restore(kitchen, **based(kitchen))
    shown = editing.set_display_name(kitchen, "Cooking", **based(kitchen, tomas))
    assert (shown.shown_name, shown.name, shown.path) == ("Cooking", "Kitchen", "Home > Kitchen")
    again = editing.set_display_name(kitchen, "", **based(kitchen, tomas))
    assert again.shown_name == "Kitchen"
    assert [change.kind for change in kitchen.changes.all()] == ["display name"] * 2


def test_retiring_waits_for_what_hangs_below_and_names_a_successor(
    mugs: Category, tomas: User
) -> None:
    with pytest.raises(StillInUse, match="1 live category hangs below “Mugs”"):
        editing.retire(mugs, None, **based(mugs))
    giant, large = Category.objects.get(pk=900_002), Category.objects.get(pk=900_001)
    with pytest.raises(BadSuccessor):
        editing.retire(giant, giant, **based(giant))
    editing.retire(giant, large, **based(giant, tomas))
    giant.refresh_from_db()
    assert giant.retired_at
    assert giant.successor == large
    with pytest.raises(NotEditable, match="retired"):
        editing.rename(giant, "Huge", **based(giant))
    with pytest.raises(NotEditable, match="retired"):
        editing.add_category(giant, "Pint", by=None)
    editing.restore(giant, **based(giant, tomas))
    assert Category.objects.live().filter(pk=giant.pk, successor=None).exists()
    kinds = [change.kind for change in giant.changes.filter(author=tomas)]
    assert kinds == ["restored", "successor", "retired"]


def test_what_is_retired_while_one_chooses_it_takes_no_place(mugs: Category) -> None:
    giant, seen = Category.objects.get(pk=900_002), editing.add_category(mugs, "Tall", by=None)
    editing.retire(seen, None, **based(seen))
    with pytest.raises(BadSuccessor):
        editing.retire(giant, seen, **based(giant))
    assert Category.objects.live().filter(pk=giant.pk).exists()


def test_no_edit_goes_on_from_a_change_that_has_not_been(mugs: Category) -> None:
    with pytest.raises(NotEditable, match="has no change 99"):
        editing.rename(mugs, "Beakers", based_on=99, by=None)


def test_what_was_filed_in_a_retired_category_passes_to_its_successor(
    mugs: Category, tomas: User
) -> None:
    giant, large = Category.objects.get(pk=900_002), Category.objects.get(pk=900_001)
    product = make_product(filed_under=giant)
    editing.switch_page(giant, True, **based(giant))
    editing.retire(giant, large, **based(giant, tomas))
    assert product.filings.get().category == large
    assert list(Category.objects.pages()) == [large]
    assert large.changes.get().author == tomas


def test_nothing_comes_back_below_a_retired_parent(mugs: Category) -> None:
    giant, large = Category.objects.get(pk=900_002), Category.objects.get(pk=900_001)
    editing.retire(giant, None, **based(giant))
    editing.retire(large, None, **based(large))
    with pytest.raises(NotEditable):
        editing.restore(giant, **based(giant))


def test_a_page_is_switched_on_and_off_but_never_a_retired_one(mugs: Category) -> None:
    assert editing.switch_page(mugs, True, **based(mugs)).is_page
    assert list(Category.objects.pages()) == [mugs]
    assert not editing.switch_page(mugs, False, **based(mugs)).is_page
    gone = make_category("Gone", retired_at=timezone.now())
    with pytest.raises(NotEditable):
        editing.switch_page(gone, True, **based(gone))


def test_what_changes_nothing_is_no_change(mugs: Category) -> None:
    editing.rename(mugs, "Mugs", **based(mugs))
    editing.move(mugs, mugs.parent, **based(mugs))
    editing.set_display_name(mugs, "Mugs", **based(mugs))
    editing.switch_page(mugs, False, **based(mugs))
    editing.restore(mugs, **based(mugs))
    assert not CategoryChange.objects.exists()


def test_the_second_of_two_editors_is_told_what_the_first_did(mugs: Category, tomas: User) -> None:
    both_saw = newest_change(mugs)
    editing.rename(mugs, "Beakers", based_on=both_saw, by=tomas)
    with pytest.raises(Outdated) as collision:
        editing.rename(mugs, "Cups", based_on=both_saw, by=None)
    assert collision.value.category.name == "Beakers"
    assert [(change.author, change.kind) for change in collision.value.changes] == [
        (tomas, "renamed")
    ]
    assert Category.objects.get(pk=mugs.pk).name == "Beakers"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_the_same_name_at_once_one_does() -> None:
    parent = make_category("Kitchen", id=2)
    ends: list[object] = []

    def add() -> None:
        try:
            ends.append(editing.add_category(parent, "Mugs", by=None).pk)
        except NameTaken as taken:
            ends.append(taken.sibling.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [900_000] * 4
    assert Category.objects.filter(name="Mugs").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_branches_moved_into_each_other_at_once_make_no_circle() -> None:
    one, two = make_category("One", id=900_000), make_category("Two", id=900_001)

    def hang(below: Category, above: Category) -> None:
        try:
            editing.move(below, above, based_on=0, by=None)
        except Circle:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=hang, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lineages = set(Category.objects.values_list("lineage", flat=True))
    assert lineages in ({"/900000/", "/900000/900001/"}, {"/900001/", "/900001/900000/"})


def test_comments_are_kept_with_author_and_their_lines(mugs: Category, tomas: User) -> None:
    said = editing.comment(mugs, "  Too close to Cups.\r\nMerge? ", by=tomas)
    assert (said.text, said.author) == ("Too close to Cups.\nMerge?", tomas)
    for empty in ("", " \n ", "x" * 4_001, "bell\a"):
        with pytest.raises(BadComment):
            editing.comment(mugs, empty, by=tomas)
    assert list(mugs.comments.all()) == [said]
