"""Measure what each stage of the ranking adds, and keep it. For workers: loads models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from judgments.queries.grades import Grade, grades_by_person
from judgments.truth import Rule
from ranking.actions.ask_evaluation import settings_now
from ranking.actions.evaluate import (
    Beat,
    judged_here,
    minilm,
    shelf_today,
    texts_today,
)
from ranking.actions.prepare import options_today
from ranking.evaluation import (
    Difference,
    Graded,
    Interval,
    Raters,
    raters_ceiling,
    summarise,
)
from ranking.learning.ablation import (
    Pool,
    Row,
    Seen,
    Stage,
    make_pools,
    make_stages,
    tabled,
    worth_of_signals,
)
from ranking.learning.ablation.stages import falling
from ranking.learning.ablation.table import metrics_of, unjudged_first
from ranking.learning.examples import examples
from ranking.learning.outliers.looks import look_at
from ranking.models import Evaluation
from ranking.pipeline.data import Judged
from ranking.pipeline.shelf import Shelf
from ranking.queries.inputs import load_judged
from ranking.queries.judged_files import Words, grades_in, judged_in
from ranking.queries.readers import load_reader

DIGITS = 4
PAGE_METRICS = ("ndcg@10", "ndcg@10 removed last", "p@10", "wrong@10", "misfiled@10", "judged@10")


@dataclass(frozen=True)
class Measure:
    """What is measured against, and what may be learned from."""

    measured: Judged
    learned: Judged
    grades: list[Grade]  # each person's, of what is measured
    reranker: int | None  # the version of the cross-encoder
    seed: int


def measure_evaluation(evaluation: Evaluation, beat: Beat) -> dict[str, Any]:
    """Measure as the evaluation's settings say, and return what to write on its row.

    Raises NothingToMeasure.
    """
    return {"figures": ablation(measure_by(evaluation.settings), beat)}


def measure_by(settings: Mapping[str, Any]) -> Measure:
    """Return what the database's judgments measure, as they stood when the settings were made."""
    until = settings["judgments_until"]
    judged = load_judged(until, Rule.of_settings(settings["truth"]))
    grades = grades_by_person(until)
    return Measure(judged, judged, grades, settings["reranker"], settings["seed"])


def measure_today() -> Measure:
    """Return what the database's judgments measure now."""
    return measure_by(settings_now())


def measure_of(words: Words) -> Measure:
    """Return what a file's judgments measure; what is learned from stays the database's."""
    return replace(measure_today(), measured=judged_in(words), grades=grades_in(words))


def ablation(measure: Measure, beat: Beat) -> dict[str, Any]:
    """Return the figures of every stage, of the baselines and of people's own orders.

    Raises NothingToMeasure where no judged product of a page is here.
    """
    shelf, texts = shelf_today(beat), texts_today()
    measured = judged_here(shelf, measure.measured)
    reader = load_reader(measure.reranker, shelf, texts)
    options = options_today()
    seen = Seen(shelf, options, texts, reader)
    pools = make_pools(seen, measured, beat)
    known = examples(shelf, measure.learned, texts, reader=reader, options=options)
    looks = look_at(shelf, measure.learned, texts, reader=reader, options=options)
    done = make_stages(seen, pools, known, looks, measure.seed, beat)
    rows = list(tabled(done.stages, pools, measure.seed))
    beat("Leaving out each signal", 0, 1)
    worth = worth_of_signals(done.pools, done.known, done.blends, shelf, measure.seed)
    beat("Comparing people with each other", 0, 1)
    return {
        "pages": len(pools),
        "judged": len(measured),
        "learned_from": len(known),
        "stages": [_stage(row) for row in rows],
        "baselines": {"minilm": _means(_minilm(shelf, pools, beat), measure.seed)},
        "raters": _raters(raters_ceiling(_graded(measure.grades))),
        "signals": [{"signal": one.signal, "gain": _gain(one.gain)} for one in worth],
        "by_page": _by_page(rows, pools),
        "unjudged": _unjudged(done.stages, pools, shelf),
    }


def _stage(row: Row) -> dict[str, Any]:
    return {
        "key": row.stage.key,
        "name": row.stage.name,
        "left_out": row.stage.left_out,
        "metrics": {name: _ends(value) for name, value in row.metrics.items()},
        "against_before": {name: _gain(value) for name, value in row.against_before.items()},
        "seconds": None if row.stage.left_out else round(row.stage.seconds, 5),
    }


def _ends(value: Interval | Difference) -> dict[str, float | None]:
    return {"mean": _known(value.mean), "low": _known(value.low), "high": _known(value.high)}


def _gain(value: Difference) -> dict[str, float | None]:
    return {**_ends(value), "p": _known(value.p), "p_holm": _known(value.p_holm)}


def _known(value: float) -> float | None:
    return round(value, DIGITS) if math.isfinite(value) else None


def _minilm(shelf: Shelf, pools: Sequence[Pool], beat: Beat) -> list[dict[str, float]]:
    """Each page's metrics in the order of MiniLM's cosines of title and page name."""
    pages = np.concatenate([np.full(len(pool.rows), pool.page.row) for pool in pools])
    scores = minilm(shelf, np.concatenate([pool.rows for pool in pools]), pages, beat)
    ends = np.cumsum([len(pool.rows) for pool in pools])[:-1]
    return [
        metrics_of(pool, falling(part))
        for pool, part in zip(pools, np.split(scores, ends), strict=True)
    ]


def _means(pages: Sequence[dict[str, float]], seed: int) -> dict[str, dict[str, float | None]]:
    return {name: _ends(value) for name, value in summarise(pages, seed).items()}


def _graded(grades: Iterable[Grade]) -> Graded:
    rows = list(grades)
    pairs = {pair: n for n, pair in enumerate(dict.fromkeys((g.page, g.product) for g in rows))}
    people = {person: n for n, person in enumerate(dict.fromkeys(g.person for g in rows))}
    return Graded(
        pages=np.array([g.page for g in rows], np.int64),
        pairs=np.array([pairs[g.page, g.product] for g in rows], np.int64),
        people=np.array([people[g.person] for g in rows], np.int64),
        grades=np.array([g.grade for g in rows], np.float64),
    )


def _raters(found: Raters | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "against_others": _ends(found.against_others),
        "against_median": _ends(found.against_median),
        "people": found.people,
        "pairs": found.pairs,
    }


def _by_page(rows: Sequence[Row], pools: Sequence[Pool]) -> list[dict[str, Any]]:
    """Each page after the last stage, and its NDCG@10 after each; the worst first."""
    done = [row for row in rows if not row.stage.left_out]
    pages = [
        {
            "page": pool.page.page,
            "judged": int(np.isfinite(pool.grades).sum()),
            **{name: _known(done[-1].pages[at][name]) for name in PAGE_METRICS},
            "stages": {row.stage.key: _known(row.pages[at]["ndcg@10"]) for row in done},
        }
        for at, pool in enumerate(pools)
    ]
    return sorted(pages, key=lambda page: (page["ndcg@10"] is None, page["ndcg@10"], page["page"]))


def _unjudged(stages: Sequence[Stage], pools: Sequence[Pool], shelf: Shelf) -> list[dict[str, Any]]:
    """What nobody judged among the first ten of the last stage, page by page."""
    last = stages[-1]
    return [
        {
            "page": pool.page.page,
            "product": int(shelf.catalogue.ids[pool.rows[at]]),
            "position": place,
            "confidence": _known(float(sure[at])),
        }
        for pool, order, sure in zip(pools, last.orders, last.confidence, strict=True)
        for at, place in unjudged_first(pool, order)
    ]
