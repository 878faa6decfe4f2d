"""What the commands share that read a file and print figures."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from taxonomy.imports.lines import Progress
from taxonomy.imports.rejects import Unreadable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class FiguresCommand(BaseCommand):
    """A command whose one result is figures: one JSON object, or one line for people."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            figures = asdict(self.figures(**options))
        except Unreadable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(", ".join(f"{count:,} {name}" for name, count in figures.items()))

    def figures(self, **options: Any) -> DataclassInstance:
        """Do the work and return its figures, in the order in which they are printed."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Say something that people should know, apart from the figures."""
        with tqdm.external_write_mode(file=self.stderr):
            self.stderr.write(sentence)

    @contextmanager
    def progress(self, source: str) -> Iterator[Progress]:
        """Show how much of the file was read, when a person watches."""
        size = Path(source).stat().st_size if Path(source).is_file() else None
        with tqdm(total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
            yield bar.update
