"""Ask for every stage of the ranking to be measured against what people judged."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User

from ranking.actions import ask_training
from ranking.actions.jobs import ask_for
from ranking.actions.runs import SEED
from ranking.models import Evaluation, Kind
from ranking.queries.learned import adopted


def ask_for_evaluation(
    *, by: User | None = None, token: uuid.UUID | None = None, here: bool = False
) -> Evaluation:
    """Return an evaluation by all judgments so far, after ringing for a worker.

    The same `token` again returns the first one; `here` rings for nobody.
    """
    return ask_for(Evaluation, by=by, token=token, here=here, settings=settings_now())


def settings_now() -> dict[str, object]:
    """Return what an evaluation of this moment sees, and which versions are in use."""
    blend = adopted(Kind.BLEND)
    seen = ask_training.settings_now(Kind.BLEND, SEED)
    return {**seen, "blend": blend.pk if blend else None}
