"""manage.py import_taxonomy: Google's tree, a shop's own nodes, or names in another locale."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from taxonomy.actions import TaxonomyFigures, import_taxonomy
from taxonomy.actions.updates import newest_address
from taxonomy.management.figures import FiguresCommand
from taxonomy.models import HOME_LOCALE


class Command(FiguresCommand):
    help = "Read a taxonomy in Google's “id - A > B > C” format into the tree."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "source", nargs="?", help="file or address; by default Google's own published address"
        )
        parser.add_argument("--locale", default=HOME_LOCALE, help="language of the names")
        parser.add_argument(
            "--successors", metavar="FILE", help="CSV of old_id,new_id: who takes whose place"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change")

    def figures(self, **options: Any) -> TaxonomyFigures:
        locale = options["locale"]
        source = options["source"] or newest_address(locale)
        with self.progress(source) as progress:
            return import_taxonomy(
                source,
                locale=locale,
                successors=options["successors"],
                dry_run=options["dry_run"],
                tell=self.tell,
                progress=progress,
            )
