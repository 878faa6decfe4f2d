"""manage.py activate_pages: which categories are ranked."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from taxonomy.actions import PageFigures, activate_pages
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Switch categories on to be ranked: those of a file, or those with enough products."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("file", nargs="?", help="ids, one a line, or the taxonomy's format")
        which.add_argument(
            "--min-products",
            type=int,
            help="every live category with so many filed, seen products in its subtree",
        )

    def figures(self, **options: Any) -> PageFigures:
        return activate_pages(options["file"], min_products=options["min_products"], tell=self.tell)
