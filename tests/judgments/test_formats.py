"""Judgments in four formats: what goes out comes in again as it was, to the byte."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from judgments.actions import JudgmentFigures, import_judgments
from judgments.exports import FIELDS
from judgments.imports import FORMATS
from judgments.models import Annotator, Guideline, GuidelineRevision, Judgment, JudgmentSource
from taxonomy.actions import import_products, import_taxonomy
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category, Import, Product, Retailer, Revision
from tests.commands import real
from tests.factories import make_category, make_judgment, make_product, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
WHOLE = ("csv", "jsonl", "parquet")  # those that have every field


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def exported(folder: Path, form: str, *options: str) -> bytes:
    file = folder / f"out.{form}"
    call_command("export_judgments", "--output", str(file), *options)
    return file.read_bytes()


def brought(folder: Path, form: str, content: bytes, **manner: Any) -> JudgmentFigures:
    file = folder / f"in.{form}"
    file.write_bytes(content)
    return import_judgments(file, **manner)


def all_new(count: int) -> JudgmentFigures:
    return JudgmentFigures(rows=count, created=count, updated=0, unchanged=0, rejected=0)


def all_known(count: int) -> JudgmentFigures:
    return JudgmentFigures(rows=count, created=0, updated=0, unchanged=count, rejected=0)


BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
AWKWARD = st.text("ab=+-@'\",é% /#;\t世\\", min_size=1, max_size=6)
NAMES = AWKWARD.filter(lambda text: text == text.strip())
ELSEWHERE = (
    JudgmentSource.IMPORTED,
    JudgmentSource.SIMULATED,
    JudgmentSource.MERCHANDISER,
)
WORDS = st.fixed_dictionaries(
    {
        "grade": st.integers(0, 3),
        "belongs_to_id": st.sampled_from([None, 2]),
        "seconds": st.none() | st.floats(0, 600),
        "based": st.booleans(),
        "revisions_until": st.sampled_from([None, 0]),
        "made_at": st.timedeltas(timedelta(0), timedelta(2_000)).map(lambda age: BEGAN + age),
        "source": st.sampled_from(ELSEWHERE),
    }
)
SAID = st.dictionaries(st.tuples(NAMES, NAMES, NAMES), WORDS, min_size=1, max_size=8)
Said = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture
def judge(db: None) -> Callable[[Said], None]:
    """Start from nothing but the tree, a guideline and a text; keep these judgments."""
    page, other = make_category("A", id=1), make_category("B", id=2)
    make_text(page, other, "whole")
    Revision.objects.update(made_at=BEGAN - timedelta(1))
    guideline = Guideline.objects.create(category=page)
    revision = GuidelineRevision.objects.create(
        guideline=guideline, number=3, state="live", made_at=BEGAN - timedelta(1)
    )

    def judge(said: Said) -> None:
        for model in (Judgment, Product, Retailer, Annotator):
            model.objects.all().delete()
        for (offer, shop, who), word in said.items():
            retailer, _ = Retailer.objects.get_or_create(name=shop)
            product = Product.objects.filter(retailer=retailer, offer_id=offer).first()
            simulated = word["source"] == JudgmentSource.SIMULATED
            annotator, _ = Annotator.objects.get_or_create(
                name=f"{who}{simulated:d}", defaults={"simulated": simulated}
            )
            Judgment.objects.create(
                page=page,
                product=product or make_product(offer_id=offer, retailer=retailer),
                annotator=annotator,
                guideline=revision if word["based"] else None,
                **{name: value for name, value in word.items() if name != "based"},
            )

    return judge


@pytest.mark.parametrize("form", WHOLE)
@effort(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID)
def test_every_field_comes_in_again_as_it_went_out(
    tmp_path: Path, judge: Callable[[Said], None], form: str, said: Said
) -> None:
    judge(said)
    out = exported(tmp_path, form)
    assert brought(tmp_path, form, out) == all_known(len(said))
    Judgment.objects.all().delete()
    Annotator.objects.all().delete()
    assert brought(tmp_path, form, out) == all_new(len(said))
    assert exported(tmp_path, form) == out


@effort(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID)
def test_qrels_come_in_again_as_they_went_out(
    tmp_path: Path, judge: Callable[[Said], None], said: Said
) -> None:
    judge(said)
    out = exported(tmp_path, "qrels")
    Judgment.objects.all().delete()
    pairs = len({(offer, shop) for offer, shop, _ in said})
    assert brought(tmp_path, "qrels", out, annotator="Cranfield") == all_new(pairs)
    assert exported(tmp_path, "qrels") == out
    assert {row.annotator.name for row in Judgment.objects.all()} == {"Cranfield"}


@pytest.mark.parametrize("form", WHOLE)
def test_the_whole_history_comes_in_again_what_was_taken_back_too(
    tmp_path: Path, form: str
) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for number, (grade, withdrawn) in enumerate(((3, False), (3, True), (1, False), (1, False))):
        judgment = make_judgment(page, product, grade)
        judgment.withdrawn, judgment.made_at = withdrawn, began + timedelta(hours=number)
        judgment.save()
    make_judgment(page, product, 0, "Bob")
    out = exported(tmp_path, form, "--history")
    assert brought(tmp_path, form, out) == all_known(5)
    Judgment.objects.all().delete()
    assert brought(tmp_path, form, out, as_written=True).rejected == 0
    assert exported(tmp_path, form, "--history") == out
    assert Judgment.objects.filter(withdrawn=True).count() == 1


@pytest.mark.parametrize("form", WHOLE)
def test_a_copy_of_ones_own_keeps_who_judged_and_who_settled(tmp_path: Path, form: str) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    settled = make_judgment(page, product, 3, "Lea")
    Judgment.objects.filter(pk=settled.pk).update(source="adjudicator")
    Annotator.objects.filter(name="Lea").update(user=make_user("leads"))
    make_judgment(page, product, 1, "Ann")
    out = exported(tmp_path, form)
    Judgment.objects.all().delete()
    assert brought(tmp_path, form, out, as_written=True) == all_new(2)
    assert exported(tmp_path, form) == out


def test_a_file_from_elsewhere_settles_nothing_and_speaks_for_nobody_here(tmp_path: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    Annotator.objects.create(name="Lea", user=make_user("leads"))
    header = b"category_id,offer_id,annotator,grade,source\n"
    rows = b"1,a,Ann,3,adjudicator\n1,a,Bob,2,annotator\n1,a,Cid,1,merchandiser\n1,a,Lea,0,\n"
    assert brought(tmp_path, "csv", header + rows).rejected == 1
    said = dict(Judgment.objects.values_list("annotator__name", "source"))
    assert said == {"Ann": "imported", "Bob": "imported", "Cid": "merchandiser"}
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as rejects:
        (rejected,) = csv.DictReader(rejects)
    assert (rejected["line"], rejected["field"]) == ("5", "annotator")
    assert "“Lea” judges here" in rejected["reason"]


def test_what_a_judgment_was_based_on_is_kept_where_it_is_the_same_here(tmp_path: Path) -> None:
    page = make_category(id=1)
    make_product(offer_id="a")
    text = make_text(page, None, "whole")
    revision = GuidelineRevision.objects.create(
        guideline=Guideline.objects.create(category=None), number=2, state="live"
    )
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    header = "category_id,offer_id,annotator,grade,guideline,revisions_until,made_at\n"
    rows = (
        f"1,a,Ann,3,all#2,{text.pk},{later}\n"  # as it was here
        f"1,a,Bob,3,all#2,{text.pk},2020-01-01T00:00:00Z\n"  # older than the texts here
        f"1,a,Cid,3,1#2,{text.pk + 7},{later}\n"  # texts that are not here
    )
    brought(tmp_path, "csv", (header + rows).encode())
    based = Judgment.objects.order_by("annotator__name").values_list("guideline", "revisions_until")
    assert list(based) == [(revision.pk, text.pk), (None, None), (None, None)]


def test_what_was_decided_goes_out_as_qrels_alone(tmp_path: Path) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    for who, grade in (("Ann", 0), ("Bob", 0), ("Lea", 3)):
        make_judgment(page, product, grade, who)
    Judgment.objects.filter(annotator__name="Lea").update(source="adjudicator")
    assert exported(tmp_path, "qrels") == b"1 0 a 3\n"


def test_fields_are_chosen_and_stand_in_the_order_asked_for(tmp_path: Path) -> None:
    make_judgment(make_category(id=1), make_product(offer_id="a"), 2)
    out = exported(tmp_path, "csv", "--fields", "grade,offer_id")
    assert out == b"grade,offer_id\n2,a\n"
    out = exported(tmp_path, "jsonl", "--fields", "seconds,simulated,grade")
    assert json.loads(out) == {"seconds": None, "simulated": False, "grade": 2}
    with pytest.raises(CommandError, match="There is no field “rank”"):
        exported(tmp_path, "csv", "--fields", "grade,rank")
    with pytest.raises(CommandError, match="no fields to choose"):
        exported(tmp_path, "qrels", "--fields", "grade")
    with pytest.raises(CommandError, match="name it with --output"):
        call_command("export_judgments", "--format", "parquet", stdout=io.StringIO())


def test_the_order_is_by_code_points_whatever_the_database(tmp_path: Path) -> None:
    page = make_category(id=1)
    for offer in ("b", "B", "é", "a", "-a", "10", "9"):
        make_judgment(page, make_product(offer_id=offer), 1)
    lines = exported(tmp_path, "jsonl", "--fields", "offer_id").decode().splitlines()
    offers = [json.loads(line)["offer_id"] for line in lines]
    assert offers == sorted(offers)


GOOD = {"category_id": 1, "offer_id": "a", "annotator": "Ann", "grade": 3}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("grade", 2.5, "A grade is 0, 1, 2 or 3"),
        ("seconds", -1, "“-1” is no number of seconds."),
        ("seconds", "NaN", "no number of seconds"),
        ("source", "rumour", "A source is one of"),
        ("token", "x", "“x” is no token"),
        ("guideline", "1", "no revision's number"),
        ("guideline", "here#1", "no category's id"),
        ("revisions_until", "many", "no revision's number"),
        ("withdrawn", "maybe", "neither yes nor no"),
        ("simulated", "perhaps", "neither yes nor no"),
    ],
)
def test_a_bad_value_is_named_with_its_line_and_field(
    tmp_path: Path, field: str, value: object, reason: str
) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    lines = [json.dumps(GOOD | {field: value}), json.dumps(GOOD | {"annotator": "Bob"})]
    landed = brought(tmp_path, "jsonl", "\n".join(lines).encode())
    assert (landed.created, landed.rejected) == (1, 1)
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as rejects:
        (rejected,) = csv.DictReader(rejects)
    assert (rejected["line"], rejected["field"]) == ("1", field)
    assert reason in rejected["reason"]


def test_a_line_of_qrels_that_is_none_is_named(tmp_path: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    landed = brought(tmp_path, "qrels", b"1 0 a 2\n1 a 3\n\n1 0 a 7\n1 0 \xff 1\n")
    assert (landed.created, landed.rejected) == (1, 3)
    with (tmp_path / "rejects" / Import.objects.get().rejects).open() as rejects:
        told = {row["line"]: row["reason"] for row in csv.DictReader(rejects)}
    assert "this one has 3" in told["2"]
    assert "“7” is not" in told["4"]
    assert "not UTF-8" in told["5"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"category_id,offer_id\n1,a\n"])
def test_what_is_no_parquet_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"no Parquet file, or is damaged\.$"):
        brought(tmp_path, "parquet", content)
    with pytest.raises(Unreadable, match="cannot be read"):
        import_judgments(tmp_path / "missing.parquet")


def test_a_table_of_other_types_is_read_as_it_is_meant(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    make_category(id=1)
    make_category(id=2)
    make_product(offer_id="77")
    columns = {
        "category_id": pa.array([1, 1], pa.int32()),
        "offer_id": pa.array([77, 77]),  # a number, where other programs guessed one
        "annotator": pa.array(["Ann", "Bob"]).dictionary_encode(),
        "grade": pa.array([3.0, 2.0]),
        "belongs_to": pa.array([float("nan"), 2.0]),
    }
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    assert import_judgments(tmp_path / "in.parquet") == all_new(2)
    rows = Judgment.objects.order_by("id").values_list("grade", "belongs_to")
    assert list(rows) == [(3, None), (2, 2)]
    pq.write_table(pa.table(columns).drop_columns("grade"), tmp_path / "in.parquet")
    with pytest.raises(Unreadable, match="no column “grade”"):
        import_judgments(tmp_path / "in.parquet")


def test_the_name_tells_the_format_and_the_option_overrules_it(tmp_path: Path) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    (tmp_path / "judged.txt").write_text("1 0 a 2\n")
    assert import_judgments(tmp_path / "judged.txt", form="qrels").created == 1
    assert {"csv", "jsonl", "qrels", "parquet"} == set(FORMATS)


@pytest.mark.long
@pytest.mark.parametrize("form", WHOLE)
def test_three_raters_of_the_real_catalogue_come_out_as_they_went_in(
    tmp_path: Path, form: str
) -> None:
    import_taxonomy(real("google-taxonomy/taxonomy-with-ids.en-US.2021-09-21.txt"))
    import_taxonomy(real("icecat/pages.txt"))
    import_products(real("icecat/products.tsv.gz"), retailer="icecat")
    given = real("icecat/judgments.csv").read_text().splitlines(keepends=True)
    import_judgments(real("icecat/judgments.csv"))

    whole = exported(tmp_path, form)
    Judgment.objects.all().delete()
    assert brought(tmp_path, form, whole) == all_new(len(given) - 1)
    assert exported(tmp_path, form) == whole

    columns = ("--fields", "category_id,offer_id,annotator,grade")
    out = exported(tmp_path, "csv", *columns).decode().splitlines(keepends=True)
    assert out[0] == given[0]
    assert out[1:] == sorted(given[1:], key=_place)


def _place(line: str) -> tuple[int, str, str]:
    category, offer, annotator, _ = line.split(",")
    return int(category), offer, annotator


def test_every_field_is_told_of_a_judgment() -> None:
    own = {field.name for field in Judgment._meta.fields} - {"id", "seat"}
    told = set(FIELDS) - {"offer_id", "retailer", "simulated"} | {"page", "product"}
    assert told - {"category_id"} == own
    assert Category.objects.count() == 0
