"""How the image tower learns: its loss, its repeatability, its score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ranking.pipeline.torchvision_guard import guard_torchvision

guard_torchvision()

import torch  # noqa: E402  # after the guard, as what follows imports torchvision
from safetensors.torch import load_file  # noqa: E402

from ranking.learning.image_tower import (  # noqa: E402
    caption_loss,
    save_image_tower,
    train_image_tower,
    zero_shot_accuracy,
)

COLOURS = ["red", "green", "blue"]


def draw_square(number: int, chance: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste(COLOURS[number], (20, 20, 60 + int(chance.integers(20)), 70))
    return picture


def test_the_loss_falls_as_pictures_come_to_their_captions() -> None:
    texts = torch.eye(4)
    far, near = torch.ones(4, 4), torch.eye(4) + 0.1
    assert caption_loss(near, texts) < caption_loss(far, texts)
    assert caption_loss(torch.eye(4), texts).item() == pytest.approx(0, abs=1e-6)


def test_equal_captions_are_no_contrast_to_each_other() -> None:
    texts = torch.eye(4)[[0, 0, 1, 2]]
    assert caption_loss(texts.clone(), texts).item() == pytest.approx(0, abs=1e-6)


def test_equal_seeds_learn_equal_towers_and_other_seeds_others(tmp_path: Path) -> None:
    captions = [f"a {colour} square" for colour in COLOURS]
    towers = {}
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        path = tmp_path / name
        path.mkdir()
        tower = train_image_tower(captions, draw_square, steps=1, seed=seed)
        save_image_tower(tower, path / "image_tower.safetensors")
        towers[name] = (path / "SHA256SUMS").read_text().split()[0]
    assert towers["first"] == towers["again"] != towers["other"]
    saved = load_file(tmp_path / "first" / "image_tower.safetensors")
    assert {weight.dtype for weight in saved.values()} == {torch.float16, torch.int64}


def test_accuracy_is_counted_among_all_and_among_siblings() -> None:
    prompts = np.eye(4, dtype=np.float32)
    pictures = np.array(
        [[1, 0, 0, 0], [0.6, 0.8, 0, 0], [0, 0.1, 0.5, 0.9], [0, 0.9, 0, 0.4]], np.float32
    )
    truth = np.array([0, 0, 2, 3])
    groups = np.array([7, 7, 8, 8])  # 0 and 1 are siblings, and 2 and 3
    assert zero_shot_accuracy(pictures, truth, prompts, groups) == (0.25, 0.5)
