"""Measure how well outliers are found, and what finding them costs. For workers: loads models."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranking.actions.evaluate import Beat, NothingToMeasure, shelf_today, texts_today
from ranking.actions.prepare import options_today
from ranking.learning.blender import learn_blend
from ranking.learning.examples import examples
from ranking.learning.outliers.detect import detectors_of_others, learn_detector
from ranking.learning.outliers.injection import Hosts, inject
from ranking.learning.outliers.looks import blends_of_others, doubt, look_at
from ranking.pipeline.data import NOTHING_JUDGED, Ints, Judged, Options
from ranking.pipeline.profile import profile
from ranking.pipeline.retrieve import retrieve
from ranking.pipeline.shelf import Shelf
from ranking.queries.inputs import load_judged

SEED = 0
DRAWS = 100  # of foreign products, over all pages, for each rate and kind: by seeds from 0 on


def evaluate_outliers(beat: Beat) -> dict[str, Any]:
    """Return what `inject` finds on the pages whose right products are known, judged or surely
    filed, and where the detector cuts.

    Judged pages are seen by models that did not learn from them, the others by today's; the cut is
    one for all, and neither texts nor the cross-encoder take part. Raises NothingToMeasure.
    """
    shelf, judged, texts = shelf_today(beat), load_judged(), texts_today()
    right = right_products(shelf, judged)
    beat("Learning from judgments", 0, 0)
    options = options_today()
    known = examples(shelf, judged, texts, options=options)
    blend = learn_blend(known, SEED)
    others = blends_of_others(known, blend, SEED)
    doubted = doubt(look_at(shelf, judged, texts, options=options), others, shelf)
    detector = learn_detector(doubted, shelf, SEED, options)
    detectors = detectors_of_others(doubted, shelf, SEED, detector)
    hosts = Hosts(
        shelf=shelf,
        right=right,
        blends=dict.fromkeys(right, blend) | others,
        detectors=dict.fromkeys(right, detector) | detectors,
        candidates=_candidates(list(right), shelf, options),
        options=options,
    )
    if not hosts.pages:
        raise NothingToMeasure("No page has ten products that are judged right or surely filed.")
    beat("Putting products where they do not belong", 0, 0)
    seeds = range(max(DRAWS // len(hosts.pages), 1))
    return {
        "pages": len(hosts.pages),
        "seeds": list(seeds),
        "detector": {**detector.about, "weights": list(detector.weights)},
        "cut": detector.cut(options.wrong_shown, options.minimum_confidence).figures(),
        "injected": inject(hosts, seeds),
    }


def _candidates(pages: list[int], shelf: Shelf, options: Options) -> dict[int, Ints]:
    about = [profile(page, shelf, NOTHING_JUDGED) for page in pages]
    return dict(zip(pages, retrieve(about, shelf, options), strict=True))


def right_products(shelf: Shelf, judged: Judged) -> dict[int, Ints]:
    """Return the rows of what is known to be right on each page, judged or surely filed."""
    pages = {*shelf.tree.pages, *np.unique(judged.pages).tolist()} & set(shelf.tree.ids.tolist())
    return {page: profile(page, shelf, judged).known for page in sorted(pages)}


def lines_of_outliers(figures: dict[str, Any]) -> list[str]:
    """Return the figures as a table for people."""
    cut = figures["cut"]
    lines = [
        f"{figures['pages']} pages, {len(figures['seeds'])} draws each; goes what is more than "
        f"{100 * cut['chance']:.0f} % likely wrong ({cut['kind']})",
        "                            average precision by               right     foreign",
        "foreign           products  chance  unsure  price  picture  text  lost      kept",
    ]
    return lines + [_line(row) for row in figures["injected"]]


def _line(row: dict[str, Any]) -> str:
    what = f"{100 * row['rate']:>2.0f} % {row['kind']:<9}"
    if row["ap"] is None:
        return f"{what} {row['products']:>11,}  none to be found"
    ap = row["ap"]
    return (
        f"{what} {row['products']:>11,}  {ap['chance_wrong']:>6.2f}  {ap['unsure']:>6.2f}  "
        f"{ap['price']:>5.2f}  {ap['picture']:>7.2f}  {ap['text']:>4.2f}  "
        f"{row['right_lost']:>5.1%}  {row['foreign_kept']:>8.1%}"
    )
