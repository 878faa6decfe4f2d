"""Decoding pictures: checked in full, and drawn anew where they are too large."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
KEPT = {"JPEG", "PNG", "WEBP"}  # as they are, when they are small
PIXEL_LIMIT = 50_000_000  # a picture is decoded whole: at most 200 MB
SIDE_LIMIT = 640  # pixels; what is larger is scaled down


class BadPicture(Exception):
    """A picture that cannot be used; the message is a sentence for people."""


def checked(content: bytes) -> tuple[bytes, str]:
    """Return a picture as it is to be kept, and its suffix; raises `BadPicture`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)  # odd metadata; the pixels decide
            return _decoded(content)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadPicture("The picture has too many pixels.") from error
    except Exception as error:
        raise BadPicture("The picture is broken, or not a JPEG, PNG, WebP or GIF.") from error


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
