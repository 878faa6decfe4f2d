"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file under another name first, so that nobody ever reads half of it."""
    half = path.with_name(f"{path.name}.{os.getpid()}")
    save(half)
    half.replace(path)
