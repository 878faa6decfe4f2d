"""Measure rankings against judgments, beside two simple rankers. For workers: loads models."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from judgments.models import Judgment
from ranking.actions.ask_training import reranker_now
from ranking.actions.prepare import encode_missing, fill, options_today, the_encoder
from ranking.evaluation import measure_scores, summarise
from ranking.learning.blender import learn_blend
from ranking.learning.examples import Examples, examples, present
from ranking.learning.validation import bm25, cosine, leave_pages_out
from ranking.models import RankedProduct, Run, State
from ranking.pipeline.data import Doubles, Ints, Judged
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.encode import EMBEDDED
from ranking.pipeline.rerank import Reader
from ranking.pipeline.shelf import Shelf
from ranking.queries.inputs import load_judged, load_shelf, vector_store
from ranking.queries.readers import load_reader
from ranking.queries.texts import load_texts
from ranking.vectors import text_key

Beat = Callable[[str, int, int], None]
ByPage = dict[int, dict[str, float]]


class NothingToMeasure(Exception):
    """No judged product of a page is at hand; the message says what is missing."""


@dataclass(frozen=True)
class Evaluation:
    """What a ranking and the baselines reach on each page: page → metric → value."""

    ranking: ByPage
    baselines: dict[str, ByPage]  # "bm25" and "minilm": the same products in their order

    def figures(self) -> dict[str, Any]:
        """Return the means over pages with their intervals, None where nothing is known."""
        return {
            "pages": len(self.ranking),
            "metrics": _means(self.ranking),
            "baselines": {name: _means(pages) for name, pages in self.baselines.items()},
        }


def evaluate_run(run: Run, beat: Beat) -> Evaluation:
    """Measure a run's pages as they are shown; the baselines order all that the run looked at.

    Raises NothingToMeasure when none of its pages is both done and judged.
    """
    judged = load_judged()
    grades = dict(zip(_keys(judged), judged.grades.tolist(), strict=True))
    elsewhere = dict(zip(_keys(judged), judged.elsewhere.tolist(), strict=True))
    done = run.page_runs.filter(state=State.DONE, page__in=set(judged.pages.tolist()))
    rows = RankedProduct.objects.filter(page_run__in=done.holders())
    seen = list(
        rows.order_by("page_run__page", "product").values_list(
            "page_run__page", "product", "position"
        )
    )
    if not seen:
        raise NothingToMeasure(f"No page of run {run.pk} is done and judged.")
    looked_at = Judged(
        pages=np.array([page for page, _, _ in seen], np.int64),
        products=np.array([product for _, product, _ in seen], np.int64),
        grades=np.array([grades.get((page, product), np.nan) for page, product, _ in seen]),
        annotators=np.zeros(len(seen), np.int64),
        weights=np.zeros(len(seen)),
        elsewhere=np.array([elsewhere.get((page, product), np.nan) for page, product, _ in seen]),
    )
    scores = np.array([np.nan if place is None else -place for *_, place in seen], np.float64)
    store = vector_store(run.blend["vectors"], run.blend["dimensions"])
    shelf = load_shelf(store, run.as_of)
    everything = {page: judged.grades[judged.pages == page] for page in set(judged.pages.tolist())}
    return _beside_baselines(shelf, looked_at, scores, beat, everything)


def evaluate_left_out(beat: Beat) -> Evaluation:
    """Measure how each judged page would be ordered, had nobody judged it.

    Raises NothingToMeasure without judgments.
    """
    shelf = shelf_today(beat)
    judged = judged_here(shelf, in_order_of_judging(load_judged()))
    beat("Learning from the other pages", 0, 0)
    texts = texts_today()
    reader, options = reader_today(shelf, texts), options_today()
    known = examples(shelf, judged, texts, reader=reader, options=options)
    scores = leave_pages_out(known, seed=0)
    return _beside_baselines(shelf, judged, scores, beat)


def known_today(beat: Beat) -> Examples:
    """Return all that was judged and is still there, in the order of judging, with its signals.

    Raises NothingToMeasure without judgments.
    """
    shelf = shelf_today(beat)
    judged = judged_here(shelf, in_order_of_judging(load_judged()))
    return examples(shelf, judged, texts_today(), options=options_today())


def evaluate_unseen(judged: Judged, beat: Beat) -> Evaluation:
    """Measure how today's models order judged products that they did not learn from.

    What the database knows of these pages by judgments stays unused, so that the same grades
    in the database and in `judged` flatter nobody. Raises NothingToMeasure.
    """
    shelf = shelf_today(beat)
    judged = judged_here(shelf, judged)
    beat("Learning from judgments", 0, 0)
    known, texts = load_judged().without_pages(judged.pages), texts_today()
    reader, options = reader_today(shelf, texts), options_today()
    blend = learn_blend(examples(shelf, known, texts, reader=reader, options=options), seed=0)
    unseen = examples(shelf, judged, texts, reader=reader, options=options)
    scores = blend.score(unseen.signals, unseen.beside)
    return _beside_baselines(shelf, judged, scores, beat)


def in_order_of_judging(judged: Judged) -> Judged:
    """Return the pairs in the order in which they were first judged: ties are broken by it."""
    pairs = Judgment.objects.values_list("page", "product").annotate(first=Min("id"))
    first = {(page, product): pk for page, product, pk in pairs.order_by()}
    order = np.argsort([first[key] for key in _keys(judged)], kind="stable").astype(np.int64)
    return judged.in_order(order)


def _keys(judged: Judged) -> list[tuple[int, int]]:
    return list(zip(judged.pages.tolist(), judged.products.tolist(), strict=True))


def shelf_today(beat: Beat) -> Shelf:
    """The catalogue and the tree as they are now, with all vectors."""
    now = timezone.now()
    beat("Loading the encoder", 0, 0)
    encoder = the_encoder(settings.SEESTOCKS_ENCODER, settings.SEESTOCKS_ENCODER_WEIGHTS)
    store = vector_store(encoder.name, encoder.dimensions)
    encode_missing(lambda: encoder, store, now, beat)
    return load_shelf(store, now)


def texts_today() -> Texts:
    """The texts that are live now, with all vectors, once `shelf_today` has encoded them.

    How much they count is left at the defaults where judgments are measured: a head learned from
    these would know them.
    """
    encoder = the_encoder(settings.SEESTOCKS_ENCODER, settings.SEESTOCKS_ENCODER_WEIGHTS)
    return load_texts(vector_store(encoder.name, encoder.dimensions))


def reader_today(shelf: Shelf, texts: Texts) -> Reader | None:
    """The cross-encoder that runs use now, over this shelf."""
    return load_reader(reranker_now(), shelf, texts)


def judged_here(shelf: Shelf, judged: Judged) -> Judged:
    """Return what was judged and is still there. Raises NothingToMeasure where that is nothing."""
    here = present(shelf, judged)
    if not len(here):
        raise NothingToMeasure("There is no judgment of a product and a page that are here.")
    return here


def _beside_baselines(
    shelf: Shelf,
    pairs: Judged,
    scores: Doubles,
    beat: Beat,
    judged: Mapping[int, Doubles] | None = None,
) -> Evaluation:
    """Order the pairs by their scores and by each baseline's."""
    rows = shelf.catalogue.rows(pairs.products), shelf.tree.rows(pairs.pages)
    orders = {"bm25": bm25(shelf, pairs), "minilm": minilm(shelf, *rows, beat)}
    return Evaluation(
        measure_scores(pairs.pages, scores, pairs.grades, judged, pairs.elsewhere),
        {
            name: measure_scores(pairs.pages, order, pairs.grades, judged, pairs.elsewhere)
            for name, order in orders.items()
        },
    )


def minilm(shelf: Shelf, products: Ints, pages: Ints, beat: Beat) -> Doubles:
    """Return (N,) cosines of MiniLM's vectors of title and page name, whatever the encoder set,
    of N rows of the catalogue and of the tree."""
    encoder = the_encoder(EMBEDDED, "")
    store = vector_store(encoder.name, encoder.dimensions)
    titles = [shelf.catalogue.titles[row] for row in products.tolist()]
    names = [shelf.tree.names[row] for row in pages.tolist()]
    lines = list(dict.fromkeys([*titles, *names]))
    fill(store, "Reading titles for MiniLM", lines, text_key, encoder.texts, beat)
    return cosine(
        store.take(np.array([text_key(title) for title in titles], np.uint64)),
        store.take(np.array([text_key(name) for name in names], np.uint64)),
    )


def _means(pages: ByPage) -> dict[str, dict[str, float | None]]:
    return {
        name: {
            end: None if math.isnan(value) else round(value, 4)
            for end, value in (("mean", all_.mean), ("low", all_.low), ("high", all_.high))
        }
        for name, all_ in summarise(list(pages.values())).items()
    }
