"""Which products the rows of a file speak of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from judgments.imports.opinions import BadOpinion
from taxonomy.models import Product


class Offered(Protocol):
    """A row that speaks of a product by its offer id and, where it says so, its retailer."""

    @property
    def offer_id(self) -> str: ...
    @property
    def retailer(self) -> str: ...


class Products:
    """The products that a batch speaks of, by offer id and retailer."""

    def __init__(self, opinions: Sequence[Offered]) -> None:
        self._found: dict[str, dict[str, int]] = defaultdict(dict)
        rows = Product.objects.filter(offer_id__in={opinion.offer_id for opinion in opinions})
        for pk, offer_id, retailer in rows.values_list("id", "offer_id", "retailer__name"):
            self._found[offer_id][retailer] = pk

    def find(self, opinion: Offered) -> int:
        """Return the product's id; raises `BadOpinion` if none or several could be meant."""
        by_retailer = self._found.get(opinion.offer_id, {})
        if opinion.retailer:
            if opinion.retailer not in by_retailer:
                reason = f"“{opinion.retailer}” has no offer “{opinion.offer_id}”."
                raise BadOpinion("offer_id", reason)
            return by_retailer[opinion.retailer]
        if len(by_retailer) > 1:
            names = ", ".join(sorted(by_retailer)[:5])
            reason = f"Several retailers have an offer “{opinion.offer_id}” ({names}): name one."
            raise BadOpinion("retailer", reason)
        if not by_retailer:
            raise BadOpinion("offer_id", f"No product has the offer id “{opinion.offer_id}”.")
        return next(iter(by_retailer.values()))
