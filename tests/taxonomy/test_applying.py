"""Google's next version is applied as one, and what hung on the retired passes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from judgments.models import Judgment
from judgments.queries.truth import truths
from taxonomy.actions import import_products, import_taxonomy
from taxonomy.actions.applying import CannotApply, NotADraft, TreeChanged, apply_update
from taxonomy.actions.discriminators import write_revision
from taxonomy.actions.succession import as_ranges, from_ranges
from taxonomy.actions.undoing import undo_update
from taxonomy.actions.updates import choose_successor
from taxonomy.imports.nodes import Misplaced
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import (
    Category,
    CategoryChange,
    ChangeKind,
    Filing,
    Revision,
    TreeUpdate,
    UpdateState,
)
from taxonomy.queries.discriminators import TextState, text_of
from taxonomy.queries.updates import changes_made, difference, stranded
from tests.factories import make_category, make_judgment, make_product, make_user
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
    tree_rows,
)

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
Value = TypeVar("Value")


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def tomas() -> User:
    return make_user("taxonomists", username="tomas")


def kinds_of(update: TreeUpdate) -> dict[int, str]:
    return dict(changes_made(update).values_list("category", "kind"))


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
    assert [(*pair, truth.grade) for pair, truth in truths().items()] == [(5, by_feed.pk, 3)]
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


def test_a_text_written_while_another_is_proposed_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    applied(ANIMALS + "6 - Animals > Birds > Perches\n")
    cages, perches = Category.objects.get(pk=3), Category.objects.get(pk=6)
    write_revision(cages, None, "bars", based_on=0, live=True, by=None)

    def read_too_early(category: Category, sibling: Category | None) -> TextState:
        state = text_of(category, sibling)
        if state.number == 0:
            write_revision(perches, None, "wood", based_on=0, live=True, by=None)
        return state

    monkeypatch.setattr("taxonomy.actions.succession.text_of", read_too_early)
    update = draft(NO_CAGES + "6 - Animals > Birds > Perches\n")
    choose_successor(update, 3, "6")
    apply(update)
    texts = Revision.objects.filter(discriminator__category=6).order_by("number")
    assert [text.text for text in texts] == ["wood", "wood\nbars"]


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
        import_lines(moved)
    assert Category.objects.get(pk=3).path == "Animals > Birds > Cages"


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
