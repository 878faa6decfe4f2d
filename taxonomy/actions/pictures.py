"""Which picture a product has: from a folder at once, from an address by a worker later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from taxonomy.imports.pictures import PictureRefused, local_picture, store_picture
from taxonomy.models import PictureState, Product

LINK_LIMIT = 2_000
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a product's picture, as its columns hold it."""

    state: PictureState
    name: str = ""
    note: str = ""


def picture_of(link: str, images: Path | None, before: Product | None) -> Picture:
    """Return the picture that a feed's `link` gives a product; bad ones are noted, not raised.

    `before` is the product as it stands: an address whose picture is ready is not fetched anew.
    """
    if not link:
        return Picture(PictureState.NONE)
    if len(link) > LINK_LIMIT:
        return _failed(f"The picture's address is longer than {LINK_LIMIT:,} characters.")
    if ADDRESS.match(link):
        if before and before.image_link == link and before.picture_state == PictureState.READY:
            return Picture(PictureState.READY, before.picture)
        return Picture(PictureState.WAITING)
    if SCHEME.match(link):
        return _failed("Only http and https addresses of pictures are fetched.")
    if images is None:
        return _failed("The feed names a file, but no folder of pictures was given.")
    try:
        path = local_picture(images, link)
        return Picture(PictureState.READY, store_picture(path.read_bytes()))
    except PictureRefused as refusal:
        return _failed(str(refusal))
    except OSError:
        return _failed("The picture could not be read.")


def picture_stamp(link: str, images: Path | None) -> tuple[int, int] | None:
    """Return size and time of the file that a link names, so that a new one is noticed."""
    if images is None or not link or SCHEME.match(link):
        return None
    try:
        status = (images / link).stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _failed(note: str) -> Picture:
    return Picture(PictureState.FAILED, note=note)
