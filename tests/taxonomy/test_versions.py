"""What Google's next version would change, and who could take whose place."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from taxonomy.actions.discriminators import write_revision
from taxonomy.actions.updates import choose_successor, upload
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.tree_files import BYTE_LIMIT
from taxonomy.models import (
    Category,
    Filing,
    TreeUpdate,
)
from taxonomy.queries.retiring import hanging
from taxonomy.queries.successors import BadSuccessor, Successors
from taxonomy.queries.updates import difference
from tests.factories import make_category, make_product, make_user
from tests.taxonomy.versions import (
    ANIMALS,
    AQUARIA,
    NO_CAGES,
    applied,
    draft,
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
        (b"1 - A\n" + b"\n" * 100_000, "more than 100,000 lines"),
    ],
)
def test_what_is_no_taxonomy_is_refused_in_a_sentence_and_not_kept(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable, match=reason):
        upload("file", content, by=None)
    assert not TreeUpdate.objects.exists()
    assert not list(tmp_path.rglob("*.txt"))


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
