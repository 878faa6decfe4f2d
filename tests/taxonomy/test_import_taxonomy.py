"""Taxonomies: Google's, a shop's own, other locales; good lines land, bad ones are named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from taxonomy.actions import TaxonomyFigures, import_taxonomy
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category, CategoryName, Import
from tests.commands import real, run
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
VERSION = "# Google_Product_Taxonomy_Version: 2021-09-21\n"
ANIMALS = "1 - Animals\n2 - Animals > Birds\n3 - Animals > Birds > Cages\n4 - Animals > Fish\n"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


class Files:
    """Writes taxonomies and brings them in."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "taxonomy.txt"

    def write(self, text: str | bytes) -> Path:
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.path

    def google(self, lines: str, *, dry_run: bool = False) -> TaxonomyFigures:
        return import_taxonomy(self.write(VERSION + lines), dry_run=dry_run)

    def shop(self, lines: str | bytes) -> TaxonomyFigures:
        return import_taxonomy(self.write(lines))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def paths() -> dict[int, str]:
    return dict(Category.objects.live().order_by("id").values_list("id", "path"))


def figures(**counts: int) -> TaxonomyFigures:
    names = ("categories", "added", "renamed", "moved", "retired", "unchanged", "rejected")
    return TaxonomyFigures(**(dict.fromkeys(names, 0) | counts))


def test_the_command_prints_its_figures_as_one_json_object(files: Files) -> None:
    ran = run("import_taxonomy", files.write(VERSION + ANIMALS))
    assert ran.figures == {
        "categories": 4,
        "added": 4,
        "renamed": 0,
        "moved": 0,
        "retired": 0,
        "unchanged": 0,
        "rejected": 0,
    }
    assert Import.objects.get().figures == ran.figures


def test_a_tree_is_kept_with_paths_and_lineages_whatever_the_order_of_its_lines(
    files: Files,
) -> None:
    files.google("".join(reversed(ANIMALS.splitlines(keepends=True))))
    cages = Category.objects.get(pk=3)
    assert (cages.name, cages.path, cages.lineage) == (
        "Cages",
        "Animals > Birds > Cages",
        "/1/2/3/",
    )


def test_the_same_file_again_changes_nothing(files: Files) -> None:
    files.google(ANIMALS)
    assert files.google(ANIMALS) == figures(categories=4, unchanged=4)


def test_a_new_name_is_one_renamed_and_everything_below_follows(files: Files) -> None:
    files.google(ANIMALS)
    renamed = files.google(ANIMALS.replace("Birds", "Poultry"))
    assert renamed == figures(categories=4, renamed=1, unchanged=3)
    assert paths()[3] == "Animals > Poultry > Cages"


def test_a_move_takes_the_shops_own_nodes_along(files: Files) -> None:
    files.google(ANIMALS)
    files.shop("900000 - Animals > Birds > Cages > Gilded")
    moved = files.google(
        "1 - Animals\n2 - Animals > Birds\n3 - Animals > Fish > Bowls\n4 - Animals > Fish\n"
    )
    assert moved == figures(categories=5, moved=1, unchanged=3)
    own = Category.objects.get(pk=900_000)
    assert (own.path, own.lineage) == ("Animals > Fish > Bowls > Gilded", "/1/4/3/900000/")


def test_two_categories_may_swap_their_names(files: Files) -> None:
    files.google(ANIMALS)
    swapped = files.google(
        "1 - Animals\n2 - Animals > Fish\n3 - Animals > Fish > Cages\n4 - Animals > Birds\n"
    )
    assert swapped == figures(categories=4, renamed=2, unchanged=2)
    assert paths()[2] == "Animals > Fish"


def test_what_googles_file_lacks_is_retired_and_keeps_all_that_people_did(files: Files) -> None:
    files.google(ANIMALS)
    judgment = make_judgment(Category.objects.get(pk=3), make_product(), 3)
    merged = files.google("1 - Animals\n2 - Animals > Birds\n4 - Animals > Fish\n")
    assert merged == figures(categories=3, retired=1, unchanged=3)
    judgment.refresh_from_db()
    assert judgment.page.retired_at is not None


def test_a_category_that_comes_back_is_live_again(files: Files) -> None:
    files.google(ANIMALS)
    files.google("1 - Animals\n")
    assert files.google(ANIMALS) == figures(categories=4, added=3, unchanged=1)


def test_a_shops_node_stays_where_it_is_when_google_retires_what_it_hangs_under(
    files: Files,
) -> None:
    files.google(ANIMALS)
    files.shop("900000 - Animals > Fish > Carps")
    files.google("1 - Animals\n2 - Animals > Birds\n3 - Animals > Birds > Cages\n")
    assert paths()[900_000] == "Animals > Fish > Carps"
    assert files.shop("900000 - Animals > Fish > Carps") == figures(categories=4, unchanged=1)


