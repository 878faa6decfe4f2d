"""Let every page show what it showed before the newest release, or after the one that is named."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.actions import publish
from ranking.management.publishing import figures_of, newest, sentence
from ranking.models import Release
from ranking.queries.shown import newest_release


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("release", type=int, nargs="?", help="the release's number")
        parser.add_argument("--note", default="", help="why, for the others")
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        said = {"by": None, "token": uuid.uuid4(), "based_on": newest(), "note": options["note"]}
        try:
            made = publish.roll_back(_release(options["release"]), **said)
        except (publish.NothingToPublish, publish.PublishedMeanwhile) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures_of(made)) if options["json"] else sentence(made))


def _release(pk: int | None) -> Release:
    if pk is not None:
        found = Release.objects.filter(pk=pk).first()
    else:
        last = newest_release()
        found = last.based_on if last else None
    if found is None:
        raise CommandError("Nothing was published before." if pk is None else f"No release {pk}.")
    return found
