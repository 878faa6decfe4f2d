"""manage.py evaluate: how good rankings are, by what people judged."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ranking.models import Run, State
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category

if TYPE_CHECKING:
    from ranking.actions.evaluate import Beat, ByPage, Evaluation


class Command(BaseCommand):
    help = (
        "Measure a run (by default the latest that is done), beside BM25 and MiniLM in its place. "
        "With --judgments, measure how today's models order the judged products of a file, without "
        "learning from it; with --leave-pages-out, how each judged page would be ordered, had "
        "nobody judged it. With --ablation, measure the stages of the ranking one after another on "
        "pages left out, by the judgments at hand or by those of --judgments. With --outliers, "
        "measure how well products of other pages are found that are put among a page's right ones."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", type=int, metavar="RUN")
        parser.add_argument("--judgments", metavar="FILE", help="CSV as import_judgments reads it")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--leave-pages-out", action="store_true")
        how.add_argument("--ablation", action="store_true", help="what each stage adds")
        how.add_argument("--outliers", action="store_true", help="find what is put among the right")
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        from ranking.actions.evaluate import NothingToMeasure
        from ranking.pipeline.rerank import RerankerError

        _check(options)
        try:
            with tqdm(disable=None, leave=False, unit="") as bar:
                figures, lines = self._measured(options, _beat(bar))
        except (NothingToMeasure, RerankerError, Unreadable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(lines))

    def _measured(self, options: dict[str, Any], beat: Beat) -> tuple[dict[str, Any], list[str]]:
        """The figures for programs and the lines for people."""
        if options["ablation"]:
            from ranking.ablation_lines import lines_of

            figures = self._ablation(options["judgments"], beat)
            return figures, lines_of(figures)
        if options["outliers"]:
            from ranking.actions.evaluate_outliers import evaluate_outliers, lines_of_outliers

            figures = evaluate_outliers(beat)
            return figures, lines_of_outliers(figures)
        evaluation = self._evaluation(options, beat)
        return evaluation.figures(), [*_means(evaluation), "", *_pages(evaluation.ranking)]

    def _ablation(self, file: str | None, beat: Beat) -> dict[str, Any]:
        from ranking.actions.ablation import ablation, measure_of, measure_today
        from ranking.queries.judged_files import words_in

        if file is None:
            return ablation(measure_today(), beat)
        return ablation(measure_of(words_in(file, self.stderr.write)), beat)

    def _evaluation(self, options: dict[str, Any], beat: Beat) -> Evaluation:
        from ranking.actions.evaluate import evaluate_left_out, evaluate_run, evaluate_unseen
        from ranking.queries.judged_files import judged_in, words_in

        if file := options["judgments"]:
            return evaluate_unseen(judged_in(words_in(file, self.stderr.write)), beat)
        if options["leave_pages_out"]:
            return evaluate_left_out(beat)
        run = _run(options["run"])
        if run.settings.get("judgments_until"):
            self.stderr.write(
                f"Run {run.pk} knew judgments when it ranked; --leave-pages-out measures without."
            )
        return evaluate_run(run, beat)


def _check(options: dict[str, Any]) -> None:
    """Refuse what does not go together."""
    file, left_out = options["judgments"], options["leave_pages_out"]
    whole = left_out or options["ablation"] or options["outliers"]
    if options["run"] is not None and (file or whole):
        raise CommandError(
            "Name a run, or a file of judgments, or leave pages out, or ask for the ablation or "
            "for outliers: one only."
        )
    if file and options["outliers"]:
        raise CommandError("Outliers are put among what the database knows to be right.")
    if file and left_out:
        raise CommandError("A file of judgments is never learned from: leave no pages out.")


def _run(pk: int | None) -> Run:
    """The run of that number, or the latest that is done."""
    runs = Run.objects.filter(state=State.DONE) if pk is None else Run.objects.filter(pk=pk)
    run = runs.exclude(prepared_at=None).order_by("id").last()
    if run is None:
        raise CommandError("No run is done yet." if pk is None else f"There is no ranked run {pk}.")
    return run


def _beat(bar: tqdm) -> Beat:
    def beat(stage: str, done: int, total: int) -> None:
        bar.set_description_str(stage)
        bar.total, bar.n = total or None, done
        bar.refresh()

    return beat


def _means(evaluation: Evaluation) -> list[str]:
    """A line per metric: mean and 95 % interval, and the baselines' means."""
    figures = evaluation.figures()
    lines = [f"{figures['pages']} pages               mean   95 % by page     BM25  MiniLM"]
    for name, value in figures["metrics"].items():
        others = [baseline[name]["mean"] for baseline in figures["baselines"].values()]
        low, high = _number(value["low"]), _number(value["high"])
        beside = "  ".join(map(_number, others))
        lines.append(f"{name:<20} {_number(value['mean'])}  {low} to {high}  {beside}")
    return lines


def _pages(pages: ByPage) -> list[str]:
    """A line per page, the worst first."""
    paths = dict(Category.objects.filter(id__in=pages).values_list("id", "path"))
    worst_first = sorted(pages, key=lambda page: (_or_last(pages[page]["ndcg@10"]), page))
    return [
        "  ".join(
            [
                *(f"{name} {_number(pages[page][name])}" for name in OF_A_PAGE),
                paths[page],
            ]
        )
        for page in worst_first
    ]


OF_A_PAGE = ("ndcg@10", "ndcg@48", "map", "p@10", "misfiled@10", "judged@10")


def _number(value: float | None) -> str:
    return "    –" if value is None or math.isnan(value) else f"{value:.3f}"


def _or_last(value: float) -> float:
    return float("inf") if math.isnan(value) else value
