"""Let pages show what a run found: the newest one that waits, unless another is named."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.management.publishing import figures_of, publish_here, sentence
from ranking.models import Run
from ranking.queries.releases import rolled_back, waiting_run


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, nargs="?", help="the run's number")
        parser.add_argument("--note", default="", help="why, for the others")
        parser.add_argument(
            "--against-gate",
            action="store_true",
            help="although the gate is shut; takes a note that says why",
        )
        parser.add_argument(
            "--here", action="store_true", help="measure the gate in this process, if need be"
        )
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        made = publish_here(
            _run(options["run"]),
            here=options["here"],
            stderr=self.stderr,
            note=options["note"],
            against_gate=options["against_gate"],
        )
        self.stdout.write(json.dumps(figures_of(made)) if options["json"] else sentence(made))


def _run(pk: int | None) -> Run:
    found = waiting_run() if pk is None else Run.objects.filter(pk=pk).first()
    if found is None:
        raise CommandError("No run waits to be published." if pk is None else f"No run {pk}.")
    if pk is None and (back := rolled_back(found)):  # somebody's word, which no night undoes
        raise CommandError(
            f"Run {found.pk} was rolled back by release {back.pk}: name it to publish it again."
        )
    return found
