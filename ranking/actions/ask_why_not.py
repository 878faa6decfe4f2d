"""Ask why a product is not on a page. The rows are the truth; a bell calls a worker."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from ranking.models import PageRun, WhyNot
from taxonomy.models import Product

logger = logging.getLogger(__name__)

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

    try:
        answer_why_not.delay(question_id)
    except (OperationalError, OSError) as error:
        logger.warning("question %s waits: the broker cannot be reached (%s)", question_id, error)
