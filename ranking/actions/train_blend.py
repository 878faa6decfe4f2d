"""Learn a version of the blend that runs can use. For workers: loads arrays."""

from __future__ import annotations

from typing import Any

from judgments.truth import Rule
from ranking.actions.evaluate import shelf_today
from ranking.actions.jobs import Beat
from ranking.actions.prepare import learned, options_today, vector_store_today
from ranking.learning.blender import KINDS
from ranking.models import Training
from ranking.queries.inputs import load_judged
from ranking.queries.texts import load_texts


def train_blend(training: Training, beat: Beat) -> dict[str, Any]:
    """Learn from all judgments up to the training's, and return what to write on its row.

    Short enough to be done in one piece: a job that is resumed starts it again.
    """
    seen = training.settings
    shelf, store = shelf_today(beat), vector_store_today()
    judged = load_judged(seen["judgments_until"], Rule.of_settings(seen["truth"]))
    beat("Learning from judgments", 0, 1)
    told = learned(
        store,
        shelf,
        judged,
        load_texts(store, seen["discriminators_until"]),
        options_today(),
        seed=seen["seed"],
        reranker=seen["reranker"],
        kinds=tuple(KINDS),
    )
    return {"made": told.made, "chosen": told.card["chosen"], "card": told.card}