def test_a_shops_file_only_adds_and_updates(files: Files) -> None:
    files.google(ANIMALS)
    added = files.shop("900001 - Animals > Pets > Cats\n900000 - Animals > Pets\n")
    assert added == figures(categories=6, added=2)
    assert files.shop("900000 - Animals > Friends\n") == figures(categories=6, renamed=1)
    assert paths()[900_001] == "Animals > Friends > Cats"


def test_a_shops_nodes_can_trade_places_without_a_circle(files: Files) -> None:
    files.shop("900000 - A\n900001 - A > B\n900002 - A > B > C\n")
    turned = files.shop("900001 - A > C > B\n900002 - A > C\n")
    assert turned == figures(categories=3, moved=2)
    assert paths() == {900_000: "A", 900_001: "A > C > B", 900_002: "A > C"}
    with pytest.raises(Unreadable):
        files.shop("900002 - A > C > B > D\n")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("5 - Animals > Cats\n", "only a file with Google's version header"),
        ("900000 - Plants > Trees\n", "“Plants”, under which it should hang, does not exist"),
        ("900000 - Animals > Birds\n", "already that of category 2"),
        ("900000 Animals\n", "does not read “id - A > B > C”"),
        ("900000 - Animals > > Birds\n", "an empty step"),
        ("900000 - Animals >\n", "an empty step"),
        ("900000 - > Animals\n", "an empty step"),
        ("x - Animals\n", "does not read"),
        (f"900000 - {'n' * 256}\n", "longer than 255 characters"),
        (f"900000 - {' > '.join('abcdefghijklmnopqrstuvwxyz')}\n", "more than 25 steps"),
        (b"900000 - Animals > K\xe4fer\n", "not UTF-8 at character 21"),
        ("900000 - Animals > Cats\0\n", "NUL character at character 24"),
    ],
)
def test_a_file_with_no_good_line_changes_nothing_and_says_why(
    files: Files, lines: str | bytes, reason: str
) -> None:
    files.google(ANIMALS)
    told: list[str] = []
    with pytest.raises(Unreadable, match="Nothing was imported"):
        import_taxonomy(files.write(lines), tell=told.append)
    assert reason in told[0]
    assert told[0].startswith("Line 1: ")
    assert len(paths()) == 4


def test_bad_lines_and_those_below_them_are_set_aside_and_the_rest_lands(
    files: Files, tmp_path: Path
) -> None:
    lines = (
        "1 - Animals\n1 - Plants\n2 - Animals\nBirds\n3 - Plants > Trees\n4 - Plants > Trees > Oak"
    )
    landed = files.google(lines)
    assert landed == figures(categories=1, added=1, rejected=5)
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as file:
        rejects = {int(row["line"]): row["reason"] for row in csv.DictReader(file)}
    assert list(rejects) == [3, 4, 5, 6, 7]
    assert rejects[3] == "The id 1 stands already on line 2."
    assert rejects[4] == "The path “Animals” stands already on line 2."


@pytest.mark.parametrize("letter", ["\x07", "\t", "\x85", "\u2028"])
def test_a_name_with_a_character_that_nobody_sees_is_set_aside_with_its_column(
    files: Files, tmp_path: Path, letter: str
) -> None:
    landed = files.google(f"1 - Animals\n 2 - Animals\t>\tBi{letter}rds\n3 - Animals > Fish\t\n")
    assert landed == figures(categories=2, added=2, rejected=1)
    assert paths() == {1: "Animals", 3: "Animals > Fish"}
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as file:
        (reject,) = csv.DictReader(file)
    assert (reject["line"], reject["column"]) == ("3", "18")
    assert reject["reason"] == "The name holds a character that cannot be stored, at character 18."


def test_nothing_is_retired_because_of_a_line_that_cannot_be_read(files: Files) -> None:
    files.google(ANIMALS)
    told: list[str] = []
    broken = files.write(VERSION + ANIMALS.replace("4 - Animals > Fish", "4 Animals > Fish"))
    landed = import_taxonomy(broken, tell=told.append)
    assert landed == figures(categories=4, unchanged=3, rejected=1)
    assert "Because lines were set aside, nothing was retired." in told


def test_a_shops_ids_have_no_place_in_googles_file(files: Files) -> None:
    assert files.google("1 - Animals\n900000 - Cats\n") == figures(
        categories=1, added=1, rejected=1
    )


