"""manage.py export_judgments: the judgments that count, for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from judgments.exports import judgments_as_csv, judgments_as_qrels

FORMATS = {"csv": judgments_as_csv, "qrels": judgments_as_qrels}


class Command(BaseCommand):
    help = "Write each annotator's current judgments as CSV, or their medians as TREC's qrels."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--output", help="a file; by default the standard output")

    def handle(self, *_: Any, **options: Any) -> None:
        lines = FORMATS[options["format"]]()
        if not options["output"]:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from error
