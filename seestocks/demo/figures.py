"""How much of everything there is in the demo shop."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from seestocks.demo.catalogue import FIRST_OWN_ID, KINDS, PATHS
from seestocks.demo.files import JUDGMENTS, TRUTH
from seestocks.demo.people import PEOPLE
from seestocks.demo.products import Flaw, Offer
from seestocks.demo.retailers import RETAILERS


@dataclass(frozen=True)
class ShopFigures:
    """What the shop holds, and what is wrong in it on purpose, by kind."""

    categories: int
    own_categories: int  # of them: the shop's own, below Google's
    pages: int
    retailers: int
    products: int
    near_duplicates: int  # of the products: a thing again that another retailer lists too
    same_gtin: int  # of the near-duplicates
    misfiled_nearby: int
    misfiled_far: int
    misleading_titles: int
    price_outliers: int
    cents_as_euros: int
    not_in_latest_feed: int
    without_picture: int
    lost_pictures: int
    broken_pictures: int
    annotators: int
    judgments: int
    truths: int


def counted(folder: Path, offers: list[Offer]) -> ShopFigures:
    """Return the figures of the offers and of the judgments that lie in the folder."""
    flaws = Counter(flaw for offer in offers for flaw in offer.flaws)
    things = {offer.item.number for offer in offers}
    given = Counter(offer.gtin for offer in offers if offer.gtin)
    return ShopFigures(
        categories=len(PATHS),
        own_categories=sum(number >= FIRST_OWN_ID for number in PATHS),
        pages=len(KINDS),
        retailers=len(RETAILERS),
        products=len(offers),
        near_duplicates=len(offers) - len(things),
        same_gtin=sum(count - 1 for count in given.values()),
        misfiled_nearby=flaws[Flaw.MISFILED_NEARBY],
        misfiled_far=flaws[Flaw.MISFILED_FAR],
        misleading_titles=flaws[Flaw.NAMED_AS_SIBLING] + flaws[Flaw.STUFFED],
        price_outliers=flaws[Flaw.PRICED_OUT],
        cents_as_euros=flaws[Flaw.CENTS_AS_EUROS],
        not_in_latest_feed=flaws[Flaw.LAST_SEEN_60] + flaws[Flaw.LAST_SEEN_20],
        without_picture=flaws[Flaw.WITHOUT_PICTURE],
        lost_pictures=flaws[Flaw.LOST_PICTURE],
        broken_pictures=flaws[Flaw.BROKEN_PICTURE],
        annotators=len(PEOPLE),
        judgments=_rows(folder / JUDGMENTS),
        truths=_rows(folder / TRUTH),
    )


def _rows(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))
