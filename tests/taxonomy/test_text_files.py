"""Files of texts: they go out as they came in, and bad rows are told apart from good ones."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from taxonomy.actions.discriminators import restore
from taxonomy.actions.texts import TextFigures, import_texts
from taxonomy.exports import texts_as_csv
from taxonomy.models import Category, Discriminator, Import, Revision
from taxonomy.queries.discriminators import text_of
from tests.commands import run
from tests.factories import make_category, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
HEADER = "category_id,sibling_id,text"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "texts.csv"


@pytest.fixture(autouse=True)
def pair() -> tuple[Category, Category]:
    """Two siblings, 1 and 2, and a cousin, 3."""
    first, second = make_category("Pepper", id=1), make_category("Seasoning mixes", id=2)
    make_category("Cousin", first, id=3)
    return first, second


def bring(file: Path, *rows: str, header: str = HEADER, drafts: bool = False) -> TextFigures:
    file.write_text("\n".join((header, *rows)) + "\n")
    return import_texts(file, drafts=drafts)


def figures(**counts: int) -> TextFigures:
    names = ("rows", "created", "updated", "unchanged", "rejected")
    return TextFigures(**(dict.fromkeys(names, 0) | counts))


def exported(*arguments: str) -> str:
    out = io.StringIO()
    call_command("export_discriminators", *arguments, stdout=out)
    return out.getvalue()


def forget() -> None:
    Revision.objects.all().delete()
    Discriminator.objects.all().delete()


def test_the_command_prints_its_figures_as_one_json_object(file: Path) -> None:
    file.write_text(f'{HEADER}\n1,2,"whole\nground"\n1,9,x\n')
    ran = run("import_discriminators", file)
    assert ran.figures == {"rows": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    assert "1 rows were set aside" in ran.told
    assert Import.objects.get(kind="texts").figures == ran.figures
    assert Revision.objects.get().lines == ["whole", "ground"]


def test_texts_go_out_as_they_came_in_with_author_note_and_time(
    pair: tuple[Category, Category], file: Path
) -> None:
    first, second = pair
    tomas = make_user("taxonomists", username="tomas")
    long_ago = timezone.now() - timedelta(days=400)
    make_text(first, second, 'whole, "ground"\nor milled', by=tomas, note="=A1", made_at=long_ago)
    make_text(second, first, "@mixed; with\nsalt")
    make_text(second, first, "a draft", live=False, by=tomas)
    make_text(first, None, "'=pepper")
    written = exported()
    assert written.count("2,1,") == 2
    file.write_text(written)
    forget()
    assert import_texts(file) == figures(rows=4, created=3, updated=1)
    assert exported() == written
    assert text_of(first, second).number == 1
    assert Revision.objects.get(note="=A1").author == tomas


def test_the_whole_history_goes_out_and_comes_in(
    pair: tuple[Category, Category], file: Path
) -> None:
    first, second = pair
    one = make_text(first, second, "whole")
    make_text(first, second, "ground", live=False)
    restore(one, based_on=2, by=None)
    make_text(first, second, "")
    make_text(first, second, "whole")
    written = exported("--history")
    assert len(list(csv.reader(io.StringIO(written)))) == 6
    file.write_text(written)
    assert import_texts(file) == figures(rows=5, unchanged=5)
    forget()
    assert import_texts(file) == figures(rows=5, created=1, updated=4)
    assert exported("--history") == written
    assert import_texts(file) == figures(rows=5, unchanged=5)


LINES = st.lists(
    st.text(
        st.sampled_from("ab \"',;=+-@\t\\#") | st.characters(exclude_categories=["Cc", "Cs"]),
        max_size=30,
    ).filter(lambda line: not set(line) & {"\u2028", "\u2029"}),
    min_size=1,
    max_size=12,
)


@given(LINES.map("\n".join).filter(str.strip), LINES.map("\n".join).filter(str.strip))
@effort(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_any_text_comes_back_as_it_was(file: Path, text: str, other: str) -> None:
    forget()
    first, second = Category.objects.get(pk=1), Category.objects.get(pk=2)
    make_text(first, second, text)
    make_text(second, first, other, live=False)
    written, history = "".join(texts_as_csv()), "".join(texts_as_csv(history=True))
    for content in (written, history):
        file.write_text(content, newline="")
        assert import_texts(file).unchanged == 2
        forget()
        assert import_texts(file).created == 2
        assert "".join(texts_as_csv()) == written


def test_the_same_file_again_changes_nothing(file: Path) -> None:
    rows = ("1,2,whole,live", "1,2,ground,draft", "2,,mixed,")
    landed = bring(file, *rows, header=f"{HEADER},state")
    assert landed == figures(rows=3, created=2, updated=1)
    assert import_texts(file) == figures(rows=3, unchanged=3)
    assert Revision.objects.count() == 3


def test_a_text_edited_in_a_spreadsheet_is_a_new_word_of_today(
    pair: tuple[Category, Category], file: Path
) -> None:
    tomas = make_user("taxonomists", username="tomas")
    long_ago = timezone.now() - timedelta(days=400)
    make_text(*pair, "whole", by=tomas, made_at=long_ago)
    file.write_text(exported().replace("whole", "whole or ground"))
    assert import_texts(file) == figures(rows=1, updated=1)
    newest = Revision.objects.get(number=2)
    assert newest.made_at.date() == timezone.now().date()
    assert (newest.text, newest.author) == ("whole or ground", None)


def test_nothing_becomes_live_when_drafts_are_asked_for(
    pair: tuple[Category, Category], file: Path
) -> None:
    assert bring(file, "1,2,whole", drafts=True).created == 1
    assert text_of(*pair).live is None
    assert text_of(*pair).text == "whole"


def test_what_a_person_brings_is_said_by_that_person_now(
    pair: tuple[Category, Category], file: Path
) -> None:
    tomas, mira = make_user(username="tomas"), make_user(username="mira")
    file.write_text(f"{HEADER},author,made_at\n1,2,whole,mira,2020-01-01T00:00:00+00:00\n")
    import_texts(file, by=tomas)
    said = Revision.objects.get()
    assert (said.author, said.made_at.year) == (tomas, timezone.now().year)
    assert mira.pk != tomas.pk


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("9,2,whole,,,", "category_id", "The tree has no category 9."),
        ("x,2,whole,,,", "category_id", "“x” is no category's id."),
        ("1,9,whole,,,", "sibling_id", "The tree has no category 9."),
        ("1,3,whole,,,", "sibling_id", "have different parents."),
        ("1,1,whole,,,", "sibling_id", "is not a sibling of itself"),
        (f"1,2,{'x' * 301},,,", "text", "Line 1 is longer than 300 characters."),
        ("1,2,bell\x07,,,", "text", "Line 1 holds a character that cannot be stored"),
        ("1,2,\udcff,,,", "text", "Line 1 holds a character that cannot be stored"),
        ("1,2,,,,", "text", "there is nothing to save"),
        ("1,2,whole,maybe,,", "state", "“maybe” is neither."),
        (f"1,2,whole,,{'x' * 301},", "note", "The note is longer than 300 characters."),
        ("1,2,whole,,,soon", "made_at", "“soon” is no time"),
        ("1,2,whole,,,2999-01-01", "made_at", "“2999-01-01”"),
        ("1,2,whole", "", "The row has 3 fields; the header has 6."),
        ('1,2,"whole" or not,,,', "", "The quotes of the row on line 2 do not close"),
        ('1,2,"two\nlines" or not,,,', "", "The quotes of the row on line 2 do not close"),
        ("2,1,again,,,", "text", "The file gives this text a second time"),
    ],
)
def test_a_row_that_cannot_land_is_set_aside_with_its_line_and_field(
    file: Path, tmp_path: Path, row: str, field: str, reason: str
) -> None:
    rows = ("2,1,mixed,,,", row) if row.startswith("2,1") else (row, "2,1,mixed,,,")
    content = "\n".join((f"{HEADER},state,note,made_at", *rows))
    file.write_bytes(content.encode(errors="surrogateescape"))
    assert import_texts(file) == figures(rows=2, created=1, rejected=1)
    assert Revision.objects.get().text == "mixed"
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as rejects:
        (rejected,) = csv.DictReader(rejects)
    assert rejected["line"] == str(2 + rows.index(row))
    assert rejected["field"] == field
    assert reason in rejected["reason"]


def test_a_quote_that_is_never_closed_costs_what_follows_and_says_so(
    file: Path, tmp_path: Path
) -> None:
    assert bring(file, "1,2,whole", '2,1,"mixed', "1,,pepper") == figures(
        rows=2, created=1, rejected=1
    )
    rejects = (tmp_path / "rejects" / Import.objects.get().rejects).read_text()
    assert "A quote that opens in the row on line 3 is never closed." in rejects


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The file is empty."),
        ("category_id,text\n1,whole\n", "names no column “sibling_id”."),
        (f"{HEADER},text\n", "names a column twice."),
        (f"{HEADER}\n1,9,whole\n", "the file has no good row."),
    ],
)
def test_a_file_of_nothing_is_refused_in_a_sentence(file: Path, content: str, reason: str) -> None:
    file.write_text(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_discriminators", file)
    assert not Revision.objects.exists()


def test_a_file_saved_by_a_spreadsheet_is_read(file: Path) -> None:
    file.write_bytes('\ufeffcategory_id;sibling_id;text\r\n1;2;"whole\r\nground"\r\n'.encode())
    assert import_texts(file).created == 1
    assert Revision.objects.get().lines == ["whole", "ground"]


def test_an_installation_without_texts_writes_a_file_that_reads_back(file: Path) -> None:
    file.write_text(exported())
    assert import_texts(file) == figures()
