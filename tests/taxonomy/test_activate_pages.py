"""Switching pages on: by a list, or by how much is filed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError
from django.utils import timezone

from taxonomy.actions import activate_pages
from taxonomy.models import Category, Filing
from tests.commands import run
from tests.factories import make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def pages() -> set[int]:
    return set(Category.objects.pages().values_list("id", flat=True))


def test_a_file_of_ids_or_of_taxonomy_lines_switches_pages_on(tmp_path: Path) -> None:
    for number in (1, 2, 3, 900_000):
        make_category(id=number)
    Category.objects.filter(pk=3).update(retired_at=timezone.now())
    file = tmp_path / "pages.txt"
    file.write_text("\ufeff# ours\n1\r\n\n900000 - A > B\n3\n77 - C\nLamps\n1\n")
    ran = run("activate_pages", file)
    assert ran.figures == {"pages": 2, "activated": 2, "unknown": 3}
    assert pages() == {1, 900_000}
    assert "Line 6: The tree has no live category “77 - C”." in ran.told
    assert run("activate_pages", file).figures == {"pages": 2, "activated": 0, "unknown": 3}


def test_every_category_with_enough_products_below_it_is_switched_on() -> None:
    home = make_category(id=1)
    lamps, chairs = make_category(parent=home, id=2), make_category(parent=home, id=3)
    make_product(filed_under=lamps)
    twice = make_product(filed_under=lamps)
    Filing.objects.create(product=twice, category=home, source="person")
    make_product(filed_under=chairs)
    make_product(filed_under=chairs, unseen_since=timezone.now())
    assert run("activate_pages", min_products=2).figures == {
        "pages": 2,
        "activated": 2,
        "unknown": 0,
    }
    assert pages() == {1, 2}
    activate_pages(min_products=3)
    assert pages() == {1, 2}
    activate_pages(min_products=1)
    assert pages() == {1, 2, 3}


def test_the_history_tells_which_pages_were_switched_on() -> None:
    on, off = make_category("On", id=1, is_page=True), make_category("Off", id=2)
    for category in (on, off):
        make_product(filed_under=category)
    activate_pages(min_products=1)
    assert not on.changes.exists()
    change = off.changes.get()
    assert (change.kind, change.before, change.after) == (
        "page",
        {"is_page": False},
        {"is_page": True},
    )


def test_nothing_to_switch_on_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pages.txt").write_text("5\n")
    with pytest.raises(CommandError, match="No page was switched on") as refused:
        run("activate_pages", tmp_path / "pages.txt")
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="No page was switched on"):
        run("activate_pages", min_products=1)
