"""A run's rankings as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import ir_measures
import pytest
from django.core.management import CommandError, call_command

from judgments.exports import judgments_as_qrels
from ranking.models import Run, State
from taxonomy.models import Category, Retailer
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.rankings import make_page_run, make_ranking, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def run() -> Run:
    """Return a run of one page with two products shown and one removed."""
    page, run = make_category("Lamps", id=33), make_run()
    shown = [make_product("=2+2", offer_id="a 1"), make_product("Oak lamp", offer_id="b")]
    make_ranking(page, shown, [make_product("Mug", offer_id="c", price=None)], run)
    return run


def exported(run: Run, kind: str) -> str:
    out = io.StringIO()
    call_command("export_rankings", run.pk, "--format", kind, stdout=out)
    return out.getvalue()


def test_trec_has_the_products_shown_in_their_order(run: Run) -> None:
    assert exported(run, "trec").splitlines() == [
        f"33 Q0 a%201 1 1.000000 seestocks-run-{run.pk}",
        f"33 Q0 b 2 0.500000 seestocks-run-{run.pk}",
    ]


def test_the_reference_reads_run_and_judgments_together(run: Run) -> None:
    page = Category.objects.get(pk=33)
    for row in run.page_runs.get().products.exclude(position=None):
        make_judgment(page, row.product, grade=0 if row.position == 1 else 3)
    judged, shown = "".join(judgments_as_qrels()), exported(run, "trec")
    qrels = list(ir_measures.read_trec_qrels(judged))  # type: ignore[no-untyped-call]  # no types
    ranked = list(ir_measures.read_trec_run(shown))  # type: ignore[no-untyped-call]  # nor this
    assert ir_measures.calc_aggregate([ir_measures.RR], qrels, ranked)[ir_measures.RR] == 0.5


def test_json_lines_have_every_candidate_with_its_signals(run: Run) -> None:
    rows = [json.loads(line) for line in exported(run, "jsonl").splitlines()]
    assert [row["offer_id"] for row in rows] == ["a 1", "b", "c"]
    assert [row["position"] for row in rows] == [1, 2, None]
    assert rows[0]["page"] == "Lamps"
    assert rows[0]["signals"]["picture_fit"] is None
    assert rows[2]["removed_by"]
    assert rows[2]["price"] is None


def test_a_spreadsheet_runs_no_title_as_a_formula(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(run, "csv"))))
    assert [row["title"] for row in rows] == ["'=2+2", "Oak lamp", "Mug"]
    assert [row["position"] for row in rows] == ["1", "2", ""]


def test_a_page_that_is_not_done_is_left_out(run: Run) -> None:
    make_page_run(make_category("Mugs"), run, state=State.FAILED)
    assert len(exported(run, "csv").splitlines()) == 4


def test_the_file_named_is_written(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "run.trec"
    call_command("export_rankings", run.pk, "--format", "trec", "--output", file)
    assert file.read_text() == exported(run, "trec")


def test_what_cannot_be_done_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no run 999999\."):
        call_command("export_rankings", 999999, "--format", "csv")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_rankings", run.pk, "--format", "csv", "--output", tmp_path)


def test_offers_of_two_retailers_with_one_id_have_two_names_in_trec(run: Run) -> None:
    page = run.page_runs.get().page
    other = Retailer.objects.create(name="Other shop")
    first = run.page_runs.get().products.get(position=2).product
    twin = make_product("twin", retailer=other, offer_id=first.offer_id)
    for product, grade in ((first, 3), (twin, 0)):
        make_judgment(page, product, grade)
    judged = "".join(judgments_as_qrels()).splitlines()
    assert f"{page.pk} 0 {first.retailer.name}/{first.offer_id} 3" in judged
    assert f"{page.pk} 0 Other%20shop/{first.offer_id} 0" in judged
    assert f" {first.retailer.name}/{first.offer_id} 2 " in exported(run, "trec")
