"""manage.py train_image_tower: makes the weights of the embedded encoder's image tower anew."""

from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from ranking.pipeline.encode import Encoder, load_encoder

SCENES_PER_KIND = 60


@dataclass(frozen=True)
class Figures:
    """What was trained, and how well it finds the category of pictures that it never saw."""

    steps: int
    pictures: int
    seconds: float
    held_out: int
    categories: int
    accuracy: float
    accuracy_among_siblings: float
    megabytes: float


class Command(BaseCommand):
    help = "Train the embedded encoder's image tower on freshly drawn pictures and save it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--steps", type=int, default=1200, help="batches of 128 pictures")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        figures = asdict(train(options["steps"], options["seed"]))
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in figures.items()))


def train(steps: int, seed: int) -> Figures:
    """Train, save over the shipped weights, and test what was saved."""
    # Loaded here, with torch behind it, so that the other commands start quickly.
    from ranking.pipeline.torchvision_guard import guard_torchvision

    guard_torchvision()
    import torch

    from ranking.learning.image_tower import BATCH, save_image_tower, train_image_tower
    from ranking.pipeline.embedded_encoder import IMAGE_TOWER
    from seestocks.demo.captions import draw_scene, make_scenes

    torch.set_num_threads(settings.SEESTOCKS_THREADS)
    began = monotonic()
    scenes = make_scenes(SCENES_PER_KIND, np.random.default_rng(seed))
    tower = train_image_tower(
        [scene.caption for scene in scenes],
        lambda number, chance: draw_scene(scenes[number], chance),
        steps=steps,
        seed=seed,
        watch=lambda numbers: tqdm(numbers, disable=None, unit="batch"),
    )
    save_image_tower(tower, IMAGE_TOWER)
    seconds = monotonic() - began
    tested = zero_shot(load_encoder(threads=settings.SEESTOCKS_THREADS))
    return Figures(
        steps=steps,
        pictures=steps * BATCH,
        seconds=round(seconds, 1),
        megabytes=round(IMAGE_TOWER.stat().st_size / 1e6, 2),
        **tested,
    )


def zero_shot(encoder: Encoder, per_kind: int = 5, seed: int = 2) -> dict[str, Any]:
    """Return the zero-shot accuracy on JPEGs of looks and proportions that nobody trained on."""
    from ranking.learning.image_tower import zero_shot_accuracy
    from seestocks.demo.captions import draw_held_out, make_scenes, prompts
    from seestocks.demo.catalogue import FAMILIES, FAMILY_OF, KINDS

    kinds = list(KINDS.values())
    scenes = make_scenes(per_kind, np.random.default_rng(seed))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(len(scenes))]
        for number, (scene, path) in enumerate(zip(scenes, paths, strict=True)):
            draw_held_out(scene, number).save(path, quality=85)
        pictures = encoder.images(paths)
    means = np.stack([encoder.texts(prompts(kind)).mean(0) for kind in kinds])
    accuracy, among_siblings = zero_shot_accuracy(
        pictures,
        np.repeat(np.arange(len(kinds)), per_kind),
        means / np.linalg.norm(means, axis=1, keepdims=True),
        np.array([FAMILIES.index(FAMILY_OF[kind.id]) for kind in kinds]),
    )
    return {
        "held_out": len(scenes),
        "categories": len(kinds),
        "accuracy": round(accuracy, 3),
        "accuracy_among_siblings": round(among_siblings, 3),
    }
