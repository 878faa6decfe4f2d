"""The demo's pictures: every shape is drawn, equal looks are equal, different ones are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from seestocks.demo.captions import make_scenes, prompts
from seestocks.demo.catalogue import FAMILIES, KINDS
from seestocks.demo.pictures import COLOURS, PATTERNS, SHAPES, Look, draw
from seestocks.demo.pictures.shapes import read

BACKPACK = Look("backpack", "red", "cream", "plain", 1)


def pixels(look: Look, size: int = 96) -> NDArray[np.int16]:
    return np.asarray(draw(look, size), np.int16)


def difference(one: Look, other: Look) -> float:
    """Return the mean difference of the two pictures per channel, in 0–255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


def colour_in_the_middle(look: Look) -> NDArray[np.floating]:
    middle = pixels(look)[30:66, 30:66].reshape(-1, 3)
    return np.asarray(np.median(middle, axis=0))


def test_every_shape_lies_whole_on_white_and_fills_it() -> None:
    for shape in SHAPES:
        for seed in range(3):
            picture = pixels(Look(shape, "navy", "red", "plain", seed))
            assert picture.shape == (96, 96, 3)
            edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
            on_edge = (edge.min(axis=1) < 200).mean()
            assert on_edge < 0.04, f"{shape} is cut off"
            assert (picture.min(axis=2) < 200).mean() > 0.05, f"{shape} is too small"


def test_every_kind_of_the_shop_has_a_shape_and_colours_that_exist() -> None:
    for kind in KINDS.values():
        assert kind.shape in SHAPES
        assert set(kind.colours) <= set(COLOURS)
    for family in FAMILIES:
        assert set(family.colours) <= set(COLOURS)
        assert set(family.patterns) <= set(PATTERNS)


def test_equal_looks_give_equal_pictures_of_any_size() -> None:
    assert draw(BACKPACK) == draw(BACKPACK)
    assert draw(BACKPACK).size == (240, 240)
    reduced = np.asarray(draw(BACKPACK, 192).reduce(2), np.int16)
    assert np.abs(reduced - pixels(BACKPACK)).mean() < 5  # outlines are a little finer


def test_each_word_of_a_look_is_seen() -> None:
    for change in (
        {"shape": "duffel bag"},
        {"colour": "green"},
        {"accent": "navy"},
        {"pattern": "checks"},
        {"seed": 2},
    ):
        assert difference(BACKPACK, replace(BACKPACK, **change)) > 1.5, change


@pytest.mark.parametrize("pattern", [pattern for pattern in PATTERNS if pattern != "plain"])
def test_every_pattern_is_seen(pattern: str) -> None:
    plain = Look("jar", "white", "blue", "plain", 3)
    assert difference(plain, replace(plain, pattern=pattern)) > 0.8


def test_colours_are_as_they_are_called() -> None:
    for word, colour in COLOURS.items():
        seen = colour_in_the_middle(Look("pouch", word, "white", "plain", 5))
        nearest = min(COLOURS, key=lambda other: float(np.abs(seen - COLOURS[other]).sum()))
        assert nearest == word or np.abs(seen - colour).max() < 40, word


def siblings() -> Iterator[tuple[str, str]]:
    """Yield the pairs of different shapes within a family."""
    for family in FAMILIES:
        yield from combinations(sorted({kind.shape for kind in family.kinds}), 2)


def test_siblings_of_different_shape_look_different() -> None:
    for one, other in siblings():
        between = difference(
            Look(one, "blue", "yellow", "plain", 1), Look(other, "blue", "yellow", "plain", 1)
        )
        assert between > 3, f"{one} and {other}"


@pytest.mark.parametrize(
    ("look", "word"),
    [
        (replace(BACKPACK, shape="unicorn"), "unicorn"),
        (replace(BACKPACK, colour="mauve"), "mauve"),
        (replace(BACKPACK, pattern="fur"), "fur"),
    ],
)
def test_unknown_words_are_errors(look: Look, word: str) -> None:
    with pytest.raises(KeyError, match=word):
        draw(look)


def test_the_table_of_shapes_is_read_as_it_explains() -> None:
    shapes = read(
        "# a comment\n\n"
        "cup\n  box 10 20 30 40\n  line 0 0 10 10 w2 accent twice\n\n"
        "lid\n  oval 0 0 8 4\n"
    )
    body, line, mirrored = shapes["cup"]
    assert body.points.tolist() == [[10, 20], [30, 20], [30, 40], [10, 40]]
    assert (body.role, body.width) == ("body", 0)
    assert (line.role, line.width) == ("accent", 2)
    assert mirrored.points.tolist() == [[100, 0], [90, 10]]
    assert shapes["lid"][0].points.max(axis=0) == pytest.approx([8, 4])


def test_captions_speak_of_what_is_shown() -> None:
    scenes = make_scenes(20, np.random.default_rng(3))
    assert Counter(scene.kind.id for scene in scenes) == dict.fromkeys(KINDS, 20)
    assert [scene.caption for scene in make_scenes(20, np.random.default_rng(3))] == [
        scene.caption for scene in scenes
    ]
    for scene in scenes:
        named = scene.caption.lower()
        assert any(prompt.lower() in named for prompt in prompts(scene.kind)), named
    coloured = [scene for scene in scenes if f" {scene.look.colour} " in f" {scene.caption} "]
    assert len(coloured) > len(scenes) / 3
