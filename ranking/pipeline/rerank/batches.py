"""Reads the products of a page in batches of like length.

A product's score has the same bits whatever is read beside it: rows and lengths are rounded up to
shapes at which no kernel sums in another order (found by trying; the tests try it again). So a
score that was kept is the one that would be read now. The price is a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from ranking.pipeline.data import Doubles, Floats, Ints
from ranking.pipeline.rerank.model import PairModel, expected_gain_log_odds
from ranking.pipeline.rerank.tokens import TokenIds

ROWS_AT_ONCE = 16  # small batches stay in a core's cache
ROWS_STEP = 4
LENGTH_STEP = 8


def read_pairs(
    model: PairModel,
    page: Sequence[int],
    products: TokenIds,
    pictures: Floats | None = None,
    page_picture: Floats | None = None,
) -> Doubles:
    """Return (N,) the log-odds of the products' expected gain on the page; see `read_logits`."""
    logits = read_logits(model, page, products, pictures, page_picture)
    return expected_gain_log_odds(logits).double().numpy()


def read_logits(
    model: PairModel,
    page: Sequence[int],
    products: TokenIds,
    pictures: Floats | None = None,
    page_picture: Floats | None = None,
) -> Tensor:
    """Return (N, 4) logits of the grades, in single precision, read on one thread.

    `page` are the ids of the page's text, `products` (N, L) those of the products', padded
    behind; `pictures` (N, D) and `page_picture` (D,) are needed if the model looks at them.
    """
    logits = torch.empty(len(products), 4)
    if not len(products):
        return logits
    ids = torch.from_numpy(products.astype(np.int64))
    seen = None if pictures is None else torch.from_numpy(pictures)
    looked = None if page_picture is None else torch.from_numpy(page_picture)
    with one_thread(), torch.inference_mode():
        prefix = model.read_page(torch.tensor(page), looked)
        for places, length in _batches(products, model.config.pad_token_id):
            padded = torch.from_numpy(np.resize(places, -(-len(places) // ROWS_STEP) * ROWS_STEP))
            beside = None if seen is None else seen[padded]
            read = model.read_products(prefix, ids[padded, :length], beside, looked)
            logits[places] = read[: len(places)].float()
    return logits


def _batches(products: TokenIds, padding: int) -> Iterator[tuple[Ints, int]]:
    """Yield places of products and the length at which they are read together."""
    lengths = (products != padding).sum(axis=1)
    rounded = np.minimum(-(-lengths // LENGTH_STEP) * LENGTH_STEP, products.shape[1])
    for length in np.unique(rounded).tolist():
        alike = np.flatnonzero(rounded == length)
        for start in range(0, len(alike), ROWS_AT_ONCE):
            yield alike[start : start + ROWS_AT_ONCE], length


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: two processes use two cores better, and sums keep their order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
