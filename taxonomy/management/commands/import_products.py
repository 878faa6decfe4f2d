"""manage.py import_products: a retailer's feed."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from taxonomy.actions import ProductFigures, import_products
from taxonomy.actions.fetching import ring_for_pictures, waiting_pictures
from taxonomy.management.figures import FiguresCommand


class Command(FiguresCommand):
    help = "Read a Merchant Center feed: TSV, CSV, XML (RSS or Atom) or JSON Lines, or gzipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("feed")
        parser.add_argument("--retailer", required=True, help="whose feed this is")
        parser.add_argument("--images", help="folder below which the feed's pictures lie")
        parser.add_argument(
            "--partial", action="store_true", help="the feed is not all: mark nothing as unseen"
        )
        parser.add_argument(
            "--made-up", action="store_true", help="the retailer does not exist; say so on screen"
        )

    def figures(self, **options: Any) -> ProductFigures:
        if options["images"] and not Path(options["images"]).is_dir():
            raise CommandError(f"{options['images']} is not a folder.")
        with self.progress(options["feed"]) as progress:
            figures = import_products(
                options["feed"],
                retailer=options["retailer"],
                images=options["images"],
                partial=options["partial"],
                made_up=options["made_up"],
                tell=self.tell,
                progress=progress,
            )
        if settings.SEESTOCKS_FETCH_PICTURES and waiting_pictures().exists():
            transaction.on_commit(ring_for_pictures)
        return figures
