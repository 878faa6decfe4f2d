"""manage.py export_rankings: what a run came to, for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.exports import rankings_as_csv, rankings_as_jsonl, rankings_as_trec
from ranking.models import Run

FORMATS = {"trec": rankings_as_trec, "jsonl": rankings_as_jsonl, "csv": rankings_as_csv}


class Command(BaseCommand):
    help = (
        "Write a run's pages as far as they are done: TREC's run format with the products shown, "
        "or JSON Lines or CSV with the removed ones too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, metavar="RUN")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--output", help="a file; by default the standard output")

    def handle(self, *_: Any, **options: Any) -> None:
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.")
        lines = FORMATS[options["format"]](run)
        if not options["output"]:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from error
