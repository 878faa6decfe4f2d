"""manage.py train_image_tower: makes the weights of the embedded encoder's image tower anew."""

from __future__ import annotations

import json
import re
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ranking.pipeline.encode import Encoder, load_encoder
from taxonomy.imports.rejects import Unreadable

if TYPE_CHECKING:
    from ranking.actions.train import Figures as PhotographFigures

SCENES_PER_KIND = 60
NAME = re.compile(r"\w[\w.-]*", re.ASCII)


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
    help = (
        "Train the embedded encoder's image tower on freshly drawn pictures and save it over the "
        "shipped one. With --products or --labels, train on the shop's own photographs instead, "
        "and save below SEESTOCKS_DATA/models what SEESTOCKS_ENCODER_WEIGHTS can name."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--steps", type=int, default=1200, help="batches of 128 pictures")
        parser.add_argument("--seed", type=int, default=1)
        own = parser.add_mutually_exclusive_group()
        own.add_argument(
            "--products",
            action="store_true",
            help="learn from the pictures of products that are surely filed or judged right",
        )
        own.add_argument(
            "--labels", metavar="FILE", help="or of those in a CSV: offer_id,category_id"
        )
        parser.add_argument("--name", default="photographs", help="of the folder below models")
        parser.add_argument(
            "--held-out", type=float, default=0.1, help="share of photographs to measure on"
        )
        parser.add_argument(
            "--from-nothing", action="store_true", help="start with untrained weights"
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        own = options["products"] or options["labels"]
        figures = asdict(
            self._photographs(options) if own else train(options["steps"], options["seed"])
        )
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in figures.items()))

    def _photographs(self, options: dict[str, Any]) -> PhotographFigures:
        from ranking.actions.train import NothingToLearn, train_on_products
        from ranking.queries.photographs import surely_placed
        from ranking.queries.truth import truth_in

        if not NAME.fullmatch(options["name"]):
            raise CommandError("--name takes letters, digits, dots, dashes and underscores.")
        try:
            labels = options["labels"]
            placed = truth_in(labels, None, self.stderr.write) if labels else surely_placed()
            return train_on_products(
                placed,
                options["name"],
                steps=options["steps"],
                seed=options["seed"],
                held_out=options["held_out"],
                from_nothing=options["from_nothing"],
                watch=_watch,
            )
        except (NothingToLearn, Unreadable) as error:
            raise CommandError(str(error)) from error


def _watch(numbers: Iterable[int]) -> Iterable[int]:
    shown: Iterable[int] = tqdm(numbers, disable=None, unit="batch")
    return shown


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
        watch=_watch,
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
