"""The stored candidates of a page as the rules see them. For workers: loads arrays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Max

from ranking.models import PageRun
from ranking.pipeline.blend import logistic
from ranking.pipeline.data import Doubles
from ranking.pipeline.options import Options
from ranking.pipeline.outliers.bound import ASSUMED, Cut
from ranking.pipeline.outliers.names import KEYS
from ranking.pipeline.outliers.stage import Doubts
from ranking.pipeline.rules import OUTLIER, Lineup, Offers, line_up
from ranking.queries.standing import days_silent, days_unseen, in_stock
from taxonomy.models import Product

COLUMNS = (
    *("product", "score", "confidence", "chance_wrong", "removed_by", "why"),
    *("product__retailer", "product__availability", "product__price", "product__currency"),
    *("product__last_seen", "product__compared__group"),
)


def newest_crawl_of_each(as_of: datetime) -> dict[int, datetime]:
    """Return when each retailer was last heard of up to that moment, by its id."""
    crawls = Product.objects.order_by().values_list("retailer").annotate(newest=Max("last_seen"))
    return {retailer: min(at, as_of) for retailer, at in crawls}


def lineup_of(page_run: PageRun, crawls: dict[int, datetime], as_of: datetime) -> Lineup:
    """Return a ranked page's candidates with nothing removed or moved yet, as their offers stand
    now. What is said of its outliers is as the run said it."""
    rows = list(page_run.ranked.order_by("product").values_list(*COLUMNS))
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    ids, scores, sure, wrong, removed_by, why, retailers, stock, prices, *others = columns
    currencies, seen, groups = others
    offers = Offers(
        retailer=np.array(retailers, np.int64),
        in_stock=in_stock(stock),
        group=np.array([own if g is None else g for own, g in zip(ids, groups, strict=True)], int),
        log_price=np.array([np.log(float(p)) if p else np.nan for p in prices], np.float64),
        currency=tuple(currencies),
        days_silent=days_silent(retailers, crawls, as_of).astype(np.float64),
    )
    unseen = days_unseen(retailers, seen, crawls).astype(np.float64)
    doubts = None
    if rows and None not in wrong:
        doubts = _doubts(page_run, np.array(wrong, np.float64), removed_by, why)
    chance = logistic(np.array(scores, np.float64))
    return line_up(
        np.array(ids, np.int64), chance, np.array(sure, np.float64), unseen, doubts, offers
    )


def with_cut(page: Lineup, options: Options) -> Lineup:
    """Return the candidates with the cut that these options make, where it hangs on them: as long
    as too little is judged, what is less sure than the minimum confidence goes."""
    if page.doubts is None or page.doubts.cut.kind != ASSUMED:
        return page
    cut = replace(page.doubts.cut, chance=1 - options.minimum_confidence)
    return replace(page, doubts=replace(page.doubts, cut=cut))


def _doubts(
    page_run: PageRun, chance_wrong: Doubles, removed_by: tuple[str, ...], why: tuple[str, ...]
) -> Doubts | None:
    risk: dict[str, Any] | None = page_run.run.blend.get("risk")
    if not risk:
        return None
    was_odd = np.array([rule == OUTLIER for rule in removed_by], bool)
    return Doubts(
        oddities=np.full((len(chance_wrong), len(KEYS)), np.nan),
        chance_wrong=chance_wrong,
        were_it_usual=np.where(was_odd, 0.0, chance_wrong),
        oddest=tuple(said.partition(", and ")[0] for said in why),
        slips=("",) * len(chance_wrong),
        cut=Cut(**risk),
    )