def test_marks_of_other_systems_do_not_matter(files: Files) -> None:
    text = (
        f"\ufeff{VERSION}\r\n 007 - Animals\u00a0&\u00a0Co  \r\n8  -  Animals & Co  >  A - B  \r\n"
    )
    assert import_taxonomy(files.write(text)).added == 2
    assert paths() == {7: "Animals & Co", 8: "Animals & Co > A - B"}
    assert files.google("7 - Animals & Co\n9 - Animals & Co > a>b\n").retired == 1
    assert paths()[9] == "Animals & Co > a>b"


def test_a_dry_run_says_the_same_and_writes_nothing(files: Files, tmp_path: Path) -> None:
    files.google(ANIMALS)
    lines = "1 - Beasts\n2 - Beasts > Birds\nBirds\n"
    before = list(Category.objects.values())
    dry = files.google(lines, dry_run=True)
    assert list(Category.objects.values()) == before
    assert Import.objects.count() == 1
    assert not (tmp_path / "rejects").exists()
    assert files.google(lines) == dry == figures(categories=4, renamed=1, unchanged=1, rejected=1)


def test_another_locale_gives_names_and_leaves_the_tree_alone(files: Files) -> None:
    files.google(ANIMALS)
    tiere = files.write(f"{VERSION}1 - Tiere\n2 - Tiere > Vögel\n99 - Tiere > Einhörner\n")
    before = list(Category.objects.values())
    ran = run("import_taxonomy", tiere, locale="de-DE")
    assert ran.figures == vars(figures(categories=4, added=2, rejected=1))
    assert "Line 4: The tree has no category 99 to name." in ran.told
    assert list(Category.objects.values()) == before
    assert CategoryName.objects.get(category=2).path == "Tiere > Vögel"
    again = run("import_taxonomy", tiere, locale="de-DE").figures
    assert again == vars(figures(categories=4, unchanged=2, rejected=1))


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe1\x00", b"\x1f\x8b\x08broken"])
def test_a_file_that_is_none_is_one_sentence_and_exit_status_1(
    files: Files, content: bytes
) -> None:
    with pytest.raises(CommandError, match=r"^[A-Z].*\.$") as refused:
        run("import_taxonomy", files.write(content))
    assert refused.value.returncode == 1


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run("import_taxonomy", tmp_path / "missing.txt")


def test_pages_stay_pages_through_a_rename(files: Files) -> None:
    page = make_category("Animals", id=1, is_page=True)
    files.google("1 - Beasts\n")
    page.refresh_from_db()
    assert (page.name, page.is_page) == ("Beasts", True)


def test_from_googles_tree_of_2015_to_that_of_2021() -> None:
    old = real("google-taxonomy/taxonomy-with-ids.en-US.2015-02-19.txt")
    new = real("google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt")
    spanish = real("google-taxonomy/taxonomy-with-ids.es-ES.2015-02-19.txt")
    assert import_taxonomy(old) == figures(categories=5427, added=5427)
    assert import_taxonomy(new) == figures(categories=5595, added=168, renamed=23, unchanged=5404)
    assert import_taxonomy(new) == figures(categories=5595, unchanged=5595)
    names = import_taxonomy(spanish, locale="es-ES")
    assert names == figures(categories=5595, added=5427)
    back = import_taxonomy(old)
    assert back == figures(categories=5427, renamed=23, retired=168, unchanged=5404)


NAMES = st.text("ab ->#\u00a0", min_size=1, max_size=4)
LINES = st.builds(
    lambda identity, names: f"{identity} - {' > '.join(names)}",
    st.integers(0, 12) | st.integers(899_998, 900_010),
    st.lists(NAMES, min_size=1, max_size=4),
)


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trees=st.lists(
        st.tuples(st.booleans(), st.lists(LINES | st.text(max_size=12), max_size=12)), max_size=4
    )
)
def test_whatever_the_files_say_the_tree_holds_together(
    files: Files, trees: list[tuple[bool, list[str]]]
) -> None:
    Category.objects.update(parent=None)
    Category.objects.all().delete()
    for googles, lines in trees:
        text = (VERSION if googles else "") + "\n".join(lines)
        try:
            did = import_taxonomy(files.write(text.encode(errors="surrogatepass")))
        except Unreadable:
            continue
        assert did.categories == Category.objects.live().count()
        again = import_taxonomy(files.path)
        assert (again.added, again.renamed, again.moved, again.retired) == (0, 0, 0, 0)
    for category in Category.objects.select_related("parent"):
        above = category.parent
        assert category.path == (f"{above.path} > " if above else "") + category.name
        assert category.lineage == (above.lineage if above else "/") + f"{category.pk}/"
