"""Ask what texts that are not saved would change. The rows are the truth; a bell calls a worker."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from ranking.actions.pair_texts import checked_sides
from ranking.models import Preview
from taxonomy.actions.discriminators import require_siblings
from taxonomy.doorbell import ringing
from taxonomy.models import Category

KEPT = timedelta(days=1)


def ask_preview(
    first: Category, second: Category, first_text: str, second_text: str, *, by: User | None
) -> Preview:
    """Return a new preview of two texts, after ringing for a worker that answers it.

    The lower id becomes the preview's first. Raises NotSiblings and BadText.
    """
    require_siblings(first, second)
    texts = checked_sides([(first, first_text), (second, second_text)])
    (first, first_text), (second, second_text) = sorted(
        zip((first, second), texts, strict=True), key=lambda side: side[0].pk
    )
    with transaction.atomic():
        preview = Preview.objects.create(
            first=first,
            second=second,
            first_text=first_text,
            second_text=second_text,
            asked_by=by,
        )
        transaction.on_commit(partial(ring_for_preview, preview.pk))
    return preview


def sweep_previews() -> None:
    """Delete the previews that nobody waits for any more."""
    Preview.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()


def ring_for_preview(preview_id: int) -> None:
    """Tell the interactive worker that somebody waits for an answer."""
    from ranking.tasks import answer_preview

    with ringing(f"preview {preview_id} waits"):
        answer_preview.delay(preview_id)
