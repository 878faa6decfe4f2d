"""Ask what rules that are not live would change. The rows are the truth; a bell calls a worker."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from ranking.actions.preview import KEPT
from ranking.models import RulesPreview
from ranking.rule_fields import checked
from taxonomy.doorbell import ringing
from taxonomy.models import Category


def preview_rules(
    branch: Category | None, values: Mapping[str, Any], *, by: User | None
) -> RulesPreview:
    """Return a new preview of what a branch would ask for, after ringing for a worker that
    answers it; None for the whole shop. Raises BadRules."""
    kept = checked(values)
    with transaction.atomic():
        preview = RulesPreview.objects.create(branch=branch, values=kept, asked_by=by)
        transaction.on_commit(partial(ring_for_rules_preview, preview.pk))
    return preview


def sweep_rules_previews() -> None:
    """Delete the previews that nobody waits for any more."""
    RulesPreview.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()


def ring_for_rules_preview(preview_id: int) -> None:
    """Tell the interactive worker that somebody waits for an answer."""
    from ranking.tasks import answer_rules_preview

    with ringing(f"rules {preview_id} wait"):
        answer_rules_preview.delay(preview_id)
