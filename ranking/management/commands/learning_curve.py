"""manage.py learning_curve: whether the order in which people are asked pays."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

if TYPE_CHECKING:
    from ranking.actions.learning_curve import Curves


class Command(BaseCommand):
    help = (
        "Reveal the judgments at hand in the queue's order, and in random orders, and measure "
        "after 5, 10, 25, 50 and 100 % of them how well pages are ordered that were not learned "
        "from. The queue's order: blocks of at most 12 products of one page, the block first whose "
        "answers are expected to change most (the chance that an answer contradicts what the page "
        "assumes, times 1 / log2(1 + place)), by a model that has seen only what was revealed "
        "before, scored anew at each share."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one object of figures")
        parser.add_argument("--plot", metavar="FILE.svg", help="draw it too")
        parser.add_argument("--seeds", type=int, default=5, help="random orders (default: 5)")

    def handle(self, *_: Any, **options: Any) -> None:
        from ranking.actions.evaluate import NothingToMeasure
        from ranking.actions.learning_curve import TooFewLabels, draw_curves
        from ranking.queries.curve_chart import curve_chart

        if options["seeds"] < 1:
            raise CommandError("At least one random order is needed.")
        try:
            with tqdm(disable=None, leave=False, unit="") as bar:
                curves = draw_curves(options["seeds"], lambda stage, *_: bar.set_description(stage))
        except (NothingToMeasure, TooFewLabels) as error:
            raise CommandError(str(error)) from error
        if options["plot"]:
            Path(options["plot"]).write_text(curve_chart(curves.figures()), encoding="utf-8")
        text = json.dumps(curves.figures()) if options["json"] else "\n".join(_lines(curves))
        self.stdout.write(text)


def _lines(curves: Curves) -> list[str]:
    figures = curves.figures()
    lines = [
        f"{curves.labels:,} judged products of {curves.pages} pages; {curves.seeds} random orders"
    ]
    shares = "".join(f"{share:>9.0%}" for share in figures["shares"])
    for name, curve in figures["curves"].items():
        lines += ["", f"{name:<30}{shares}"]
        for order, label in ORDERS.items():
            lines.append(f"  {label:<28}" + "".join(map(_cell, curve[order])))
    return lines


def _cell(value: float | None) -> str:
    return f"{'–':>9}" if value is None else f"{value:>9.4f}"


ORDERS = {
    "queue": "in the queue’s order",
    "random": "at random, mean",
    "random_low": "at random, least",
    "random_high": "at random, most",
}
