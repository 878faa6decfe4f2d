"""Let the products of old runs go; their figures stay."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from ranking.actions.thin import Thinned, thin_runs


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say only what would go")
        parser.add_argument("--json", action="store_true", help="print one object of figures")

    def handle(self, *_: Any, **options: Any) -> None:
        gone = thin_runs(dry=options["dry_run"])
        figures = asdict(gone) | {"dry_run": options["dry_run"]}
        self.stdout.write(json.dumps(figures) if options["json"] else _sentence(gone, options))


def _sentence(gone: Thinned, options: dict[str, Any]) -> str:
    would = "would go" if options["dry_run"] else "went"
    runs = ", ".join(map(str, gone.runs)) or "none"
    files = f"{len(gone.files)} files of what they learned"
    return f"Runs thinned: {runs}. {gone.products:,} rows of products and {files} {would}."
