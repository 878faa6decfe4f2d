"""Reads of judgments."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from judgments.models import Judgment


def current_judgments(until: int | None = None) -> QuerySet[Judgment]:
    """Return each annotator's latest judgment of each product on each page.

    `until` is the last id that counts: the judgments as they stood when it was made.
    """
    counted = Judgment.objects.all() if until is None else Judgment.objects.filter(id__lte=until)
    # Asks the index `latest_word` once a row, so that a filter by page stays a short read.
    superseded = counted.filter(
        page=OuterRef("page"),
        product=OuterRef("product"),
        annotator=OuterRef("annotator"),
        id__gt=OuterRef("id"),
    )
    return counted.filter(~Exists(superseded))
