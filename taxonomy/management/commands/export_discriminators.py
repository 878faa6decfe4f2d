"""manage.py export_discriminators: the texts that tell siblings apart, as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from taxonomy.exports import texts_as_csv
from taxonomy.management.exports import ExportCommand


class Command(ExportCommand):
    help = "Write live texts and waiting drafts as CSV, which import_discriminators reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--history", action="store_true", help="all that was ever said")

    def lines(self, **options: Any) -> Iterator[str]:
        return texts_as_csv(history=options["history"])
