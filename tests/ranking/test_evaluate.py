"""The command that says how good rankings are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from judgments.models import Judgment
from ranking.actions.ask_evaluation import ask_for_evaluation
from ranking.actions.job_pieces import work_here
from ranking.evaluation import METRICS
from ranking.models import Run
from ranking.queries.inputs import snapshot
from ranking.queries.judged_files import judged_in, words_in
from taxonomy.models import Category, Product
from tests.commands import run
from tests.encoders import WordEncoder
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.rankings import make_ranking, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

VECTORS = {"vectors": WordEncoder.name, "dimensions": WordEncoder.dimensions}


@pytest.fixture(autouse=True)
def _quick_encoder(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> Iterator[None]:
    settings.DATA = tmp_path
    monkeypatch.setattr("ranking.actions.evaluate.the_encoder", lambda *_: WordEncoder())
    snapshot.cache_clear()
    yield
    snapshot.cache_clear()


@pytest.fixture
def lamps() -> Category:
    return make_category("lamp", is_page=True)


@pytest.fixture
def judged(lamps: Category) -> list[Product]:
    """Return a wrong and two right products, judged for the page of lamps in that order."""
    made = [make_product(title) for title in ("stone mug", "brass lamp", "paper lamp")]
    for product, grade in zip(made, (0, 3, 3), strict=True):
        make_judgment(lamps, product, grade)
    return made


def write(folder: Path, *lines: str) -> Path:
    file = folder / "judgments.csv"
    file.write_text("\n".join(["category_id,offer_id,annotator,grade", *lines]))
    return file


def test_a_run_is_measured_as_its_pages_are_shown(lamps: Category, judged: list[Product]) -> None:
    mug, brass, paper = judged
    done = make_run(blend=VECTORS)
    make_ranking(lamps, [mug, brass], [paper], done)
    ran = run("evaluate", done.pk)
    figures = ran.figures
    assert not ran.told
    assert list(figures) == ["pages", "metrics", "baselines"]
    assert figures["pages"] == 1
    assert list(figures["metrics"]) == list(METRICS)
    assert figures["metrics"]["p@10"] == {"mean": 0.5, "low": 0.5, "high": 0.5}
    assert figures["metrics"]["map"]["mean"] == 0.25  # half of what is right, in second place
    assert list(figures["baselines"]) == ["bm25", "minilm"]
    assert figures["baselines"]["bm25"]["map"]["mean"] == 1
    assert list(figures["baselines"]["minilm"]) == list(METRICS)


def test_products_that_nobody_judged_are_counted(lamps: Category, judged: list[Product]) -> None:
    done = make_run(blend=VECTORS)
    make_ranking(lamps, [judged[1], make_product("oak lamp")], [], done)
    assert run("evaluate", done.pk).figures["metrics"]["judged@10"]["mean"] == 0.5


def test_a_run_that_knew_judgments_is_told_apart(lamps: Category, judged: list[Product]) -> None:
    done = make_run(blend=VECTORS, settings={"judgments_until": 3})
    make_ranking(lamps, judged, [], done)
    assert "knew judgments when it ranked" in run("evaluate", done.pk).told


def test_without_a_number_the_latest_run_is_measured(
    lamps: Category, judged: list[Product]
) -> None:
    make_ranking(lamps, judged[:1], [], make_run(blend=VECTORS))
    make_ranking(lamps, judged[1:], [], make_run(blend=VECTORS))
    assert run("evaluate").figures["metrics"]["p@10"]["mean"] == 1


def test_pages_left_out_are_ordered_as_if_nobody_had_judged_them(
    lamps: Category, judged: list[Product]
) -> None:
    figures = run("evaluate", "--leave-pages-out").figures
    assert figures["pages"] == 1
    assert figures["metrics"]["ndcg@10"]["mean"] == 1


def test_a_file_is_measured_and_not_kept(lamps: Category, tmp_path: Path) -> None:
    for title, offer in (("stone mug", "m"), ("brass lamp", "l")):
        make_product(title, offer_id=offer)
    file = write(tmp_path, f"{lamps.pk},m,Ann,0", f"{lamps.pk},l,Ann,1", f"{lamps.pk},l,Bob,3")
    figures = run("evaluate", "--judgments", file).figures
    assert figures["pages"] == 1
    assert figures["metrics"]["ndcg@10"]["mean"] == 1
    assert not Judgment.objects.exists()


def test_what_a_file_takes_back_is_not_measured(lamps: Category, tmp_path: Path) -> None:
    make_product("brass lamp", offer_id="l")
    make_product("stone mug", offer_id="m")
    file = tmp_path / "judgments.csv"
    said = ("l,Ann,0,", "l,Ann,0,yes", "l,Bob,3,", "m,Ann,3,", "m,Ann,3,yes")
    rows = [f"{lamps.pk},{row}" for row in said]
    file.write_text("\n".join(("category_id,offer_id,annotator,grade,withdrawn", *rows)))
    judged = judged_in(words_in(file, str))
    assert (judged.grades.tolist(), judged.annotators.tolist()) == ([3.0], [1])


def test_grades_of_the_file_s_pages_in_the_database_stay_unused(
    lamps: Category, judged: list[Product], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned_from: list[int] = []

    def spy(known, seed):  # type: ignore[no-untyped-def]
        from ranking.pipeline.blend import Blend

        learned_from.extend(known.pages.tolist())
        return Blend()

    other = make_category("mug", is_page=True)
    make_judgment(other, judged[0], 3)
    monkeypatch.setattr("ranking.actions.evaluate.learn_blend", spy)
    run("evaluate", "--judgments", write(tmp_path, f"{lamps.pk},{judged[0].offer_id},Ann,0"))
    assert learned_from == [other.pk]


def test_rows_that_mean_nothing_here_are_told_of(
    lamps: Category, judged: list[Product], tmp_path: Path
) -> None:
    offer = judged[1].offer_id
    file = write(tmp_path, f"{lamps.pk},nowhere,Ann,3", f"{lamps.pk},{offer},Ann,3", "x,y")
    ran = run("evaluate", "--judgments", file)
    assert ran.figures["pages"] == 1
    assert "2 rows were left out" in ran.told


def test_a_metric_that_is_nowhere_known_is_null(lamps: Category) -> None:
    make_judgment(lamps, make_product("stone mug"), 0)
    metrics = run("evaluate", "--leave-pages-out").figures["metrics"]
    assert metrics["ndcg@10"] == {"mean": None, "low": None, "high": None}
    assert metrics["p@10"]["mean"] == 0


def test_people_read_the_means_and_the_worst_pages_first(
    lamps: Category, judged: list[Product]
) -> None:
    mugs, out = make_category("mug", is_page=True), io.StringIO()
    make_judgment(mugs, judged[1], 3)
    make_judgment(mugs, judged[0], 0)
    done = make_run(blend=VECTORS)
    make_ranking(lamps, judged[1:], [], done)
    make_ranking(mugs, judged[:2], [], done)
    call_command("evaluate", done.pk, stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("2 pages")
    assert lines[-2].endswith("  mug")
    assert lines[-1].endswith("  lamp")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "No run is done yet."),
        ([4711], "There is no ranked run 4711."),
        (["--leave-pages-out"], "There is no judgment of a product and a page that are here."),
        ([1, "--leave-pages-out"], "one only"),
        ([1, "--ablation"], "one only"),
        (["--leave-pages-out", "--judgments", "/nowhere.csv"], "never learned from"),
        (["--ablation"], "There is no judgment of a product and a page that are here."),
        (["--judgments", "/nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    arguments: list[object], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("evaluate", *arguments)


def test_a_run_of_pages_that_nobody_judged_cannot_be_measured(lamps: Category) -> None:
    done: Run = make_run(blend=VECTORS)
    make_ranking(lamps, [make_product()], [], done)
    with pytest.raises(CommandError, match=f"No page of run {done.pk} is done and judged"):
        run("evaluate", done.pk)


def test_the_ablation_names_all_stages_and_what_it_could_not_measure(
    lamps: Category, judged: list[Product]
) -> None:
    make_judgment(lamps, judged[0], 1, "Bob")
    make_judgment(lamps, judged[1], 3, "Bob")
    figures = run("evaluate", "--ablation").figures
    assert [stage["key"] for stage in figures["stages"]] == [
        *("price", "bm25", "retrieval", "disambiguation"),
        *("signals", "reranking", "outliers", "rules"),
    ]
    assert (figures["pages"], figures["judged"], figures["learned_from"]) == (1, 3, 3)
    last = figures["stages"][-1]
    assert last["metrics"]["ndcg@10"]["mean"] == 1
    assert last["metrics"]["misfiled@10"]["mean"] is None
    assert last["seconds"] > 0
    assert "train one and use it" in figures["stages"][5]["left_out"]
    assert figures["baselines"]["minilm"]["ndcg@10"]["mean"] == 1
    assert figures["raters"]["against_others"]["mean"] == 1
    assert figures["raters"]["pairs"] == 2
    assert figures["by_page"][0]["page"] == lamps.pk


def test_the_ablation_lists_what_nobody_judged_among_the_first_ten(
    lamps: Category, judged: list[Product]
) -> None:
    new = make_product("oak lamp")
    (found,) = run("evaluate", "--ablation").figures["unjudged"]
    assert (found["page"], found["product"]) == (lamps.pk, new.pk)


def test_the_ablation_looks_at_as_many_products_as_runs_do(
    lamps: Category, judged: list[Product], settings: Settings
) -> None:
    for number in range(10):
        make_product(f"oak lamp {number}")
    settings.SEESTOCKS_PAGE_SIZE = 1
    few = run("evaluate", "--ablation").figures["unjudged"]
    settings.SEESTOCKS_PAGE_SIZE = 48
    assert 0 < len(few) < len(run("evaluate", "--ablation").figures["unjudged"])


def test_an_ablation_by_a_file_learns_from_no_page_of_it(
    lamps: Category, judged: list[Product], tmp_path: Path
) -> None:
    other = make_category("mug", is_page=True)
    make_judgment(other, judged[0], 3)
    file = write(tmp_path, f"{other.pk},{judged[0].offer_id},Ann,3")
    figures = run("evaluate", "--ablation", "--judgments", file).figures
    assert (figures["pages"], figures["judged"], figures["learned_from"]) == (1, 1, 4)
    assert figures["raters"] is None


def test_people_read_the_stages_as_a_table_that_fits_a_terminal(
    lamps: Category, judged: list[Product]
) -> None:
    out = io.StringIO()
    call_command("evaluate", "--ablation", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "3 judged products of 1 pages; learned from 3"
    for name in ("Sorted by price", "+ rules", "MiniLM", "+ cross-encoder: No version"):
        assert any(line.startswith(name) for line in lines)
    assert any(line.endswith("  lamp") for line in lines)
    assert max(map(len, lines)) <= 140


def test_a_worker_measures_what_was_judged_when_it_was_asked(
    lamps: Category, judged: list[Product]
) -> None:
    asked = ask_for_evaluation(here=True)
    make_judgment(lamps, judged[0], 3, "Too late")
    assert not work_here(asked)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("done", "")
    assert asked.figures["judged"] == 3
    assert asked.figures["raters"] is None
    assert asked.figures["stages"][0]["metrics"]["ndcg@10"]["mean"] is not None


def test_a_worker_says_that_there_is_nothing_to_measure_by(lamps: Category) -> None:
    asked = ask_for_evaluation(here=True)
    work_here(asked)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (
        "failed",
        "There is no judgment of a product and a page that are here.",
    )
