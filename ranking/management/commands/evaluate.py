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
        "nobody judged it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", nargs="?", type=int, metavar="RUN")
        other = parser.add_mutually_exclusive_group()
        other.add_argument("--judgments", metavar="FILE", help="CSV as import_judgments reads it")
        other.add_argument("--leave-pages-out", action="store_true")
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        from ranking.actions.evaluate import NothingToMeasure

        if options["run"] is not None and (options["judgments"] or options["leave_pages_out"]):
            raise CommandError("Name a run, or a file of judgments, or leave pages out: one only.")
        try:
            with tqdm(disable=None, leave=False, unit="") as bar:
                evaluation = self._evaluation(options, _beat(bar))
        except (NothingToMeasure, Unreadable) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(evaluation.figures()))
        else:
            self.stdout.write("\n".join([*_means(evaluation), "", *_pages(evaluation.ranking)]))

    def _evaluation(self, options: dict[str, Any], beat: Beat) -> Evaluation:
        from ranking.actions.evaluate import evaluate_left_out, evaluate_run, evaluate_unseen
        from ranking.queries.judged_files import judged_in

        if options["judgments"]:
            return evaluate_unseen(judged_in(options["judgments"], self.stderr.write), beat)
        if options["leave_pages_out"]:
            return evaluate_left_out(beat)
        run = _run(options["run"])
        if run.settings.get("judgments_until"):
            self.stderr.write(
                f"Run {run.pk} knew judgments when it ranked; --leave-pages-out measures without."
            )
        return evaluate_run(run, beat)


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
    lines = [f"{figures['pages']} pages     mean   95 % by page     BM25  MiniLM"]
    for name, value in figures["metrics"].items():
        others = [baseline[name]["mean"] for baseline in figures["baselines"].values()]
        low, high = _number(value["low"]), _number(value["high"])
        beside = "  ".join(map(_number, others))
        lines.append(f"{name:<10} {_number(value['mean'])}  {low} to {high}  {beside}")
    return lines


def _pages(pages: ByPage) -> list[str]:
    """A line per page, the worst first."""
    paths = dict(Category.objects.filter(id__in=pages).values_list("id", "path"))
    worst_first = sorted(pages, key=lambda page: (_or_last(pages[page]["ndcg@10"]), page))
    return [
        "  ".join(
            [*(f"{name} {_number(value)}" for name, value in pages[page].items()), paths[page]]
        )
        for page in worst_first
    ]


def _number(value: float | None) -> str:
    return "    –" if value is None or math.isnan(value) else f"{value:.3f}"


def _or_last(value: float) -> float:
    return float("inf") if math.isnan(value) else value
