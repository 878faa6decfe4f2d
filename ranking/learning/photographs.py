"""Teaches the image tower a shop's own photographs, by what their categories are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from safetensors.torch import load_file
from torch.nn import functional

from ranking.learning.image_tower import BATCH, SCALE, Step, fit, read_captions
from ranking.pipeline.data import Ints
from ranking.pipeline.embedded_encoder import IMAGE_TOWER, build_model, transform

LARGE = 144  # pixels: each photograph as a square, of which a part is shown
SHOWN = 96  # pixels of the tower's input
SMALLEST_PART = 0.35  # of a photograph's area that is shown
STRETCH, TURN, LIGHT = 0.25, 0.3, 0.3  # logarithm of width by height, radians, share


def train_on_photographs(
    photographs: Callable[[int], Image.Image],
    belongs: Ints,
    captions: Sequence[Sequence[str]],
    *,
    steps: int,
    seed: int,
    from_nothing: bool = False,
    watch: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Any:
    """Return an image tower trained on `steps` batches of 128 photographs.

    `photographs(n)` opens the n-th of N, `belongs` (N,) is the place of its class in `captions`,
    which has all ways to say each class. The text tower is frozen (LiT, Zhai et al. 2022); the
    loss is the cross-entropy over all classes, each said in one of its ways, drawn anew for every
    batch. Rare classes are shown more often than they are. Starts from the shipped tower, or
    from nothing. Equal seeds give equal towers on one machine and thread.
    """
    torch.manual_seed(seed)
    model = build_model()
    if not from_nothing:
        model.visual.load_state_dict(load_file(IMAGE_TOWER))
    ways = [torch.from_numpy(read_captions(model, its)) for its in captions]

    def batches(chance: np.random.Generator) -> Iterator[Step]:
        prepare = transform()
        odds = 1 / np.sqrt(np.bincount(belongs, minlength=len(captions))[belongs])
        for _ in watch(range(steps)):
            chosen = chance.choice(len(belongs), size=BATCH, p=odds / odds.sum())
            shown = [varied(photographs(int(number)), chance) for number in chosen]
            texts = torch.stack([way[int(chance.integers(len(way)))] for way in ways])  # (C, D)
            truth = torch.from_numpy(belongs[chosen])
            yield torch.stack(list(map(prepare, shown))), _class_loss(texts, truth)

    return fit(model.visual, batches(np.random.default_rng(seed)), steps)


def varied(photograph: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return a part of the photograph as a square, perhaps mirrored, turned, stretched, and in
    another light; colours keep their hue, by which things are told apart."""
    square = ImageOps.pad(photograph, (LARGE, LARGE), color="white")
    size = np.sqrt(chance.uniform(SMALLEST_PART, 1))
    stretch = np.exp(chance.uniform(-STRETCH, STRETCH) / 2)
    sides = np.minimum([size * stretch, size / stretch], 1)
    centre = 0.5 + (1 - sides) / 2 * chance.uniform(-1, 1, 2)
    mirror = chance.choice([-1, 1])
    turn = chance.uniform(-TURN, TURN)
    step = sides * LARGE / SHOWN
    across = mirror * step[0] * np.cos(turn), -step[1] * np.sin(turn)
    down = mirror * step[0] * np.sin(turn), step[1] * np.cos(turn)
    half = SHOWN / 2
    corner = [c * LARGE - half * (a + b) for c, (a, b) in zip(centre, (across, down), strict=True)]
    part = square.transform(
        (SHOWN, SHOWN),
        Image.Transform.AFFINE,
        (*across, corner[0], *down, corner[1]),
        Image.Resampling.BILINEAR,
        fillcolor="white",
    )
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast):
        part = enhance(part).enhance(chance.uniform(1 - LIGHT, 1 + LIGHT))
    return part


def _class_loss(texts: torch.Tensor, truth: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    def loss(features: torch.Tensor) -> torch.Tensor:
        pictures = functional.normalize(features, dim=-1)
        return functional.cross_entropy(SCALE * pictures @ texts.T, truth)

    return loss
