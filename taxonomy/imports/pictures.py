"""Pictures: checked in full before anything shows or encodes them, kept by their content."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

BYTE_LIMIT = 10 << 20


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
    if len(content) > BYTE_LIMIT:
        raise PictureRefused(_too_large())
    # Here, for workers and commands: the web process loads no Pillow.
    from taxonomy.imports.pixels import BadPicture, checked

    try:
        kept, suffix = checked(content)
    except BadPicture as error:
        raise PictureRefused(str(error)) from error
    digest = hashlib.sha256(kept).hexdigest()
    name = f"{digest[:2]}/{digest}.{suffix}"
    path = picture_folder() / name
    if not path.exists():
        _write(path, kept)
    return name


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
