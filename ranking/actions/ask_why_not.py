"""Ask why a product is not on a page. The rows are the truth; a bell calls a worker."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from ranking.models import PageRun, WhyNot
from taxonomy.doorbell import ringing
from taxonomy.models import Product

KEPT = timedelta(days=1)


def ask_why_not(page_run: PageRun, product: Product, *, by: User | None) -> WhyNot:
    """Return a new question about a product and a page's ranking, after ringing for a worker."""
    with transaction.atomic():
        asked = WhyNot.objects.create(page_run=page_run, product=product, asked_by=by)
        transaction.on_commit(partial(ring_for_why_not, asked.pk))
    return asked


def sweep_why_not() -> None:
    """Delete the questions that nobody waits for any more."""
    WhyNot.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()


def ring_for_why_not(question_id: int) -> None:
    """Tell the interactive worker that somebody waits for an answer."""
    from ranking.tasks import answer_why_not

    with ringing(f"question {question_id} waits"):
        answer_why_not.delay(question_id)
