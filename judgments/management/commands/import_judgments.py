"""manage.py import_judgments: grades that people gave elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from judgments.actions import JudgmentFigures, import_judgments
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Read a CSV of judgments: category_id, offer_id, annotator, grade."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file")
        parser.add_argument(
            "--simulated", action="store_true", help="no person judged; say so on screen"
        )

    def figures(self, **options: Any) -> JudgmentFigures:
        with self.progress(options["file"]) as progress:
            return import_judgments(
                options["file"],
                simulated=options["simulated"],
                tell=self.tell,
                progress=progress,
            )
