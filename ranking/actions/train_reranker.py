"""Learn a version of the cross-encoder that runs can use. For workers: loads models."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings

from judgments.truth import Rule
from ranking.actions.jobs import Beat
from ranking.actions.prepare import encode_missing, options_today, the_encoder
from ranking.learning.reranker.course import Course
from ranking.learning.reranker.data import Data, Plan
from ranking.learning.reranker.held_out import save
from ranking.models import LEFT_OUT, Training
from ranking.pipeline.rerank.reader import HELD_OUT, learned_digest
from ranking.queries.inputs import load_judged, load_shelf, vector_store
from ranking.queries.texts import load_texts
from ranking.vectors import VectorStore

END = "end.json"  # in the model's folder: what is written on the training's row
TOLD = ("seed", "folds", "layers", "use", "picture")  # of a plan, in a training's settings


class NothingToLearn(Exception):
    """There is no judgment of a product and a page that are here."""


def train_reranker(training: Training, beat: Beat) -> dict[str, Any] | None:
    """Do the next piece of learning from all judgments up to the training's; after the last one
    return what to write on its row. Raises NothingToLearn.

    Pieces lie below models/training-N until the model, or the word that it is left out, lies
    in models/reranker-N.
    """
    import torch

    torch.set_num_threads(settings.SEESTOCKS_THREADS)
    models = settings.DATA / "models"
    folder, kept = models / f"training-{training.pk}", models / f"reranker-{training.pk}"
    if not (kept / END).exists():
        _encode(training, folder, beat)
        course = _course(training, folder, beat)
        if course.advance():
            return None
        _keep(course, kept)
    shutil.rmtree(folder, ignore_errors=True)
    end: dict[str, Any] = json.loads((kept / END).read_text())
    return end


def plan_of(training: Training) -> Plan:
    """Return how the training was asked to be done."""
    told = {name: training.settings[name] for name in TOLD if name in training.settings}
    plan = Plan(**told, source=settings.SEESTOCKS_CROSS_ENCODER)
    steps = training.settings.get("steps", plan.lessons.steps)
    return replace(plan, lessons=replace(plan.lessons, steps=steps))


def _course(training: Training, folder: Path, beat: Beat) -> Course:
    """The course, in a folder named after all that decides its result: had that changed since,
    it would begin again."""
    beat("Loading judgments and products", 0, 0)
    data, plan = _data(training.pk, str(training.token)), plan_of(training)
    if not len(data.judged):
        raise NothingToLearn("There is no judgment of a product and a page that are here.")
    version = blake2b(f"{data.digest} {plan}".encode(), digest_size=8).hexdigest()
    return Course(folder / version, data, plan, beat)


@lru_cache(maxsize=1)
def _data(pk: int, token: str) -> Data:
    """What the training learns from, kept for its next piece. The token is the training's own."""
    training = Training.objects.get(pk=pk, token=token)
    told, store = training.settings, _store(training)
    until = told["discriminators_until"]
    return Data.of(
        load_shelf(store, training.asked_at, until),
        load_judged(told["judgments_until"], Rule.of_settings(told["truth"])),
        load_texts(store, until),
        options_today(),
    )


def _encode(training: Training, folder: Path, beat: Beat) -> None:
    """Give everything a vector, once, before the first piece."""
    if folder.exists():
        return
    told = training.settings
    encoder = the_encoder(told["encoder"], told["encoder_weights"])
    until = told["discriminators_until"]
    encode_missing(lambda: encoder, _store(training), training.asked_at, beat, until)


def _store(training: Training) -> VectorStore:
    encoder = the_encoder(training.settings["encoder"], training.settings["encoder_weights"])
    return vector_store(encoder.name, encoder.dimensions)


def _keep(course: Course, kept: Path) -> None:
    """Put the model with what it read unseen, and the row's end, where they stay."""
    half = kept.with_name(f"{kept.name}.{os.getpid()}")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    used, card = course.used, _card(course)
    end: dict[str, Any] = {"chosen": LEFT_OUT, "made": {}, "card": card}
    if used is not None:
        shutil.copytree(course.model, half, dirs_exist_ok=True)
        save(used, half / HELD_OUT)
        made = {"folder": kept.name, "digest": learned_digest(half), "uses": card["uses"]}
        end = {"chosen": card["loss"], "made": made, "card": card}
    (half / END).write_text(json.dumps(end))
    shutil.rmtree(kept, ignore_errors=True)
    half.replace(kept)


def _card(course: Course) -> dict[str, Any]:
    data, plan = course.data, course.plan
    return {
        "data": {
            "hash": data.digest,
            "judged_products": len(data.judged),
            "pages": len(set(data.judged.pages.tolist())),
        },
        "seed": plan.seed,
        "folds": len(data.splits(plan)),
        "student_layers": plan.layers,
        "picture": plan.picture,
        "seconds": round(course.seconds, 1),
        **course.card,
    }
