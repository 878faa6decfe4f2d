"""manage.py export_taxonomy: the tree in Google's format."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from taxonomy.exports import tree_lines
from taxonomy.management.exports import ExportCommand
from taxonomy.models import HOME_LOCALE


class Command(ExportCommand):
    help = "Write the live tree as lines “id - A > B > C”, which import_taxonomy reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--locale", default=HOME_LOCALE, help="language of the names")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--shop-only", action="store_const", const="shop", dest="part")
        which.add_argument("--google-only", action="store_const", const="google", dest="part")

    def lines(self, **options: Any) -> Iterator[str]:
        return tree_lines(options["locale"], part=options["part"] or "")
