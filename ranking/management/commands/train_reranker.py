"""manage.py train_reranker: teach a model to read pages and products together."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.actions.ask_training import ask_for_training
from ranking.actions.runs import SEED
from ranking.labels import choice_words
from ranking.management.versions import adopt_now, figures, is_in_use, see_through
from ranking.models import LEFT_OUT, Kind, Training

PLAN = ("folds", "layers", "steps", "picture", "use")
LEAST = {"folds": 2, "steps": 1, "seed": 0}


class Command(BaseCommand):
    help = (
        "Teach the cross-encoder, the model that reads page and product together, all judgments; "
        "and keep it as a version that runs can use. It is left out unless the blend is surely "
        "better with it on pages that it did not learn from. A small student is used in its "
        "place where that orders pages as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="work in this process, without broker or worker"
        )
        parser.add_argument("--adopt", action="store_true", help="use it, if it is not left out")
        parser.add_argument("--seed", type=int, default=SEED, help=f"of chance (default: {SEED})")
        parser.add_argument("--folds", type=int, help="parts of the pages kept apart in turn")
        parser.add_argument("--steps", type=int, help="lists that a teacher learns, at most")
        parser.add_argument("--layers", type=int, choices=(2, 3), help="of the student")
        parser.add_argument(
            "--picture", choices=("none", "token", "late"), help="how a picture takes part"
        )
        parser.add_argument(
            "--use", choices=("teacher", "student"), help="whichever is found better"
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        for name, least in LEAST.items():
            if options[name] is not None and options[name] < least:
                raise CommandError(f"--{name} takes {least} or more.")
        here = options["here"]
        plan = {name: options[name] for name in PLAN if options[name] is not None}
        training = ask_for_training(Kind.RERANKER, here=here, seed=options["seed"], plan=plan)
        see_through(training, here=here, stderr=self.stderr)
        if options["adopt"] and training.chosen != LEFT_OUT:
            adopt_now(training)
        self.stdout.write(figures(training) if options["json"] else "\n".join(_lines(training)))


def _lines(training: Training) -> list[str]:
    card, data = training.card, training.card["data"]
    lines = [
        f"{training}: {choice_words(training.chosen).lower()}, from {data['judged_products']:,} "
        f"judged products of {data['pages']:,} pages, in {card['folds']} folds "
        f"and {card['seconds']:,.0f} s.",
        card["why"],
    ]
    if "kinds" in card:
        told = {
            **{
                f"{choice_words(kind)}, by itself": figures
                for kind, figures in card["kinds"].items()
            },
            "the blend without it": card["blend_without"],
            **{f"the blend with the {kind}": told for kind, told in card["blend_with"].items()},
        }
        lines += ["", f"{'on pages kept apart':<56}NDCG@10 (95 %)"]
        lines += [_line(name, figures) for name, figures in told.items()]
    if card.get("student_loses") is not None:
        lines.append(f"The student loses {card['student_loses']:.4f} against its teacher.")
    if training.chosen == LEFT_OUT:
        return lines
    where = f"The {card['uses']} is kept in models/{training.made['folder']}."
    in_use = "Runs use it from now on." if is_in_use(training) else "It is not in use: see --adopt."
    return [*lines, "", where, in_use]


def _line(name: str, told: dict[str, Any]) -> str:
    return f"{name:<56}{told['mean']:.4f} ({told['low']:.3f}–{told['high']:.3f})"
