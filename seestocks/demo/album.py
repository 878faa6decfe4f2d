"""The demo shop's pictures, drawn by two processes; some are broken on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

from seestocks.demo.pictures import Look, draw
from seestocks.demo.products import Flaw, Offer

PROCESSES = 2
BATCH = 100
QUALITY = 88

Order = tuple[Look, str, bool]  # what to draw, below which path, and whether to break it


def draw_pictures(folder: Path, offers: list[Offer]) -> Iterator[int]:
    """Draw the offers' pictures below the folder; yield how many are done, batch by batch."""
    orders = [
        (offer.look, offer.picture_path, Flaw.BROKEN_PICTURE in offer.flaws)
        for offer in offers
        if not offer.flaws & {Flaw.WITHOUT_PICTURE, Flaw.LOST_PICTURE}
    ]
    batches = [orders[start : start + BATCH] for start in range(0, len(orders), BATCH)]
    # Spawned, not forked: whoever calls may have threads.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_draw_batch, [folder] * len(batches), batches)


def _draw_batch(folder: Path, orders: list[Order]) -> int:
    for look, name, broken in orders:
        picture = jpeg(look)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture[: len(picture) // 3] if broken else picture)
    return len(orders)


def jpeg(look: Look) -> bytes:
    """Return the drawn picture as the bytes of a JPEG; equal looks give equal bytes."""
    stream = BytesIO()
    draw(look).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
