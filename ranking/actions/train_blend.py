"""Learn a version of the blend that runs can use. For workers: loads arrays."""

from __future__ import annotations

from typing import Any

from ranking.actions.evaluate import shelf_today, texts_today
from ranking.actions.jobs import Beat
from ranking.actions.prepare import learned, vector_store_today
from ranking.models import Training
from ranking.queries.inputs import load_judged


def train_blend(training: Training, beat: Beat) -> dict[str, Any]:
    """Learn from all judgments up to the training's, and return what to write on its row."""
    shelf = shelf_today(beat)
    judged = load_judged(training.settings["judgments_until"])
    beat("Learning from judgments", 0, 1)
    made = learned(
        vector_store_today(),
        shelf,
        judged,
        texts_today(),
        seed=training.settings["seed"],
        reranker=training.settings["reranker"],
    )
    return {"made": made, "chosen": made["kind"], "card": {}}
