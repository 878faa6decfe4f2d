"""manage.py suggest_discriminators: finds lines that may tell siblings apart."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ranking.actions.suggestions import accept_strongest
from ranking.queries.suggestions import pairs_to_tell_apart
from taxonomy.models import Category


class Command(BaseCommand):
    help = (
        "Suggest lines for the most confused pairs of siblings, or for all pairs of siblings "
        "with products where no run has measured the confusion yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--under", type=int, metavar="CATEGORY", help="siblings below it")
        parser.add_argument("--pairs", type=int, metavar="N", help="at most so many pairs")
        parser.add_argument(
            "--accept",
            type=int,
            default=0,
            metavar="N",
            help="write the N strongest lines of each side as live texts, unread",
        )
        parser.add_argument(
            "--lookalikes",
            action="store_true",
            help="accept lines too that come from products which nobody filed or judged: of some"
            " shops they cure confusion, of others they add to it",
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        pairs = pairs_to_tell_apart(_category(options["under"]))[: options["pairs"]]
        figures = self._suggest(pairs)
        for sentence in figures.pop("told"):
            self.stderr.write(sentence)
        count, lookalikes = options["accept"], options["lookalikes"]
        figures["accepted"] = sum(_accept(pair, count, lookalikes) for pair in pairs)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            told = ", ".join(f"{count:,} {name}" for name, count in figures.items())
            self.stdout.write(told)

    def _suggest(self, pairs: list[tuple[int, int]]) -> dict[str, Any]:
        # Loaded here, with the models behind it, so that the other commands start quickly.
        from ranking.actions.evaluate import shelf_today
        from ranking.actions.suggest import suggest
        from ranking.queries.inputs import load_judged

        with tqdm(disable=None, leave=False, unit="") as bar:

            def beat(stage: str, done: int, total: int) -> None:
                bar.set_description_str(stage)
                bar.total, bar.n = total or None, done
                bar.refresh()

            shelf = shelf_today(beat)
            found = suggest(
                pairs, shelf, load_judged(), beat=lambda *at: beat("Reading families", *at)
            )
        return asdict(found)


def _category(pk: int | None) -> Category | None:
    if pk is None:
        return None
    try:
        return Category.objects.live().get(pk=pk)
    except Category.DoesNotExist:
        raise CommandError(f"There is no category {pk}.") from None


def _accept(pair: tuple[int, int], count: int, lookalikes: bool) -> int:
    if not count:
        return 0
    first, second = (Category.objects.get(pk=pk) for pk in pair)
    return sum(
        accept_strongest(*sides, count, lookalikes=lookalikes)
        for sides in ((first, second), (second, first))
    )
