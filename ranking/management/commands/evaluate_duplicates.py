"""manage.py evaluate_duplicates: how well near-duplicates are found, on files that know better."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Measure on a file how well offers of the same product are found: precision, recall and "
        "F1 over pairs. Neither reads nor writes the database. Of --offers, all are grouped as a "
        "run would; of --pairs, each is judged by itself."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = parser.add_mutually_exclusive_group(required=True)
        known.add_argument(
            "--offers",
            type=Path,
            metavar="FILE",
            help="CSV, may be gzipped: offer_id,title,retailer,cluster_id[,brand,gtin,mpn,color,"
            "size,description]",
        )
        known.add_argument(
            "--pairs",
            type=Path,
            metavar="FILE",
            help='JSON Lines: {"left": {"title": …}, "right": {"title": …}, "same": 0 or 1}',
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        # Loaded here, with the scorer behind it, so that the other commands start quickly.
        from ranking.pipeline.duplicates.labelled import Unlabelled
        from ranking.queries.labelled_duplicates import agreement_on_offers, agreement_on_pairs

        try:
            if options["offers"]:
                figures = agreement_on_offers(options["offers"])
            else:
                figures = agreement_on_pairs(options["pairs"])
        except Unlabelled as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(_told(figures)))


def _told(figures: dict[str, Any]) -> list[str]:
    """The figures in sentences."""
    things = "offers" if "offers" in figures else "pairs"
    lines = [
        f"{figures[things]:,} {things} in {figures['seconds']:.1f} seconds.",
        f"Over pairs: precision {figures['precision']:.3f}, recall {figures['recall']:.3f}, "
        f"F1 {figures['f1']:.3f}.",
    ]
    if cluster := figures.get("by_cluster"):
        lines.append(
            f"By offer (B-cubed): precision {cluster['precision']:.3f}, "
            f"recall {cluster['recall']:.3f}, F1 {cluster['f1']:.3f}."
        )
    return lines
