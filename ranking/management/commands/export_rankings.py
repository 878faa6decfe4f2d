"""manage.py export_rankings: what a run came to, for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from ranking.exports import rankings_as_csv, rankings_as_jsonl, rankings_as_trec
from ranking.models import Run
from taxonomy.management.exports import ExportCommand


class Command(ExportCommand):
    help = (
        "Write a run's pages as far as they are done: TREC's run format with the products shown, "
        "or JSON Lines or CSV with the removed ones too."
    )
    formats = {"trec": rankings_as_trec, "jsonl": rankings_as_jsonl, "csv": rankings_as_csv}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, metavar="RUN")
        super().add_arguments(parser)

    def lines(self, **options: Any) -> Iterator[str]:
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.")
        return self.formats[options["format"]](run)
