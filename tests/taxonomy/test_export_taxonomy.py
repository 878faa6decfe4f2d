"""The tree written in Google's format is the file that it was read from."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from taxonomy.models import Category
from tests.commands import real, run
from tests.factories import make_category

pytestmark = pytest.mark.django_db

GOOGLES = (
    "# Google_Product_Taxonomy_Version: 2026-01-02\n1 - Food\n3 - Food > Salt\n2 - Food > Tea\n"
)


def exported(*arguments: str) -> str:
    out = io.StringIO()
    call_command("export_taxonomy", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    "version", ["en-US.2015-02-19", "en-US.2021-09-21"], ids=["of 2015", "of 2021"]
)
def test_googles_file_comes_out_as_it_went_in(version: str, tmp_path: Path) -> None:
    file = real(f"google-taxonomy/taxonomy-with-ids.{version}.txt")
    run("import_taxonomy", file)
    written = tmp_path / "tree.txt"
    call_command("export_taxonomy", "--google-only", "--output", str(written))
    assert written.read_bytes() == file.read_bytes()


def test_the_newer_file_comes_out_after_the_older_one_and_so_do_names_of_a_locale() -> None:
    older = real("google-taxonomy/taxonomy-with-ids.en-US.2015-02-19.txt")
    newer = real("google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt")
    spanish = real("google-taxonomy/taxonomy-with-ids.es-ES.2015-02-19.txt")
    run("import_taxonomy", older)
    run("import_taxonomy", newer)
    run("import_taxonomy", spanish, "--locale", "es-ES")
    assert exported("--google-only") == newer.read_text()
    # One of Google's Spanish lines ends in a space, which is part of no name.
    lines = [line.rstrip() for line in spanish.read_text().splitlines()]
    assert exported("--google-only", "--locale", "es-ES").splitlines() == lines


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Google's tree and a shop's own nodes, each read from a file of its own."""
    (tmp_path / "google.txt").write_text(GOOGLES)
    (tmp_path / "shop.txt").write_text(
        "900002 - Food > Tea > Mugs\n900000 - Food > Tea > Mugs > Large\n"
        "900001 - Food > Tea > Green\n"
    )
    run("import_taxonomy", tmp_path / "google.txt")
    run("import_taxonomy", tmp_path / "shop.txt")
    return tmp_path


def test_a_shops_own_nodes_come_out_alone_and_read_back_unchanged(both: Path) -> None:
    text = exported("--shop-only")
    assert text.splitlines() == [
        "900001 - Food > Tea > Green",
        "900002 - Food > Tea > Mugs",
        "900000 - Food > Tea > Mugs > Large",
    ]
    (both / "again.txt").write_text(text)
    figures = run("import_taxonomy", both / "again.txt").figures
    assert (figures["unchanged"], figures["added"], figures["rejected"]) == (3, 0, 0)


def test_googles_part_has_its_header_and_the_whole_tree_has_none(both: Path) -> None:
    assert exported("--google-only") == GOOGLES
    whole = exported().splitlines()
    assert "#" not in "".join(whole)
    assert len(whole) == 6
    assert whole == sorted(whole, key=lambda line: line.split(" - ")[1])


def test_what_is_retired_is_left_out_and_a_name_on_screen_changes_nothing(both: Path) -> None:
    Category.objects.filter(pk=3).update(retired_at=timezone.now())
    Category.objects.filter(pk=2).update(display_name="Infusions")
    text = exported("--google-only")
    assert "Salt" not in text
    assert "2 - Food > Tea\n" in text


def test_a_folder_cannot_be_written_to(tmp_path: Path) -> None:
    make_category("Food")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_taxonomy", "--output", str(tmp_path))
