"""Google's next version: what it changes is seen, applied as one, and undone as one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from judgments.models import Judgment
from judgments.queries import counting_grades
from taxonomy.actions import import_products, import_taxonomy
from taxonomy.actions.applying import CannotApply, NotADraft, TreeChanged, apply_update
from taxonomy.actions.discriminators import write_revision
from taxonomy.actions.editing import newest_change, rename
from taxonomy.actions.succession import as_ranges, from_ranges
from taxonomy.actions.undoing import CannotUndo, undo_update
from taxonomy.actions.updates import choose_successor, request_again, set_aside, upload
from taxonomy.imports.nodes import Misplaced
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.tree_files import BYTE_LIMIT
from taxonomy.models import (
    Category,
    CategoryChange,
    ChangeKind,
    Filing,
    Import,
    Revision,
    TreeUpdate,
    UpdateState,
)
from taxonomy.queries.retiring import hanging
from taxonomy.queries.successors import BadSuccessor, Successors
from taxonomy.queries.updates import changes_made, difference, stranded, version_in_force
from tests.commands import real, run
from tests.factories import make_category, make_judgment, make_product, make_user
from tests.taxonomy.versions import ANIMALS, HEADER, applied, apply, draft, filed, tree_rows

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
NO_CAGES = "1 - Animals\n2 - Animals > Birds\n4 - Animals > Fish\n"
Value = TypeVar("Value")
AQUARIA = NO_CAGES + "5 - Animals > Fish > Aquaria\n"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


def kinds(update: TreeUpdate) -> dict[int, str]:
    return {pk: kind.value for pk, kind in difference(update).growth.kinds.items()}


# What would change


def test_a_difference_names_each_change_and_writes_none() -> None:
    applied(ANIMALS)
    before = tree_rows()
    changed = draft(
        "1 - Animals\n2 - Animals > Poultry\n3 - Animals > Fish > Tanks\n4 - Animals > Fish\n"
        "5 - Animals > Dogs\n"
    )
    assert kinds(changed) == {2: "renamed", 3: "moved", 5: "added"}
    line = difference(changed).lines("moved")[0]
    assert line.before is not None
    assert (line.before.path, line.after.path) == (
        "Animals > Birds > Cages",
        "Animals > Fish > Tanks",
    )
    assert line.is_renamed
    assert tree_rows() == before


def test_changes_are_found_by_a_word_of_the_path_before_or_after_and_by_id() -> None:
    applied(ANIMALS)
    plan = difference(draft(ANIMALS.replace("Birds", "Poultry") + "5 - Animals > Dogs\n"))
    assert [line.id for line in plan.lines(text="birds")] == [2]
    assert [line.id for line in plan.lines(text="dogs")] == [5]
    assert [line.id for line in plan.lines(text="5")] == [5]
    assert plan.lines("added", "birds") == []


def test_what_hangs_on_a_retired_category_is_counted(tomas: User) -> None:
    applied(ANIMALS)
    cages = Category.objects.get(pk=3)
    make_product(filed_under=cages)
    Filing.objects.create(product=make_product(), category=cages, source="person")
    Category.objects.filter(pk=3).update(is_page=True)
    make_category("Gilded", parent=cages, id=900_000)
    write_revision(cages, None, "bars and a door", based_on=0, live=True, by=None)
    held = hanging(difference(draft(NO_CAGES)).growth, [3], tomas)[3]
    assert (held.feed, held.person, held.model, held.texts, held.is_page) == (1, 1, 0, 1, True)
    assert [node.name for node in held.shops_own] == ["Gilded"]


def test_lines_that_cannot_be_read_are_listed_and_keep_all_from_being_retired() -> None:
    applied(ANIMALS)
    plan = difference(draft("1 - Animals\n2 - Animals > Birds\nFish\n"))
    assert [reject.line for reject in plan.rejects] == [4]
    assert plan.retires_nothing
    assert plan.growth.kinds == {}


def test_a_file_in_another_language_is_noticed() -> None:
    applied(ANIMALS)
    spanish = draft("1 - Animales\n2 - Animales > Aves\n3 - Animales > Aves > Jaulas\n")
    assert difference(spanish).in_another_language


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  <!DOCTYPE html><html>1 - Animals</html>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"Dear all,\nplease find attached\n", "No line of the file reads"),
        (b"1 - Ani\0mals\n", "NUL"),
        (b"1 - K\xe4fer\n", "not UTF-8"),
        ("1 - Animals".encode("utf-16"), "UTF-16"),
        (b"\x1f\x8b\x08broken", "damaged"),
        (b"1 - A\n" * (BYTE_LIMIT // 6 + 1), "larger than 8 MB"),
    ],
)
def test_what_is_no_taxonomy_is_refused_in_a_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        upload("file", content, by=None)
    assert not TreeUpdate.objects.exists()


# Successors


def test_successors_are_suggested_by_name_and_by_place() -> None:
    applied(ANIMALS + "6 - Animals > Birds > Feeders\n")
    plan = difference(
        draft(
            NO_CAGES + "6 - Animals > Birds > Feeders\n7 - Animals > Birds > Cages & Stands\n"
            "8 - Animals > Fish > Cages\n"
        )
    )
    found = [(one.node.id, one.why) for one in Successors(plan.growth).suggested(3)]
    assert found == [
        (8, "has the same name"),
        (7, "has a like name, beside it"),
        (2, "the nearest above it that stays"),
    ]


@pytest.mark.parametrize(
    "written", ["5", "5 - Animals > Fish > Aquaria", "animals > fish > AQUARIA"]
)
def test_a_successor_may_be_named_by_id_or_path_and_come_with_the_version(written: str) -> None:
    applied(ANIMALS)
    update = draft(AQUARIA)
    assert choose_successor(update, 3, written) == 5
    update.refresh_from_db()
    assert update.successors == {"3": 5}


@pytest.mark.parametrize(
    ("retired", "written", "reason"),
    [
        (3, "3", "none of those that stay"),
        (3, "99", "none of those that stay"),
        (3, "Animals > Unicorns", "No category that stays has the path"),
        (4, "2", "does not retire category 4"),
        (4, None, "does not retire category 4"),
    ],
)
def test_what_cannot_take_the_place_is_refused(
    retired: int, written: str | None, reason: str
) -> None:
    applied(ANIMALS)
    with pytest.raises(BadSuccessor, match=reason):
        choose_successor(draft(NO_CAGES), retired, written)


def test_choices_of_two_people_are_both_kept_and_can_be_taken_back() -> None:
    applied(ANIMALS)
    first = draft("1 - Animals\n4 - Animals > Fish\n")
    second = TreeUpdate.objects.get(pk=first.pk)
    choose_successor(first, 2, "4")
    choose_successor(second, 3, None)
    first.refresh_from_db()
    assert first.successors == {"2": 4, "3": None}
    choose_successor(first, 2, "")
    first.refresh_from_db()
    assert first.successors == {"3": None}


# Applying


def test_what_hangs_on_a_retired_category_passes_to_its_successor(tomas: User) -> None:
    applied(ANIMALS)
    cages, fish = Category.objects.get(pk=3), Category.objects.get(pk=4)
    by_feed, by_person = make_product(filed_under=cages), make_product()
    Filing.objects.create(product=by_person, category=cages, source="person", author=tomas)
    Filing.objects.create(product=by_feed, category=cages, source="model", confidence=0.5)
    judgment = make_judgment(cages, by_feed, 3)
    Category.objects.filter(pk=3).update(is_page=True)
    update = draft(AQUARIA)
    choose_successor(update, 3, "5")
    done = apply(update, by=tomas)
    assert set(filed().values()) == {
        (by_feed.pk, 5, "feed"),
        (by_person.pk, 5, "person"),
        (by_feed.pk, 3, "model"),
    }
    assert Category.objects.get(pk=5).is_page
    assert Category.objects.get(pk=3).successor_id == 5
    assert Judgment.objects.get().page_id == judgment.page_id == 3
    assert list(counting_grades()) == [(5, by_feed.pk, 3)]
    assert (done.figures["refiled"], done.figures["pages"]) == (2, 1)
    assert fish.changes.filter(update=done).count() == 0
    made = {(change.category_id, change.kind) for change in changes_made(done)}
    assert made == {(3, "retired"), (3, "successor"), (3, "refiled"), (5, "page"), (5, "added")}
    assert set(changes_made(done).values_list("author__username", flat=True)) == {"tomas"}


def test_live_texts_become_drafts_of_a_successor_among_the_siblings_only(tomas: User) -> None:
    applied(ANIMALS + "6 - Animals > Birds > Feeders\n")
    cages, feeders = Category.objects.get(pk=3), Category.objects.get(pk=6)
    write_revision(cages, feeders, "a door\nbars", based_on=0, live=True, by=None)
    write_revision(cages, None, "for living in", based_on=0, live=True, by=None)
    lines = NO_CAGES + "6 - Animals > Birds > Feeders\n7 - Animals > Birds > Aviaries\n"
    update = draft(lines)
    choose_successor(update, 3, "7")
    assert apply(update, by=tomas).figures["drafts"] == 2
    texts = Revision.objects.filter(discriminator__category=7)
    assert {(text.discriminator.sibling_id, text.text, text.state) for text in texts} == {
        (6, "a door\nbars", "draft"),
        (None, "for living in", "draft"),
    }
    assert "“Cages” (3), whose place it takes" in texts[0].note


def test_texts_of_two_that_become_one_are_put_together() -> None:
    applied(ANIMALS + "6 - Animals > Birds > Perches\n")
    for pk, text in ((3, "bars\nwire"), (6, "wire\nwood")):
        write_revision(Category.objects.get(pk=pk), None, text, based_on=0, live=True, by=None)
    update = draft(NO_CAGES + "7 - Animals > Birds > Furniture\n")
    for pk in (3, 6):
        choose_successor(update, pk, "7")
    apply(update)
    newest = Revision.objects.filter(discriminator__category=7).order_by("-number").first()
    assert newest is not None
    assert newest.lines == ["bars", "wire", "wood"]


def test_products_of_two_that_become_one_are_filed_in_that_and_undone_apart() -> None:
    applied(ANIMALS + "6 - Animals > Birds > Perches\n")
    for pk in (3, 6, 3):
        make_product(filed_under=Category.objects.get(pk=pk))
    before = filed(), tree_rows()
    update = draft(NO_CAGES)
    for pk in (3, 6):
        choose_successor(update, pk, "2")
    done = apply(update)
    assert {category for _, category, _ in filed().values()} == {2}
    undo_update(done, by=None)
    assert (filed(), tree_rows()) == before


def test_a_feed_that_names_the_old_id_or_path_lands_on_the_successor(tmp_path: Path) -> None:
    applied(ANIMALS)
    feed = tmp_path / "feed.tsv"
    feed.write_text(
        "id\ttitle\tgoogle_product_category\n"
        "a\tCage\t3\nb\tCage\tAnimals > Birds > Cages\nc\tPond\tAnimals > Fish\n"
    )
    import_products(feed, retailer="Shop")
    before = filed()
    update = draft(AQUARIA)
    choose_successor(update, 3, "5")
    apply(update)
    import_products(feed, retailer="Shop")
    assert [category for _, category, _ in filed().values()] == [5, 5, 4]
    assert filed().keys() == before.keys()


def test_who_followed_a_category_that_is_retired_now_follows_its_successor() -> None:
    applied(ANIMALS)
    first = draft(AQUARIA)
    choose_successor(first, 3, "5")
    apply(first)
    before = tree_rows()
    second = draft(NO_CAGES)
    choose_successor(second, 5, "4")
    done = apply(second)
    assert set(Category.objects.filter(successor=4).values_list("id", flat=True)) == {3, 5}
    undo_update(done, by=None)
    assert tree_rows() == before


def test_the_shops_own_stay_below_what_is_retired_unless_they_go_along() -> None:
    applied(ANIMALS)
    make_category("Gilded", parent=Category.objects.get(pk=3), id=900_000)
    before = tree_rows()
    update = draft(AQUARIA)
    choose_successor(update, 3, "5")
    apply(update)
    assert list(stranded().values_list("id", flat=True)) == [900_000]
    undo_update(update, by=None)
    again = draft(AQUARIA)
    choose_successor(again, 3, "5", along=True)
    apply(again)
    assert not stranded().exists()
    assert Category.objects.get(pk=900_000).path == "Animals > Fish > Aquaria > Gilded"
    undo_update(again, by=None)
    rows = tree_rows()
    assert {pk: rows[pk] for pk in before} == before


def test_the_shops_own_cannot_go_along_below_themselves() -> None:
    applied(ANIMALS)
    make_category("Gilded", parent=Category.objects.get(pk=3), id=900_000)
    update = draft(NO_CAGES)
    with pytest.raises(Misplaced, match="below itself"):
        choose_successor(update, 3, "900000", along=True)
    update.refresh_from_db()
    assert update.successors == {}


def test_a_category_that_comes_back_has_no_successor_any_more() -> None:
    applied(ANIMALS)
    update = draft(NO_CAGES)
    choose_successor(update, 3, "2")
    apply(update)
    before = tree_rows()
    back = applied(ANIMALS)
    assert Category.objects.get(pk=3).successor is None
    assert kinds_of(back) == {3: "restored"}
    undo_update(back, by=None)
    assert tree_rows() == before


def kinds_of(update: TreeUpdate) -> dict[int, str]:
    return dict(changes_made(update).values_list("category", "kind"))


def test_a_name_on_screen_survives() -> None:
    applied(ANIMALS)
    Category.objects.filter(pk=2).update(display_name="Feathered friends")
    applied(ANIMALS.replace("Birds", "Poultry"))
    assert Category.objects.get(pk=2).shown_name == "Feathered friends"


def test_nothing_is_applied_when_the_tree_has_changed_since_it_was_seen() -> None:
    applied(ANIMALS)
    update = draft(NO_CAGES)
    seen = difference(update).fingerprint
    applied(ANIMALS + "5 - Animals > Dogs\n")
    with pytest.raises(TreeChanged, match="changed since you looked"):
        apply_update(update, fingerprint=seen, by=None)
    assert Category.objects.live().count() == 5


def test_nothing_is_applied_when_another_successor_was_chosen_since() -> None:
    applied(ANIMALS)
    update = draft(NO_CAGES)
    seen = difference(update).fingerprint
    choose_successor(update, 3, "2")
    with pytest.raises(TreeChanged):
        apply_update(update, fingerprint=seen, by=None)


def test_products_that_come_meanwhile_do_not_stand_in_the_way() -> None:
    applied(ANIMALS)
    update = draft(NO_CAGES)
    seen = difference(update).fingerprint
    make_product(filed_under=Category.objects.get(pk=3))
    assert apply_update(update, fingerprint=seen, by=None).state == UpdateState.APPLIED


def test_a_successor_that_is_gone_by_now_is_named() -> None:
    applied(ANIMALS)
    make_category("Own", id=900_000)
    update = draft(NO_CAGES)
    choose_successor(update, 3, "900000")
    Category.objects.filter(pk=900_000).update(retired_at=timezone.now())
    with pytest.raises(CannotApply, match="900000, which was to take the place of “Cages”"):
        apply(update)


def test_a_version_that_changes_nothing_is_not_applied() -> None:
    applied(ANIMALS)
    with pytest.raises(CannotApply, match="nothing to apply"):
        apply(draft(ANIMALS))


def test_a_move_so_deep_that_no_column_holds_it_is_refused_in_a_sentence() -> None:
    applied(ANIMALS)
    parent = Category.objects.get(pk=3)
    for number in range(8):
        parent = make_category(f"{number}" * 240, parent=parent, id=900_000 + number)
    long = "".join(f"{20 + n} - {' > '.join(['L' * 200] * (n + 1))}\n" for n in range(3))
    moved = ANIMALS.replace("3 - Animals > Birds", f"3 - {' > '.join(['L' * 200] * 3)}") + long
    with pytest.raises(Unreadable, match=r"“5+” \(900005\) would hang too deep"):
        import_taxonomy_of(moved)
    assert Category.objects.get(pk=3).path == "Animals > Birds > Cages"


def import_taxonomy_of(lines: str) -> None:
    path = Path(configured.DATA) / "file.txt"
    path.write_text(HEADER + lines)
    import_taxonomy(path)


# Undoing


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
    import_taxonomy_of(ANIMALS)
    before = tree_rows()
    import_taxonomy_of(NO_CAGES.replace("Birds", "Poultry"))
    undo_update(TreeUpdate.objects.latest("id"), by=None)
    assert tree_rows() == before


def test_an_import_that_changes_nothing_is_no_version() -> None:
    import_taxonomy_of(ANIMALS)
    import_taxonomy_of(ANIMALS)
    assert (TreeUpdate.objects.count(), Import.objects.count()) == (1, 2)


def test_the_command_takes_successors_from_a_file(tmp_path: Path) -> None:
    import_taxonomy_of(ANIMALS)
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
    import_taxonomy_of(ANIMALS)
    new, successors = tmp_path / "new.txt", tmp_path / "successors.csv"
    new.write_text(HEADER + NO_CAGES)
    successors.write_text(f"old_id,new_id\n{line}\n")
    with pytest.raises(CommandError, match=reason):
        run("import_taxonomy", new, successors=str(successors))
    assert Category.objects.live().count() == 4


# Races


@pytest.mark.django_db(transaction=True)
def test_two_first_imports_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "first.txt"
    path.write_text(HEADER + ANIMALS)
    added = at_once(lambda: import_taxonomy(path).added)
    assert sorted(added) == [0, 4]
    assert CategoryChange.objects.filter(kind=ChangeKind.ADDED).count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_at_once_apply_once(tmp_path: Path) -> None:
    applied(ANIMALS)
    make_product(filed_under=Category.objects.get(pk=3))
    update = draft(NO_CAGES)
    choose_successor(update, 3, "2")
    seen = difference(TreeUpdate.objects.get(pk=update.pk)).fingerprint

    def try_it() -> str:
        try:
            return apply_update(update, fingerprint=seen, by=None).state
        except NotADraft:
            return "too late"

    assert sorted(at_once(try_it)) == ["applied", "too late"]
    assert CategoryChange.objects.filter(category=3, kind=ChangeKind.RETIRED).count() == 1


def at_once(work: Callable[[], Value]) -> list[Value]:
    """Return what two threads that begin together get."""
    ready, got = threading.Barrier(2), list[Value]()

    def go() -> None:
        ready.wait()
        got.append(work())
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3], [1, 3, 4, 9]])
def test_ids_are_kept_as_ranges(ids: list[int]) -> None:
    assert from_ranges(as_ranges(ids)) == ids
