"""The image tower learns a shop's own photographs, and what it became can be loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image
from pytest_django import Settings

from ranking.pipeline.torchvision_guard import guard_torchvision

guard_torchvision()

from ranking.learning import image_tower, photographs  # noqa: E402  # after the guard
from ranking.learning.photographs import varied  # noqa: E402  # as above
from ranking.pipeline.embedded_encoder import IMAGE_TOWER  # noqa: E402  # as above
from ranking.pipeline.encode import EncoderError, load_encoder  # noqa: E402  # as above
from ranking.queries.photographs import (  # noqa: E402  # as above
    photographs_of,
    surely_placed,
    ways_to_say,
)
from taxonomy.actions.discriminators import write_revision  # noqa: E402  # as above
from taxonomy.models import Category, Filing, PictureState, Product  # noqa: E402  # as above
from tests.commands import run  # noqa: E402  # as above
from tests.factories import make_category, make_judgment, make_product  # noqa: E402  # as above

pytestmark = pytest.mark.django_db
COLOURS = {"Cherries": "red", "Limes": "green"}


@pytest.fixture
def fruit(settings: Settings, tmp_path: Path) -> dict[str, Category]:
    """Return two categories with four pictured products in each."""
    settings.DATA = tmp_path
    (tmp_path / "pictures").mkdir()
    parent = make_category("Fruit")
    found = {name: make_category(name, parent) for name in COLOURS}
    for name, colour in COLOURS.items():
        for number in range(4):
            picture = f"{name}{number}.jpg"
            Image.new("RGB", (90 + number, 60), colour).save(tmp_path / "pictures" / picture)
            make_product(filed_under=found[name], picture=picture, picture_state=PictureState.READY)
    return found


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "BATCH", 4)


def test_people_count_before_feeds_and_doubtful_filings_not_at_all(
    fruit: dict[str, Category],
) -> None:
    cherries, limes = fruit.values()
    first, second, *_ = Product.objects.order_by("id")
    Filing.objects.create(product=first, category=limes, source="person")
    make_judgment(limes, second, 3)
    unsure = make_product()
    Filing.objects.create(product=unsure, category=limes, source="feed", confidence=0.5)
    guessed = make_product()
    Filing.objects.create(product=guessed, category=limes, source="model", confidence=1.0)
    placed = surely_placed()
    assert (placed[first.pk], placed[second.pk]) == (limes.pk, limes.pk)
    assert sum(category == cherries.pk for category in placed.values()) == 2
    assert not {unsure.pk, guessed.pk} & placed.keys()


def test_products_without_a_picture_are_passed_over(fruit: dict[str, Category]) -> None:
    bare = make_product(filed_under=fruit["Limes"])
    assert bare.pk not in photographs_of(surely_placed())
    assert len(photographs_of(surely_placed())) == 8


def test_a_category_is_said_by_its_name_and_its_live_texts(fruit: dict[str, Category]) -> None:
    cherries, limes = fruit.values()
    write_revision(limes, None, "small, green\nsour", based_on=0, live=True, by=None)
    write_revision(limes, cherries, "no stone", based_on=0, live=False, by=None)
    ways = ways_to_say([limes.pk])[limes.pk]
    assert ways == ["Limes", "a photo of a Limes", "small, green", "sour"]


def test_a_varied_photograph_keeps_its_colours_and_the_towers_size() -> None:
    chance = np.random.default_rng(3)
    for _ in range(20):
        shown = np.asarray(varied(Image.new("RGB", (200, 200), (200, 40, 40)), chance))
        assert shown.shape == (96, 96, 3)
        red, green, blue = shown[48, 48].tolist()
        assert red > 2 * max(green, blue)


@pytest.mark.long
def test_a_tower_is_trained_saved_and_loaded_beside_the_shipped_one(
    fruit: dict[str, Category], tmp_path: Path
) -> None:
    figures = run(
        "train_image_tower", "--products", "--name", "fruit", "--steps", 2, "--held-out", 0.4
    ).figures
    assert (figures["categories"], figures["steps"]) == (2, 2)
    assert figures["photographs"] + figures["held_out"] == 8
    assert 0 <= figures["accuracy"] <= figures["accuracy_among_siblings"] <= 1
    assert figures["weights"] == str(tmp_path / "models" / "fruit" / "image_tower.safetensors")
    own, shipped = load_encoder(weights=figures["weights"]), load_encoder()
    assert own.name != shipped.name
    picture = [tmp_path / "pictures" / "Limes0.jpg"]
    assert not np.allclose(own.images(picture), shipped.images(picture), atol=1e-3)
    assert np.allclose(own.texts(["limes"]), shipped.texts(["limes"]))


def test_the_shipped_weights_are_not_touched(fruit: dict[str, Category]) -> None:
    before = IMAGE_TOWER.read_bytes()
    run("train_image_tower", "--products", "--steps", 2, "--held-out", 0)
    assert IMAGE_TOWER.read_bytes() == before


@pytest.mark.long
def test_labels_in_a_file_are_learned_instead(fruit: dict[str, Category], tmp_path: Path) -> None:
    offers = Product.objects.order_by("id").values_list("offer_id", flat=True)[2:6]
    ids = [one.pk for one in fruit.values() for _ in range(2)]
    lines = [f"{offer},{pk}" for offer, pk in zip(offers, ids, strict=True)]
    (tmp_path / "labels.csv").write_text("\n".join(["offer_id,category_id", *lines]))
    ran = run(
        *("train_image_tower", "--labels", tmp_path / "labels.csv"),
        *("--steps", 2, "--held-out", 0, "--from-nothing"),
    )
    assert (ran.figures["photographs"], ran.figures["accuracy"]) == (4, None)


def test_one_category_is_nothing_to_learn_from(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    with pytest.raises(CommandError, match="no photographs of two categories"):
        call_command("train_image_tower", "--products")


def test_a_name_never_leaves_the_folder_of_models() -> None:
    with pytest.raises(CommandError, match="--name takes letters"):
        call_command("train_image_tower", "--products", "--name", "../elsewhere")


def test_weights_without_their_checksum_are_refused(tmp_path: Path) -> None:
    (tmp_path / "image_tower.safetensors").write_bytes(IMAGE_TOWER.read_bytes())
    with pytest.raises(EncoderError, match="checksum"):
        load_encoder(weights=str(tmp_path / "image_tower.safetensors"))
    (tmp_path / "SHA256SUMS").write_text("0" * 64)
    with pytest.raises(EncoderError, match="damaged"):
        load_encoder(weights=str(tmp_path / "image_tower.safetensors"))


def test_equal_seeds_learn_equal_towers(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (96, 96), colour) for colour in COLOURS.values()]
    sums = []
    for number in range(2):
        tower = photographs.train_on_photographs(
            lambda n: pictures[n], np.array([0, 1]), [["cherries"], ["limes"]], steps=1, seed=5
        )
        folder = tmp_path / str(number)
        folder.mkdir()
        image_tower.save_image_tower(tower, folder / "image_tower.safetensors")
        sums.append((folder / "SHA256SUMS").read_text())
    assert sums[0] == sums[1]
