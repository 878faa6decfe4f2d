"""How products and rows are written for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from urllib.parse import quote

from django.db.models import Count

from taxonomy.models import Product


def csv_line(cells: Iterable[object]) -> str:
    """Return one line of CSV, its end included."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


class TrecNames:
    """What products are called in TREC's formats, where a name must be one word and unique.

    That is the offer id; where several retailers use the same one, the retailer's name and a
    slash before it. White space is written as %20 and the like.
    """

    def __init__(self) -> None:
        offers = Product.objects.order_by().values("offer_id").annotate(n=Count("id"))
        self._shared = set(offers.filter(n__gt=1).values_list("offer_id", flat=True))

    def of(self, product: Product) -> str:
        """Return the product's name; its retailer must be loaded."""
        name = product.offer_id
        if name in self._shared:
            name = f"{product.retailer.name}/{name}"
        return "".join(quote(letter) if letter.isspace() else letter for letter in name)
