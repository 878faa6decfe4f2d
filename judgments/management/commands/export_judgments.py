"""manage.py export_judgments: the judgments that count, for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from judgments.exports import judgments_as_csv, judgments_as_qrels
from taxonomy.management.exports import ExportCommand


class Command(ExportCommand):
    help = "Write each annotator's current judgments as CSV, or their medians as TREC's qrels."
    formats = {"csv": judgments_as_csv, "qrels": judgments_as_qrels}

    def lines(self, **options: Any) -> Iterator[str]:
        return self.formats[options["format"]]()
