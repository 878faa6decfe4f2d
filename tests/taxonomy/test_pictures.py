"""Pictures from a folder: checked, kept by content, and noted when they cannot be used."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from PIL import Image
from pytest_django.fixtures import Settings

from taxonomy.actions import ProductFigures, import_products
from taxonomy.imports.pictures import PictureRefused, picture_folder, store_picture
from taxonomy.models import Product


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    return folder


def drawn(size: tuple[int, int] = (8, 8), kind: str = "PNG", mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "teal").save(target, kind)
    return target.getvalue()


def bring(images: Path, *links: str) -> ProductFigures:
    rows = "".join(f"{n}\tLamp\t{link}\n" for n, link in enumerate(links))
    feed = images.parent / "feed.tsv"
    feed.write_text("id\ttitle\timage_link\n" + rows)
    return import_products(feed, retailer="Shop", images=images)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_small_picture_is_kept_byte_for_byte_under_its_content(kind: str) -> None:
    content = drawn(kind=kind)
    name = store_picture(content)
    assert (picture_folder() / name).read_bytes() == content
    assert name[:2] == name[3:5]
    assert store_picture(content) == name


def test_a_large_picture_is_scaled_down_in_proportion() -> None:
    name = store_picture(drawn((1_280, 640)))
    with Image.open(picture_folder() / name) as kept:
        assert (kept.size, kept.format) == ((640, 320), "JPEG")


def test_a_large_picture_with_transparency_keeps_it() -> None:
    name = store_picture(drawn((700, 10), mode="RGBA"))
    with Image.open(picture_folder() / name) as kept:
        assert (kept.mode, kept.format, kept.width) == ("RGBA", "PNG", 640)


def test_a_gif_becomes_a_still_picture() -> None:
    assert store_picture(drawn(kind="GIF")).endswith((".jpg", ".png"))


def bomb() -> bytes:
    """Return a PNG of a few bytes that says it is 30,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"", "broken, or not a"),
        (b"<svg/>", "broken, or not a"),
        (drawn((64, 64), "BMP"), "broken, or not a"),
        (drawn((64, 64), "JPEG")[:-200], "broken, or not a"),
        (bomb(), "too many pixels"),
        (drawn((9_000, 6_000)), "too many pixels"),
        (drawn() + b"\0" * (10 << 20), "larger than 10 MB"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_with_a_sentence(
    content: bytes, note: str
) -> None:
    with pytest.raises(PictureRefused, match=note):
        store_picture(content)
    assert not picture_folder().exists()


@effort(deadline=None)  # pictures are decoded: slow on a busy machine
@given(st.binary(max_size=40), st.integers(0, 80))
def test_no_bytes_break_the_check(noise: bytes, place: int) -> None:
    content = drawn()
    try:
        store_picture(content[:place] + noise + content[place:])
    except PictureRefused as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017  both outcomes are right


@pytest.mark.django_db
def test_products_get_their_pictures_and_the_rest_lands_with_a_note(
    images: Path, tmp_path: Path
) -> None:
    (images / "sub").mkdir()
    (images / "sub" / "lamp.png").write_bytes(drawn())
    (images / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "secret.png").write_bytes(drawn())
    (images / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(images / "pipe.png")
    links = (
        *("sub/lamp.png", "missing.png", "broken.jpg", "../secret.png"),
        *(str(tmp_path / "secret.png"), "link.png", "pipe.png", "sub"),
        *("file:///etc/passwd", "//host/x.png", "", "n" * 300),
    )
    assert bring(images, *links).created == len(links)
    notes = {p.image_link: (p.picture_state, p.picture_note) for p in Product.objects.all()}
    outside = ("failed", "The feed's path leads out of the folder of pictures.")
    missing = ("failed", "The picture is missing from the folder of pictures.")
    assert notes == {
        "sub/lamp.png": ("ready", ""),
        "missing.png": missing,
        "broken.jpg": ("failed", "The picture is broken, or not a JPEG, PNG, WebP or GIF."),
        "../secret.png": outside,
        str(tmp_path / "secret.png"): outside,
        "link.png": outside,
        "pipe.png": missing,
        "sub": missing,
        "file:///etc/passwd": ("failed", "Only http and https addresses of pictures are fetched."),
        "//host/x.png": ("failed", "Only http and https addresses of pictures are fetched."),
        "": ("none", ""),
        "n" * 300: ("failed", "The feed's path is not one of a file."),
    }
    lamp = Product.objects.get(image_link="sub/lamp.png")
    assert (picture_folder() / lamp.picture).is_file()


@pytest.mark.django_db
def test_a_picture_that_appears_or_changes_is_noticed(images: Path) -> None:
    assert bring(images, "lamp.png").created == 1
    (images / "lamp.png").write_bytes(drawn())
    assert bring(images, "lamp.png").updated == 1
    first = Product.objects.get().picture
    assert bring(images, "lamp.png").unchanged == 1
    (images / "lamp.png").write_bytes(drawn((9, 9)))
    assert bring(images, "lamp.png").updated == 1
    assert Product.objects.get().picture not in ("", first)
