"""manage.py import_judgments: grades that people gave elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from judgments.actions import JudgmentFigures, import_judgments
from judgments.imports import FORMATS
from judgments.imports.formats import QRELS
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Read judgments: category_id, offer_id, annotator, grade; and what else is known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file")
        parser.add_argument("--format", choices=FORMATS, help="by default what the name tells")
        parser.add_argument(
            "--annotator", default=QRELS, help="who said what stands in qrels (%(default)s)"
        )
        parser.add_argument(
            "--simulated", action="store_true", help="no person judged; say so on screen"
        )
        parser.add_argument(
            "--as-written",
            action="store_true",
            help="the file is a copy of this installation's own: keep what it says of sources",
        )

    def figures(self, **options: Any) -> JudgmentFigures:
        with self.progress(options["file"]) as progress:
            return import_judgments(
                options["file"],
                form=options["format"] or "",
                annotator=options["annotator"],
                simulated=options["simulated"],
                as_written=options["as_written"],
                tell=self.tell,
                progress=progress,
            )
