"""Teach the embedded encoder a shop's own photographs. For workers: loads models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from django.conf import settings

from ranking.pipeline.data import Bools, Ints
from ranking.pipeline.encode import EMBEDDED, load_encoder
from ranking.pipeline.torchvision_guard import guard_torchvision
from ranking.queries.photographs import photographs_of, ways_to_say
from taxonomy.models import Category

LARGEST = 144  # pixels: photographs are opened no larger than twice that
FEWEST = 2  # classes: with one there is nothing to tell apart


class NothingToLearn(Exception):
    """There are too few photographs whose category is known; the message says so."""


@dataclass(frozen=True)
class Figures:
    """What was learned from, and how many of the photographs held out find their category by
    its texts: None where nothing was held out."""

    photographs: int
    held_out: int
    categories: int
    steps: int
    seconds: float
    accuracy: float | None
    accuracy_among_siblings: float | None
    weights: str  # the file, as SEESTOCKS_ENCODER_WEIGHTS takes it


@dataclass(frozen=True, eq=False)
class Album:
    """N photographs, and the place of each one's category among C."""

    paths: list[Path]
    belongs: Ints  # (N,)
    categories: list[int]  # (C,) ids, ascending

    @classmethod
    def of(cls, placed: Mapping[int, int]) -> Album:
        """Return the photographs of the products placed. Raises NothingToLearn."""
        paths = photographs_of(placed)
        categories = sorted({placed[product] for product in paths})
        if len(categories) < FEWEST:
            raise NothingToLearn(
                "There are no photographs of two categories: file or judge some products that"
                " have a picture, or name a file with --labels."
            )
        place = {category: at for at, category in enumerate(categories)}
        belongs = np.array([place[placed[product]] for product in paths], np.int64)
        return cls(list(paths.values()), belongs, categories)


def train_on_products(
    placed: Mapping[int, int],
    name: str,
    *,
    steps: int,
    seed: int,
    held_out: float = 0.0,
    from_nothing: bool = False,
    watch: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Figures:
    """Train the image tower on pictures of the products placed (product id → category id) and
    keep it below SEESTOCKS_DATA/models/`name`.

    `held_out` is the share of the photographs that the figures are measured on and that is not
    learned from. Raises NothingToLearn.
    """
    guard_torchvision()
    import torch

    from ranking.learning.image_tower import save_image_tower
    from ranking.learning.photographs import train_on_photographs
    from ranking.pipeline.open_clip_encoder import open_picture

    torch.set_num_threads(settings.SEESTOCKS_THREADS)
    began, album = monotonic(), Album.of(placed)
    out = np.random.default_rng(seed).random(len(album.paths)) < held_out
    learned = np.flatnonzero(~out)
    ways = ways_to_say(album.categories)
    tower = train_on_photographs(
        lambda number: open_picture(album.paths[learned[number]], LARGEST),
        album.belongs[learned],
        [ways[category] for category in album.categories],
        steps=steps,
        seed=seed,
        from_nothing=from_nothing,
        watch=watch,
    )
    folder = settings.DATA / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    save_image_tower(tower, folder / "image_tower.safetensors")
    weights = str(folder / "image_tower.safetensors")
    seconds = round(monotonic() - began, 1)
    accuracy, among_siblings = _accuracy(weights, album, out, ways)
    return Figures(
        photographs=len(learned),
        held_out=int(out.sum()),
        categories=len(album.categories),
        steps=steps,
        seconds=seconds,
        accuracy=accuracy,
        accuracy_among_siblings=among_siblings,
        weights=weights,
    )


def _accuracy(
    weights: str, album: Album, out: Bools, ways: Mapping[int, list[str]]
) -> tuple[float | None, float | None]:
    """How many of the photographs held out find their category by its texts: among all, among
    its siblings."""
    from ranking.learning.image_tower import zero_shot_accuracy

    if not out.any():
        return None, None
    encoder = load_encoder(EMBEDDED, weights, threads=settings.SEESTOCKS_THREADS)
    means = np.stack([encoder.texts(ways[pk]).mean(axis=0) for pk in album.categories])
    parents = dict(Category.objects.filter(pk__in=album.categories).values_list("pk", "parent"))
    pictures = encoder.images([album.paths[number] for number in np.flatnonzero(out)])
    found = zero_shot_accuracy(
        pictures,
        album.belongs[out],
        means / np.linalg.norm(means, axis=1, keepdims=True),
        np.array([parents[pk] or 0 for pk in album.categories], np.int64),
    )
    return round(found[0], 3), round(found[1], 3)
