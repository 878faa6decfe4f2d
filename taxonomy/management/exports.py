"""What the commands share that write files for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError


class ExportCommand(BaseCommand):
    """A command whose one result is lines, on screen or in a file; perhaps in several formats."""

    # What makes the lines, by the format's name; empty when there is only one.
    formats: ClassVar[Mapping[str, Callable[..., Iterator[str]]]] = {}

    def add_arguments(self, parser: ArgumentParser) -> None:
        if self.formats:
            parser.add_argument("--format", choices=self.formats, required=True)
        parser.add_argument("--output", help="a file; by default the standard output")

    def handle(self, *_: Any, **options: Any) -> None:
        lines = self.lines(**options)
        if not options["output"]:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error}") from error

    def lines(self, **options: Any) -> Iterator[str]:
        """Return the lines to write, their ends included."""
        raise NotImplementedError
