"""Says in words what the demo's pictures show: what the embedded image tower learns from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from PIL import Image

from seestocks.demo.catalogue import FAMILY_OF, KINDS, PATHS, Kind
from seestocks.demo.items import PATTERNED
from seestocks.demo.pictures import COLOURS, PATTERNS, Look, draw

T = TypeVar("T")

# The shop's own pictures have seeds below; those of training and of the held-out test above.
TRAINING_SEEDS = (10**6, 2**31)
FIRST_HELD_OUT_SEED = 2**31
# Drawn larger than the tower's input, and reduced as a shop's pictures are.
SIZE = 144


@dataclass(frozen=True)
class Scene:
    """A kind of product with a look, but for its proportions, and a caption that fits it."""

    kind: Kind
    look: Look
    caption: str


def make_scene(kind: Kind, chance: np.random.Generator) -> Scene:
    """Return one scene of a kind: mostly in its usual colours and patterns, sometimes in any."""
    family = FAMILY_OF[kind.id]
    usual = chance.random() < 0.7
    colour = _one(chance, (kind.colours or family.colours) if usual else tuple(COLOURS))
    accent = _one(chance, [other for other in COLOURS if other != colour])
    pattern = _one(chance, family.patterns if usual else PATTERNS)
    look = Look(kind.shape, colour, accent, pattern, 0)
    return Scene(kind, look, _one(chance, _WAYS)(kind, look, chance))


def draw_scene(scene: Scene, chance: np.random.Generator, size: int = SIZE) -> Image.Image:
    """Return a picture of the scene in proportions of its own."""
    return draw(replace(scene.look, seed=int(chance.integers(*TRAINING_SEEDS))), size)


def draw_held_out(scene: Scene, number: int) -> Image.Image:
    """Return the `number`-th picture of the test, as large as the shop's and never trained on."""
    return draw(replace(scene.look, seed=FIRST_HELD_OUT_SEED + number))


def prompts(kind: Kind) -> list[str]:
    """Return the texts that stand for a category when a picture is to find its own."""
    return [google_name(kind), *kind.nouns]


def google_name(kind: Kind) -> str:
    """Return what Google, or the shop where the node is its own, calls the category."""
    return PATHS[kind.id][-1] if kind.id in PATHS else kind.nouns[0]


def _noun(kind: Kind, _: Look, chance: np.random.Generator) -> str:
    return _one(chance, kind.nouns)


def _named(kind: Kind, _: Look, __: np.random.Generator) -> str:
    return google_name(kind)


def _photo(kind: Kind, _: Look, chance: np.random.Generator) -> str:
    return f"a photo of a {_one(chance, kind.nouns).lower()}"


def _coloured(kind: Kind, look: Look, chance: np.random.Generator) -> str:
    return f"{_appearance(look)} {_one(chance, kind.nouns).lower()}"


def _title(kind: Kind, look: Look, chance: np.random.Generator) -> str:
    family = FAMILY_OF[kind.id]
    appearance = _appearance(look)
    if materials := kind.materials or family.materials:
        appearance += f" {_one(chance, materials)}"
    name = f"{_one(chance, family.brands)} {_one(chance, kind.nouns)}"
    return f"{name}, {_one(chance, kind.tells)}, {appearance}"


def _appearance(look: Look) -> str:
    return f"{PATTERNED.get(look.pattern, '')} {look.colour}".strip()


def _one(chance: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(chance.integers(len(choices)))]


Way = Callable[[Kind, Look, np.random.Generator], str]
_WAYS: tuple[Way, ...] = (_noun, _named, _photo, _coloured, _coloured, _title, _title)


def make_scenes(per_kind: int, chance: np.random.Generator) -> list[Scene]:
    """Return `per_kind` scenes of every kind that the demo shop sells."""
    return [make_scene(kind, chance) for kind in KINDS.values() for _ in range(per_kind)]
