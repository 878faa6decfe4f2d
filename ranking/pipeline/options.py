"""What a run is told, in figures. Loads no arrays: the web shows the defaults."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_PLACES = 10  # what people see first
LOWER, REMOVE, IGNORE = "lower", "remove", "ignore"  # what becomes of what is out of stock


@dataclass(frozen=True)
class Options:
    """What a run may be told. All of it is part of a page's input digest.

    The first three are the same for all of a run's pages; the rest may differ by branch.
    """

    candidates: int = 200  # nearest products looked at per page: 3 to 5 times what it shows
    wrong_shown: float = 0.05  # share of wrong products among the shown that is put up with
    page_size: int = 48  # places that a shop shows at once
    minimum_confidence: float = 0.35  # below it a product is removed
    longest_unseen_days: float = 60.0  # products unseen for longer are removed
    merge_duplicates: bool = True  # of offers of one product the cheapest in stock stays
    half_life_days: float = 30.0  # days unseen after which freshness has halved
    freshness_floor: float = 0.5  # freshness never falls below it
    out_of_stock: str = LOWER  # or REMOVE, or IGNORE
    most_in_top: int = 4  # of one retailer's products among the first places
    most_on_page: float = 0.4  # of one retailer's products, as a share of a page's places
    # The most by which a product may be better than another and still be moved behind it, as a
    # difference in probability: by stock, and by diversity.
    band: float = 0.05
