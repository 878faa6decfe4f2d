"""manage.py evaluate_siblings: what the texts that tell siblings apart are worth."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category

CONTROLS = {
    "random_words": "as many random words",
    "shuffled": "the texts shuffled among siblings",
    "templates": "names in templates alone",
}


class Command(BaseCommand):
    help = (
        "Measure the live texts on products whose right categories a file tells: how many of the "
        "uncertain ones are taken for a sibling before the texts are read and after, and what "
        "texts without meaning would reach (random words, shuffled texts, names in templates). "
        "All errors are shares of the uncertain products, but for those that end in _all. "
        "Nothing is learned from the file's products. Texts mined from the same products would "
        "seem better than they are: file these only afterwards."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--truth", required=True, metavar="FILE", help="CSV: offer_id,category_id[,retailer]"
        )
        parser.add_argument(
            "--under", type=int, metavar="CATEGORY", help="only what belongs below it"
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        # Loaded here, with the models behind it, so that the other commands start quickly.
        from ranking.actions.evaluate import NothingToMeasure
        from ranking.actions.evaluate_siblings import evaluate_siblings
        from ranking.queries.truth import truth_in

        under = _category(options["under"])
        try:
            truth = truth_in(options["truth"], under, self.stderr.write)
            with tqdm(disable=None, leave=False, unit="") as bar:

                def beat(stage: str, done: int, total: int) -> None:
                    bar.set_description_str(stage)
                    bar.total, bar.n = total or None, done
                    bar.refresh()

                figures = evaluate_siblings(truth, beat).figures()
        except (NothingToMeasure, Unreadable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(_told(figures)))


def _category(pk: int | None) -> Category | None:
    if pk is None:
        return None
    try:
        return Category.objects.live().get(pk=pk)
    except Category.DoesNotExist:
        raise CommandError(f"There is no category {pk}.") from None


def _told(figures: dict[str, Any]) -> list[str]:
    """The figures in sentences, and a line for each control."""
    before, after = figures["error_before"], figures["error_after"]
    less = f" ({100 * (after / before - 1):+.0f} %)" if before else ""
    return [
        f"{figures['products']:,} products, of which {figures['uncertain']:,} are uncertain.",
        f"Of these, {before:.1%} are taken for a sibling without the texts, {after:.1%} with them"
        f"{less}.",
        f"{figures['helped']:,} were helped and {figures['harmed']:,} harmed "
        f"(McNemar p = {figures['mcnemar_p']:.2g}).",
        f"Of all, {figures['error_before_all']:.1%} without and {figures['error_after_all']:.1%} "
        "with them.",
        *(f"With {CONTROLS[name]}: {error:.1%}." for name, error in figures["controls"].items()),
    ]
