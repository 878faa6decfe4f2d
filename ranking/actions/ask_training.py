"""Ask for a version of the cross-encoder or of the blend to be learned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Max

from judgments.models import Judgment
from judgments.queries.truth import rule_now
from ranking.actions.jobs import ask_for
from ranking.actions.runs import SEED
from ranking.models import Kind, Training
from ranking.queries.learned import adopted, unusable
from taxonomy.models import Revision


def ask_for_training(
    kind: Kind,
    *,
    by: User | None = None,
    token: uuid.UUID | None = None,
    here: bool = False,
    seed: int = SEED,
    plan: Mapping[str, object] | None = None,
) -> Training:
    """Return a training of that kind on all judgments so far, after ringing for a worker.

    `plan` says how it is to be done, where that is not as usual.
    """
    told = {**settings_now(kind, seed), **(plan or {})}
    return ask_for(Training, by=by, token=token, here=here, kind=kind, settings=told)


def settings_now(kind: Kind, seed: int) -> dict[str, object]:
    """Return what a training of this moment sees."""
    return {
        "judgments_until": Judgment.objects.aggregate(newest=Max("id"))["newest"] or 0,
        "discriminators_until": Revision.objects.aggregate(newest=Max("id"))["newest"] or 0,
        "truth": rule_now().as_settings(),
        "encoder": settings.SEESTOCKS_ENCODER,
        "encoder_weights": settings.SEESTOCKS_ENCODER_WEIGHTS,
        "reranker": reranker_now() if kind == Kind.BLEND else None,
        "seed": seed,
    }


def reranker_now() -> int | None:
    """Return the version of the cross-encoder that runs read with now; None for none."""
    training = adopted(Kind.RERANKER)
    return training.pk if training and not unusable(training) else None
