"""manage.py train_blend: learn from judgments how signals are weighed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ranking.actions.ask_training import ask_for_training
from ranking.actions.runs import SEED
from ranking.labels import choice_words
from ranking.management.versions import adopt_now, figures, is_in_use, see_through
from ranking.models import Kind, Training


class Command(BaseCommand):
    help = (
        "Learn from all judgments how the signals are blended to a score, how sure it makes us, "
        "and how likely a filing is wrong; and keep it as a version that runs can use. Ways of "
        "learning are compared on families of pages left out; the simplest is chosen unless "
        "another is surely better."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="work in this process, without broker or worker"
        )
        parser.add_argument("--adopt", action="store_true", help="use it from the next run on")
        parser.add_argument("--seed", type=int, default=SEED, help=f"of chance (default: {SEED})")
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        here = options["here"]
        training = ask_for_training(Kind.BLEND, here=here, seed=options["seed"])
        see_through(training, here=here, stderr=self.stderr)
        if options["adopt"]:
            adopt_now(training)
        self.stdout.write(figures(training) if options["json"] else "\n".join(_lines(training)))


def _lines(training: Training) -> list[str]:
    card, data = training.card, training.card["data"]
    lines = [
        f"{training}: {choice_words(training.chosen).lower()}, from {data['judged_products']:,} "
        f"judged products of {data['pages']:,} pages ({data['families']:,} families).",
        card["why"],
    ]
    kinds = card.get("kinds", {})
    if kinds:
        lines += ["", f"{'on families of pages left out':<48}NDCG@10 (95 %)         Brier    ECE"]
    lines += [_line(kind, told, kind == training.chosen) for kind, told in kinds.items()]
    misfiled = card["misfiled"]
    lines += [
        "",
        f"Misfiled: {misfiled['elsewhere']} of {misfiled['asked']} filings were called so.",
    ]
    if misfiled["brier"] is None:
        lines.append("That is too few to learn from, so its chance is an estimate.")
    else:
        lines.append(f"Brier {misfiled['brier']:.4f}, ECE {misfiled['ece']:.4f} on pages left out.")
    in_use = "Runs use it from now on." if is_in_use(training) else "It is not in use: see --adopt."
    return [*lines, "", in_use]


def _line(kind: str, told: dict[str, Any], is_chosen: bool) -> str:
    ndcg = told["ndcg@10"]
    mark = "→ " if is_chosen else "  "
    span = f"{ndcg['mean']:.4f} ({ndcg['low']:.3f}–{ndcg['high']:.3f})"
    return f"{mark}{choice_words(kind):<46}{span:<22} {told['brier']:.4f}  {told['ece']:.4f}"
