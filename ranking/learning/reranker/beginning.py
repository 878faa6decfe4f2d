"""What a model is taught before any judgment: to read as the stages before it rank.

A few hundred judgments cannot teach a language model what it is to match a page; the blend with
its default weights can, on as many categories as one likes. Since no judgment is in it, one such
beginning serves every fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from ranking.learning.reranker.fitting import Learner, Look, Schedule, Tick, loss_of, run
from ranking.learning.reranker.inputs import Inputs
from ranking.learning.reranker.lists import EXPOSED, RANDOM, PageList, confidence_chances
from ranking.learning.reranker.losses import listwise
from ranking.pipeline import rank_pages
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import NOTHING_JUDGED, Doubles, Ints, Options
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.shelf import Shelf

CATEGORIES = 200  # that lists are made for, besides the pages asked for
ASKED = 4_000  # products that say which categories a shop is about
LIST = 24  # products that are ordered at once
COMMON = np.full(4, 0.25)  # of the grades, as long as nobody gave any
STRANGERS = 0.25  # share of a list that is drawn from the whole catalogue


def begin(
    model: PairModel,
    pages: Sequence[int],
    inputs: Inputs,
    options: Options,
    schedule: Schedule,
    seed: int,
    tick: Tick,
) -> list[Look]:
    """Teach the model to order candidates as the default blend does, and return how it went."""
    random = np.random.default_rng(seed)
    draws = _drawn(unjudged_lists(pages, inputs.shelf, options, random), random)

    def task(twin: PairModel) -> Tensor:
        return loss_of(twin, next(draws), listwise, inputs)

    return run(Learner(model, schedule), task, lambda _: float("nan"), schedule, seed, tick)


def unjudged_lists(
    pages: Sequence[int], shelf: Shelf, options: Options, random: np.random.Generator
) -> list[PageList]:
    """Return what pages, and other categories that products speak of, look like to the blend
    with its default weights, with strangers from the catalogue among the candidates."""
    asked = random.choice(len(shelf.catalogue), min(ASKED, len(shelf.catalogue)), replace=False)
    spoken, count = np.unique(shelf.nearest_categories(asked)[0][:, 0], return_counts=True)
    weights = np.sqrt(count[spoken >= 0])
    categories = shelf.tree.ids[spoken[spoken >= 0]]
    drawn = random.choice(
        categories, min(CATEGORIES, len(categories)), replace=False, p=weights / weights.sum()
    )
    wanted = np.union1d(np.array(pages, np.int64), drawn).tolist()
    rankings = rank_pages(wanted, shelf, NOTHING_JUDGED, Blend(), options)
    lists = []
    for ranking in rankings:
        rows = shelf.catalogue.rows(np.array([row.product for row in ranking.rows], np.int64))
        confidence = np.array([row.confidence for row in ranking.rows], np.float64)
        lists.append(_with_strangers(ranking.page, rows, confidence, len(shelf.catalogue), random))
    return lists


def _with_strangers(
    page: int, rows: Ints, confidence: Doubles, products: int, random: np.random.Generator
) -> PageList:
    wanted = min(products, max(1, int(STRANGERS * len(rows))))
    strangers = np.setdiff1d(random.choice(products, wanted, replace=False), rows)
    wrong = np.full(len(strangers), 0.02)
    chances = confidence_chances(np.concatenate([confidence, wrong]), COMMON)
    kinds = np.repeat([EXPOSED, RANDOM], [len(rows), len(strangers)])
    return PageList(page, np.concatenate([rows, strangers]), kinds, chances, np.ones(len(kinds)))


def _drawn(lists: Sequence[PageList], random: np.random.Generator) -> Iterator[PageList]:
    """Yield parts of the lists without end, all pages as often."""
    known = [page_list for page_list in lists if len(page_list)]
    while True:
        for place in random.permutation(len(known)).tolist():
            one = known[place]
            yield one.where(np.sort(random.choice(len(one), min(LIST, len(one)), replace=False)))
