"""A version of the tree is undone as one, a command's too."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from pytest_django.fixtures import Settings

from taxonomy.actions import import_taxonomy
from taxonomy.actions.applying import NotADraft, apply_update
from taxonomy.actions.editing import newest_change, rename
from taxonomy.actions.undoing import CannotUndo, undo_update
from taxonomy.actions.updates import choose_successor, request_again, set_aside, upload
from taxonomy.models import (
    Category,
    CategoryChange,
    Filing,
    Import,
    TreeUpdate,
    UpdateState,
)
from taxonomy.queries.updates import difference, version_in_force
from tests.commands import real, run
from tests.factories import make_category, make_product, make_user
from tests.taxonomy.versions import (
    ANIMALS,
    AQUARIA,
    HEADER,
    NO_CAGES,
    applied,
    apply,
    draft,
    filed,
    import_lines,
    kinds,
    tree_rows,
)

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


def test_from_2015_to_2021_and_back_leaves_the_very_rows() -> None:
    old = real("google-taxonomy/taxonomy-with-ids.en-US.2015-02-19.txt")
    new = real("google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt")
    import_taxonomy(old)
    before = tree_rows()
    update = upload(new.name, new.read_bytes(), by=None)
    began = time.perf_counter()
    plan = difference(update)
    seen = time.perf_counter() - began
    assert {kind.value: n for kind, n in plan.growth.counts.items()} == {
        "added": 168,
        "renamed": 23,
    }
    began = time.perf_counter()
    apply_update(update, fingerprint=plan.fingerprint, by=None)
    took = time.perf_counter() - began
    assert Category.objects.live().count() == 5595
    undo_update(update, by=None)
    rows = tree_rows()
    assert {pk: row for pk, row in rows.items() if pk in before} == before
    assert all(row["retired_at"] for pk, row in rows.items() if pk not in before)
    assert (seen < 2, took < 5) == (True, True)


def test_undoing_is_kept_in_the_history_and_in_the_version(tomas: User) -> None:
    applied(ANIMALS)
    update = applied(NO_CAGES.replace("Birds", "Poultry"), by=tomas)
    undo_update(update, by=tomas)
    update.refresh_from_db()
    assert (update.state, update.undone_by) == (UpdateState.UNDONE, tomas)
    history = CategoryChange.objects.filter(category=2).order_by("id")
    assert [(one.kind, one.before.get("name"), one.after["name"]) for one in history] == [
        ("added", None, "Birds"),
        ("renamed", "Birds", "Poultry"),
        ("renamed", "Poultry", "Birds"),
    ]
    assert [one.kind for one in CategoryChange.objects.filter(category=3).order_by("id")] == [
        "added",
        "retired",
        "restored",
    ]


def test_what_a_version_added_is_retired_and_comes_back_with_the_next() -> None:
    applied(ANIMALS)
    update = applied(AQUARIA + "3 - Animals > Birds > Cages\n")
    make_product(filed_under=Category.objects.get(pk=5))
    undo_update(update, by=None)
    assert Category.objects.get(pk=5).retired_at is not None
    again = request_again(TreeUpdate.objects.get(pk=update.pk), by=None)
    assert kinds(again) == {5: "restored"}
    apply(again)
    assert Category.objects.get(pk=5).retired_at is None


def test_undoing_is_refused_where_somebody_went_on_and_names_them(tomas: User) -> None:
    applied(ANIMALS)
    make_category("Own", id=900_000, parent=Category.objects.get(pk=2))
    update = draft(NO_CAGES + "5 - Animals > Birds > Houses\n")
    choose_successor(update, 3, "5")
    apply(update)
    make_category("Below", id=900_001, parent=Category.objects.get(pk=5))
    before = tree_rows()
    with pytest.raises(CannotUndo) as refused:
        undo_update(update, by=None)
    assert [one.category.name for one in refused.value.obstacles] == ["Below"]
    assert tree_rows() == before


def test_undoing_is_refused_after_a_later_version_changed_the_same(tomas: User) -> None:
    applied(ANIMALS)
    update = applied(ANIMALS.replace("Birds", "Poultry"))
    later = applied(ANIMALS.replace("Birds", "Fowl"), by=tomas)
    with pytest.raises(CannotUndo) as refused:
        undo_update(update, by=None)
    obstacle = refused.value.obstacles[0]
    assert (obstacle.category.pk, obstacle.by) == (2, tomas)
    undo_update(later, by=None)
    undo_update(update, by=None)
    assert Category.objects.get(pk=2).name == "Birds"


def test_undoing_is_refused_where_a_name_is_taken_meanwhile(tomas: User) -> None:
    applied(ANIMALS)
    update = applied(ANIMALS.replace("Birds", "Poultry"))
    own = make_category("Wings", id=900_000, parent=Category.objects.get(pk=1))
    rename(own, "Birds", based_on=newest_change(own), by=tomas)
    with pytest.raises(CannotUndo) as refused:
        undo_update(update, by=None)
    assert {one.category.pk for one in refused.value.obstacles} == {2, 900_000}
    assert {one.by for one in refused.value.obstacles} == {None, tomas}


def test_filings_that_moved_on_since_stay_where_people_put_them() -> None:
    applied(ANIMALS)
    products = [make_product(filed_under=Category.objects.get(pk=3)) for _ in range(3)]
    update = draft(NO_CAGES)
    choose_successor(update, 3, "2")
    apply(update)
    Filing.objects.filter(product=products[0]).update(category=4)
    undo_update(update, by=None)
    assert [category for _, category, _ in filed().values()] == [4, 3, 3]


def test_a_version_is_applied_and_undone_once() -> None:
    applied(ANIMALS)
    update = applied(NO_CAGES)
    with pytest.raises(NotADraft, match="applied already"):
        apply(update)
    undo_update(update, by=None)
    with pytest.raises(NotADraft):
        undo_update(update, by=None)
    with pytest.raises(NotADraft):
        set_aside(update)


def test_a_draft_can_be_thrown_away() -> None:
    set_aside(draft(ANIMALS))
    assert not TreeUpdate.objects.exists()


def test_undoing_is_refused_where_what_was_added_took_a_place_since(tomas: User) -> None:
    applied(ANIMALS)
    first = applied(ANIMALS + "5 - Animals > Dogs\n")
    second = draft("1 - Animals\n2 - Animals > Birds\n4 - Animals > Fish\n5 - Animals > Dogs\n")
    choose_successor(second, 3, "5")
    apply(second, by=tomas)
    with pytest.raises(CannotUndo) as refused:
        undo_update(first, by=None)
    assert [(one.category.pk, one.by) for one in refused.value.obstacles] == [(3, tomas)]


def test_undoing_is_refused_where_the_old_place_is_retired_since(tomas: User) -> None:
    applied(ANIMALS)
    first = applied(ANIMALS.replace("Animals > Birds > Cages", "Animals > Fish > Cages"))
    applied("1 - Animals\n3 - Animals > Fish > Cages\n4 - Animals > Fish\n", by=tomas)
    with pytest.raises(CannotUndo) as refused:
        undo_update(first, by=None)
    assert [(one.category.pk, one.by) for one in refused.value.obstacles] == [(2, tomas)]


def test_the_version_in_force_is_the_last_that_was_not_undone() -> None:
    assert version_in_force() == ""
    applied(ANIMALS)
    newer = upload("n", (HEADER + NO_CAGES).replace("2021-09", "2026-08").encode(), by=None)
    apply(newer)
    assert version_in_force() == "2026-08-21"
    undo_update(newer, by=None)
    assert version_in_force() == "2021-09-21"


# The command


def test_what_a_command_imports_can_be_undone(tmp_path: Path) -> None:
    import_lines(ANIMALS)
    before = tree_rows()
    import_lines(NO_CAGES.replace("Birds", "Poultry"))
    undo_update(TreeUpdate.objects.latest("id"), by=None)
    assert tree_rows() == before


def test_an_import_that_changes_nothing_is_no_version() -> None:
    import_lines(ANIMALS)
    import_lines(ANIMALS)
    assert (TreeUpdate.objects.count(), Import.objects.count()) == (1, 2)


def test_the_command_takes_successors_from_a_file(tmp_path: Path) -> None:
    import_lines(ANIMALS)
    make_product(filed_under=Category.objects.get(pk=3))
    new, successors = tmp_path / "new.txt", tmp_path / "successors.csv"
    new.write_text(HEADER + NO_CAGES)
    successors.write_text("old_id,new_id\n3,2\n")
    ran = run("import_taxonomy", new, successors=str(successors))
    assert ran.figures["retired"] == 1
    assert Filing.objects.get().category_id == 2
    again = run("import_taxonomy", new, successors=str(successors))
    assert again.figures["unchanged"] == 3
    assert TreeUpdate.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,1", "category 2 is not retired"),
        ("3,3", "category 3 is none of those that stay"),
        ("3,99", "category 99 is none of those that stay"),
        ("x,1", "made of digits"),
        ("3,2\n3,1", "stands already on line 2"),
    ],
)
def test_a_bad_line_of_successors_refuses_all(tmp_path: Path, line: str, reason: str) -> None:
    import_lines(ANIMALS)
    new, successors = tmp_path / "new.txt", tmp_path / "successors.csv"
    new.write_text(HEADER + NO_CAGES)
    successors.write_text(f"old_id,new_id\n{line}\n")
    with pytest.raises(CommandError, match=reason):
        run("import_taxonomy", new, successors=str(successors))
    assert Category.objects.live().count() == 4
