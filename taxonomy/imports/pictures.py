"""Pictures: checked in full before anything shows or encodes them, kept by their content."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import warnings
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
KEPT = {"JPEG", "PNG", "WEBP"}  # as they are, when they are small
BYTE_LIMIT = 10 << 20
PIXEL_LIMIT = 50_000_000  # a picture is decoded whole: at most 200 MB
SIDE_LIMIT = 640  # pixels; what is larger is scaled down


class PictureRefused(Exception):
    """A picture that cannot be used; the message is a sentence for people."""


def picture_folder() -> Path:
    """Return the folder below which the pictures lie."""
    return Path(settings.DATA) / "pictures"


def local_picture(folder: Path, link: str) -> Path:
    """Return the file that a link names below the folder; raises `PictureRefused`.

    Where a symbolic link leads is what counts, so that none leads out.
    """
    try:
        path = (folder / link).resolve()
        inside = path.is_relative_to(folder.resolve())
        found = inside and path.is_file()
        size = path.stat().st_size if found else 0
    except (OSError, ValueError, RuntimeError) as error:
        raise PictureRefused("The feed's path is not one of a file.") from error
    if not inside:
        raise PictureRefused("The feed's path leads out of the folder of pictures.")
    if not found:
        raise PictureRefused("The picture is missing from the folder of pictures.")
    if size > BYTE_LIMIT:
        raise PictureRefused(_too_large())
    return path


def store_picture(content: bytes) -> str:
    """Check a picture, keep it, and return where it lies below the folder of pictures.

    Pictures with a side over SIDE_LIMIT pixels, and GIFs, are drawn anew at that size; all
    others are kept byte for byte. Raises `PictureRefused`.
    """
    kept, suffix = _checked(content)
    digest = hashlib.sha256(kept).hexdigest()
    name = f"{digest[:2]}/{digest}.{suffix}"
    path = picture_folder() / name
    if not path.exists():
        _write(path, kept)
    return name


def _checked(content: bytes) -> tuple[bytes, str]:
    if len(content) > BYTE_LIMIT:
        raise PictureRefused(_too_large())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)  # odd metadata; the pixels decide
            return _decoded(content)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureRefused("The picture has too many pixels.") from error
    except Exception as error:
        raise PictureRefused("The picture is broken, or not a JPEG, PNG, WebP or GIF.") from error


def _decoded(content: bytes) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
        if image.width * image.height > PIXEL_LIMIT:
            raise Image.DecompressionBombError
        kind = image.format or ""
        image.load()  # all of it: a file cut short fails here
        if max(image.size) <= SIDE_LIMIT and kind in KEPT:
            return content, FORMATS[kind]
        return _redrawn(image)


def _redrawn(image: Image.Image) -> tuple[bytes, str]:
    clear = image.has_transparency_data
    small = ImageOps.exif_transpose(image).convert("RGBA" if clear else "RGB")
    small.thumbnail((SIDE_LIMIT, SIDE_LIMIT))
    target = io.BytesIO()
    if clear:
        small.save(target, "PNG")
        return target.getvalue(), "png"
    small.save(target, "JPEG", quality=90)
    return target.getvalue(), "jpg"


def _write(path: Path, content: bytes) -> None:
    """Write under another name first: a half-written picture must never be found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _too_large() -> str:
    return f"The picture is larger than {BYTE_LIMIT >> 20} MB."
