"""manage.py export_judgments: what people think, for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from judgments.exports import (
    UnknownField,
    chosen,
    judgments_as_csv,
    judgments_as_json_lines,
    judgments_as_qrels,
)
from judgments.imports import FORMATS
from judgments.imports.formats import format_of
from taxonomy.management.exports import ExportCommand


class Command(ExportCommand):
    help = (
        "Write the judgments that count, in order of category_id, offer_id, retailer, annotator,"
        " as CSV, JSON Lines or Parquet; or their medians as TREC's qrels."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--format", choices=FORMATS, help="by default what the name of --output tells"
        )
        parser.add_argument("--fields", default="", help="some alone: category_id,offer_id,…")
        parser.add_argument(
            "--history", action="store_true", help="all ever made, those taken back too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        options["format"] = options["format"] or format_of(Path(options["output"] or ""))
        if options["format"] == "qrels" and (options["fields"] or options["history"]):
            raise CommandError("TREC's qrels have medians alone: no fields to choose, no history.")
        if options["format"] != "parquet":
            super().handle(*args, **options)
            return
        if not options["output"]:
            raise CommandError("Parquet is written to a file: name it with --output.")
        from judgments.exports.parquet import write_parquet  # loads pyarrow

        try:
            write_parquet(Path(options["output"]), _fields(options), history=options["history"])
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from error

    def lines(self, **options: Any) -> Iterator[str]:
        if options["format"] == "qrels":
            return judgments_as_qrels()
        write = judgments_as_csv if options["format"] == "csv" else judgments_as_json_lines
        return write(_fields(options), history=options["history"])


def _fields(options: dict[str, Any]) -> tuple[str, ...]:
    try:
        return chosen(options["fields"])
    except UnknownField as fault:
        raise CommandError(str(fault)) from fault
