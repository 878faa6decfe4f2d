"""manage.py import_discriminators: texts that tell siblings apart, from a CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from taxonomy.actions.texts import TextFigures, import_texts
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Read a CSV of texts: category_id, sibling_id (empty for none), text, state, note."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file")
        parser.add_argument("--draft", action="store_true", help="make nothing live")

    def figures(self, **options: Any) -> TextFigures:
        with self.progress(options["file"]) as progress:
            return import_texts(
                options["file"], drafts=options["draft"], tell=self.tell, progress=progress
            )
