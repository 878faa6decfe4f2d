"""How long the rules take on a page of 200 products: `python -m tests.bench.rules`."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from ranking.pipeline.options import Options
from ranking.pipeline.outliers.bound import ESTIMATED, Cut
from ranking.pipeline.outliers.names import KEYS
from ranking.pipeline.outliers.stage import Doubts
from ranking.pipeline.rules import Lineup, Offers, apply_rules, line_up

PRODUCTS = 200
RETAILERS = 12
ROUNDS = 400
AIM = 1.5  # milliseconds a page


def page_of(count: int, *, sure: float) -> Lineup:
    """Return so many products of which one in five is another offer of one before it, one in
    twenty is out of stock, and half the page is one retailer's, the least sure with `sure`."""
    random = np.random.default_rng(0)
    ids = np.arange(1, count + 1)
    group = np.where(random.random(count) < 0.2, random.integers(1, count + 1, count), ids)
    confidence = random.uniform(sure, 1, count)
    offers = Offers(
        retailer=np.where(random.random(count) < 0.5, 1, random.integers(2, RETAILERS, count)),
        in_stock=random.random(count) < 0.95,
        group=group,
        log_price=random.normal(3, 0.4, count),
        currency=("EUR",) * count,
        days_silent=np.zeros(count),
    )
    unseen = random.choice([0.0, 0.0, 20.0, 70.0], count)
    doubts = Doubts(
        oddities=np.zeros((count, len(KEYS))),
        chance_wrong=1 - confidence,
        were_it_usual=np.full(count, 0.1),
        oddest=("The price is far above the usual",) * count,
        slips=("",) * count,
        cut=Cut(0.6, ESTIMATED, 0.05, 0.05, 100),
    )
    return line_up(ids, confidence, confidence, unseen, doubts, offers)


def main() -> None:
    """Print the median over the rounds, of a page whose products mostly go, and of one whose
    products mostly stay."""
    for name, sure in (("most go", 0.0), ("most stay", 0.5)):
        page, took = page_of(PRODUCTS, sure=sure), []
        for _ in range(ROUNDS):
            start = perf_counter()
            after, _ = apply_rules(page, Options())
            took.append(1000 * (perf_counter() - start))
        left = int(after.is_left.sum())
        figure = f"{np.median(took):.2f} ms (aim {AIM:g} ms)"
        print(f"rules on {PRODUCTS} products, {name} ({left} left): {figure}")


if __name__ == "__main__":
    main()
