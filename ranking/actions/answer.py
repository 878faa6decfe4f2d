"""Answer previews: which products would change sides. For workers: loads arrays and the encoder."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

import numpy as np
from django.db.models import Max
from django.utils import timezone

from judgments.models import Judgment
from ranking.actions.fences import confused_pair
from ranking.actions.prepare import the_encoder
from ranking.actions.suggest import NothingRanked
from ranking.models import ConfusedPair, Preview, PreviewState
from ranking.pipeline.data import Doubles, Floats, Ints
from ranking.pipeline.disambiguate import Fence, Head, Lines, Texts
from ranking.pipeline.encode import EncoderError
from ranking.pipeline.retrieve import product_line, prompts
from ranking.queries.inputs import load_head, vector_store
from ranking.queries.texts import lone_lines
from ranking.queries.verdicts import verdicts
from ranking.vectors import picture_key, text_key
from taxonomy.models import Category, PictureState

logger = logging.getLogger(__name__)

COLUMNS = (
    *("product", "before", "margin", "product__title", "product__description"),
    *("product__picture", "product__picture_state"),
)
SHOWN = 24  # products listed on each side
FAILED = "It could not be worked out. Saving the texts still works; the worker's log says more."


@dataclass(frozen=True, eq=False)
class Bench:
    """A pair's N fence products, made ready to be asked about text after text."""

    first: int
    second: int
    products: Ints  # (N,) ids
    fence: Fence
    before: Doubles  # (N,) log-odds for the first, without texts
    today: Doubles  # (N,) and with those of the run
    truth: Ints  # (N,) what people say: 1 the first, -1 the second, 0 nothing
    head: Head
    encoder: tuple[str, str]  # its name and weights

    def then(self, first_lines: list[str], second_lines: list[str]) -> Doubles:
        """Return (N,) the log-odds with these lines; a side without any falls back as in a run."""
        pair = (self.first, self.second)
        said = {pair: first_lines, pair[::-1]: second_lines}
        texts = Texts(
            {sides: self._lines(lines) for sides, lines in said.items() if lines},
            {one: self._lines(lines) for one, lines in lone_lines().items() if one in pair},
            {
                one.pk: self._lines(prompts(one.name))
                for one in Category.objects.filter(pk__in=pair)
            },
        )
        if not texts.tell_apart(*pair):
            return self.before
        sides = texts.side(*pair), texts.side(*pair[::-1])
        return self.fence.margins(self.before, *sides, self.head)

    def _lines(self, lines: list[str]) -> Lines:
        return Lines(tuple(lines), np.stack([_vector(*self.encoder, line) for line in lines]))


def answer(preview_id: int) -> None:
    """Answer a preview that waits; a second bell for it finds nothing to do."""
    preview = Preview.objects.filter(pk=preview_id, state=PreviewState.WAITING).first()
    if preview is None:
        return
    began = perf_counter()
    try:
        found = {"state": PreviewState.DONE, "answer": _answer(preview, began)}
    except (NothingRanked, EncoderError) as error:
        found = {"state": PreviewState.FAILED, "error": str(error)[:300]}
    except Exception:
        logger.exception("preview %s could not be answered", preview_id)
        found = {"state": PreviewState.FAILED, "error": FAILED}
    waiting = Preview.objects.filter(pk=preview_id, state=PreviewState.WAITING)
    waiting.update(answered_at=timezone.now(), **found)


def _answer(preview: Preview, began: float) -> dict[str, Any]:
    pair = confused_pair(preview.first_id, preview.second_id)
    newest = Judgment.objects.aggregate(newest=Max("id"))["newest"]
    ready = bench(pair.pk, newest)
    then = ready.then(preview.first_text.splitlines(), preview.second_text.splitlines())
    return flips(ready, then) | {"seconds": round(perf_counter() - began, 3)}


def flips(ready: Bench, then: Doubles) -> dict[str, Any]:
    """Return what new log-odds (N,) would change: counts, judged errors, and products to show.

    A product stands on the first's side when its log-odds are above 0.
    """
    today, new, truth = ready.today > 0, then > 0, ready.truth
    moves, judged = today != new, truth != 0
    right = new == (truth > 0)
    errors_today, errors_then = judged & (today != (truth > 0)), judged & ~right
    return {
        "products": len(today),
        "moved": int(moves.sum()),
        "right": int((moves & judged & right).sum()),
        "wrong": int((moves & judged & ~right).sum()),
        "unjudged": int((moves & ~judged).sum()),
        "judged": int(judged.sum()),
        "errors_before": int(errors_today.sum()),
        "errors_after": int(errors_then.sum()),
        "sides": {
            "today": [int(today.sum()), int((~today).sum())],
            "then": [int(new.sum()), int((~new).sum())],
        },
        "first": _listed(ready, then, today),
        "second": _listed(ready, then, ~today),
    }


def _listed(ready: Bench, then: Doubles, here: np.ndarray) -> list[list[float]]:
    """The products of one side that are shown: those that move, then the nearest to the fence.

    Each as [product, log-odds today, log-odds then, what people say].
    """
    rows = np.flatnonzero(here)
    moves = (ready.today[rows] > 0) != (then[rows] > 0)
    unjudged = ready.truth[rows] == 0
    order = rows[np.lexsort((rows, np.abs(ready.today[rows]), moves & unjudged, ~moves))][:SHOWN]
    columns = (ready.products, ready.today.round(4), then.round(4), ready.truth)
    return [list(row) for row in zip(*(each[order].tolist() for each in columns), strict=True)]


@lru_cache(maxsize=8)
def bench(pair_id: int, newest_judgment: int | None) -> Bench:  # noqa: ARG001  part of the key
    """Return a pair made ready, kept for the next text; people's newest word is part of the key."""
    pair = ConfusedPair.objects.select_related("run").get(pk=pair_id)
    rows = pair.fence.order_by("product").values_list(*COLUMNS)
    columns = list(zip(*rows, strict=True)) or [()] * 7
    products, before, today, titles, descriptions, pictures, states = columns
    ready = np.array([state == PictureState.READY for state in states], bool)
    store = vector_store(pair.run.blend["vectors"], pair.run.blend["dimensions"])
    said = verdicts(pair.fence.values("product"))
    sides = [said.side(product, pair.first_id, pair.second_id) for product in products]
    lines = map(product_line, titles, descriptions)
    text = store.take(np.array([text_key(line) for line in lines], np.uint64))
    picture = store.take(np.array([picture_key(name) for name in pictures], np.uint64))
    picture[~ready] = np.nan
    return Bench(
        first=pair.first_id,
        second=pair.second_id,
        products=np.array(products, np.int64),
        fence=Fence(list(titles), text, picture),
        before=np.array(before, np.float64),
        today=np.array(today, np.float64),
        truth=np.array([0 if side is None else 1 if side else -1 for side in sides], np.int64),
        head=load_head(pair.run),
        encoder=(pair.run.settings["encoder"], pair.run.settings["encoder_weights"]),
    )


@lru_cache(maxsize=4_000)
def _vector(encoder: str, weights: str, line: str) -> Floats:
    """(D,) the line as a run's store would give it."""
    vector: Floats = the_encoder(encoder, weights).texts([line])[0]
    return vector.astype(np.float16).astype(np.float32)
