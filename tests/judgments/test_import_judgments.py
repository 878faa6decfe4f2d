"""Files of judgments: each word is kept, none twice; and they go out as they came in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from judgments.actions import JudgmentFigures, import_judgments
from judgments.models import Annotator, Judgment
from judgments.queries import current_judgments
from taxonomy.actions import import_products, import_taxonomy
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Import, Retailer
from tests.commands import real, run
from tests.factories import make_category, make_judgment, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
HEADER = "category_id,offer_id,annotator,grade"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "judgments.csv"


def bring(file: Path, *rows: str, header: str = HEADER, simulated: bool = False) -> JudgmentFigures:
    file.write_text("\n".join((header, *rows)))
    return import_judgments(file, simulated=simulated)


def figures(**counts: int) -> JudgmentFigures:
    names = ("rows", "created", "updated", "unchanged", "rejected")
    return JudgmentFigures(**(dict.fromkeys(names, 0) | counts))


def words() -> list[tuple[int, str, str, int]]:
    rows = current_judgments().values_list(
        "page_id", "product__offer_id", "annotator__name", "grade"
    )
    return sorted(rows)


def exported(kind: str) -> str:
    out = io.StringIO()
    call_command("export_judgments", "--format", kind, stdout=out)
    return out.getvalue()


def test_the_command_prints_its_figures_as_one_json_object(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    file.write_text(f"{HEADER}\n1,a,Ann,3\n1,a,Bob,4\n")
    ran = run("import_judgments", file)
    assert ran.figures == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert "1 rows were set aside" in ran.told
    assert Import.objects.get(kind="judgments").figures == ran.figures
    judgment = Judgment.objects.get()
    assert (judgment.source, judgment.annotator.simulated) == ("imported", False)


def test_the_same_words_again_are_not_kept_twice(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    assert bring(file, "1,a,Ann,3", "1,a,Bob,0") == figures(rows=2, created=2)
    assert bring(file, "1,a,Ann,3", "1,a,Bob,0") == figures(rows=2, unchanged=2)
    assert Judgment.objects.count() == 2


def test_another_grade_supersedes_and_the_earlier_one_stays(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    bring(file, "1,a,Ann,3")
    assert bring(file, "1,a,Ann,0") == figures(rows=1, updated=1)
    assert words() == [(1, "a", "Ann", 0)]
    assert bring(file, "1,a,Ann,3") == figures(rows=1, updated=1)
    assert Judgment.objects.count() == 3


def test_the_last_word_of_a_file_counts(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    landed = bring(file, "1,a,Ann,3", "1,a,Ann,1", "1,a,Ann,1")
    assert landed == figures(rows=3, created=1, updated=1, unchanged=1)
    assert words() == [(1, "a", "Ann", 1)]


def test_a_word_older_than_the_one_that_counts_changes_nothing(file: Path) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    make_judgment(page, product, 3, "Ann")
    old = "1,a,Ann,0,2020-01-01T00:00:00+00:00"
    assert bring(file, old, header=f"{HEADER},made_at") == figures(rows=1, unchanged=1)
    assert words() == [(1, "a", "Ann", 3)]


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_no_database_can_keep_is_set_aside(file: Path, never: str) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    rows = (f"1,a,Ann,3,{never}", "1,a,Bob,2,2026-01-31T12:00:00+00:00")
    landed = bring(file, *rows, header=f"{HEADER},made_at")
    assert landed == figures(rows=2, created=1, rejected=1)


def test_a_file_read_twice_does_not_bring_back_what_it_takes_back(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    header = f"{HEADER},made_at,withdrawn"
    rows = ("1,a,Ann,3,2026-01-01T00:00:00Z,", "1,a,Ann,3,2026-01-02T00:00:00Z,yes")
    assert bring(file, *rows, header=header) == figures(rows=2, created=1, updated=1)
    assert bring(file, *rows, header=header) == figures(rows=2, unchanged=2)
    assert words() == []
    later = "1,a,Ann,3,2026-01-03T00:00:00Z,"
    assert bring(file, *rows, later, header=header) == figures(rows=3, updated=1, unchanged=2)
    assert words() == [(1, "a", "Ann", 3)]


def test_where_a_product_belongs_is_a_word_of_its_own(file: Path) -> None:
    make_category(id=1)
    make_category(id=2)
    make_product(offer_id="a")
    header = f"{HEADER},belongs_to"
    assert bring(file, "1,a,Ann,0,", header=header).created == 1
    assert bring(file, "1,a,Ann,0,2", header=header).updated == 1
    assert current_judgments().get().belongs_to_id == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9,a,Ann,3,", "The tree has no category 9."),
        ("x,a,Ann,3,", "“x” is no category's id."),
        ("1,none,Ann,3,", "No product has the offer id “none”."),
        ("1,,Ann,3,", "The offer_id is missing."),
        ("1,a,,3,", "The annotator is missing."),
        ("1,a,Ann,,", "The grade is missing."),
        ("1,a,Ann,5,", "A grade is 0, 1, 2 or 3; “5” is not."),
        ("1,a,Ann,-1,", "A grade is 0, 1, 2 or 3; “-1” is not."),
        ("1,a,Ann,2.0,", "A grade is 0, 1, 2 or 3; “2.0” is not."),
        (f"1,a,{'n' * 151},3,", "longer than 150 characters"),
        ("1,both,Ann,3,", "Several retailers have an offer “both” (Another, Shop): name one."),
        ("1,a,Ann,3,Nobody", "“Nobody” has no offer “a”."),
        ("1,a,Sim,3,", "“Sim” is simulated here, and not so in the file."),
        ("1,a,Ann", "has 3 fields; the header has 5"),
    ],
)
def test_a_row_that_cannot_land_is_set_aside_with_its_reason(
    file: Path, tmp_path: Path, row: str, reason: str
) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    make_product(offer_id="both")
    make_product(offer_id="both", retailer=Retailer.objects.create(name="Another"))
    Annotator.objects.create(name="Sim", simulated=True)
    landed = bring(file, row, "1,both,Bob,2,Another", header=f"{HEADER},retailer")
    assert landed == figures(rows=2, created=1, rejected=1)
    assert Judgment.objects.get().product.retailer.name == "Another"
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as rejects:
        (rejected,) = csv.DictReader(rejects)
    assert rejected["line"] == "2"
    assert reason in rejected["reason"]
    assert not Annotator.objects.filter(name="Ann").exists()


def test_a_word_from_the_future_does_not_silence_its_annotator(file: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    rows = ("1,a,Ann,3,2999-01-01T00:00:00+00:00", "1,a,Ann,0,")
    assert bring(file, *rows, header=f"{HEADER},made_at") == figures(rows=2, created=1, rejected=1)
    assert Judgment.objects.get().grade == 0


def test_simulated_annotators_are_marked_and_real_people_never_become_one(file: Path) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    make_judgment(page, product, 3, "Ann")
    landed = bring(file, "1,a,Robot,1", "1,a,Ann,1", simulated=True)
    assert landed == figures(rows=2, created=1, rejected=1)
    robot = Judgment.objects.get(annotator__name="Robot")
    assert (robot.source, robot.annotator.simulated) == ("simulated", True)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", f"{HEADER}\n1,a,Ann,9\n", HEADER])
def test_a_file_without_a_good_row_is_one_sentence(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(CommandError, match=r"^[A-Z].*\.$") as refused:
        run("import_judgments", file)
    assert refused.value.returncode == 1


def test_medians_go_out_as_qrels() -> None:
    page, product = make_category(id=1), make_product(offer_id="a b")
    for who, grade in (("Ann", 0), ("Ann", 3), ("Bob", 1), ("Cid", 2)):
        make_judgment(page, product, grade, who)
    make_judgment(page, make_product(offer_id="z"), 0)
    assert exported("qrels") == "1 0 a%20b 2\n1 0 z 0\n"


def test_an_export_to_a_file_is_the_same_as_to_the_screen(tmp_path: Path) -> None:
    make_judgment(make_category(id=1), make_product(offer_id="a"), 2)
    call_command("export_judgments", "--format", "csv", "--output", str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text() == exported("csv")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_judgments", "--format", "csv", "--output", str(tmp_path))


def test_three_raters_of_the_real_catalogue_are_kept() -> None:
    import_taxonomy(real("google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt"))
    import_taxonomy(real("icecat/pages.txt"))
    import_products(real("icecat/products.tsv.gz"), retailer="icecat")
    file = real("icecat/judgments.csv")
    assert import_judgments(file) == figures(rows=2_910, created=2_910)
    assert import_judgments(file) == figures(rows=2_910, unchanged=2_910)
    assert set(Annotator.objects.values_list("name", flat=True)) == {
        "rater-1",
        "rater-2",
        "rater-3",
    }


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        import_judgments(tmp_path / "missing.csv")
