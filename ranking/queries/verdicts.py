"""What people have said of the products between two siblings. Loads no arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from django.db.models import QuerySet

from judgments.models import BLIND, Grade, Judgment
from judgments.queries import current_judgments
from judgments.truth import voices
from taxonomy.models import Category, Filing, FilingSource

Products = Sequence[int] | QuerySet[Any, Any] | None  # ids, or a query of them; None for all
Side = bool | None  # True for the pair's first, False for its second, None where nobody can say


@dataclass(frozen=True, slots=True)
class Word:
    """What one person says of a product on a page."""

    grade: int
    elsewhere: int | None  # where it belongs instead
    source: str
    number: int  # the judgment's id


@dataclass(frozen=True)
class Verdicts:
    """People's words about products: where each belongs, and the grades it was given.

    A grade of 2 or 3 says that a product belongs on the page; "belongs elsewhere" and a filing
    say so of their category. An adjudicator's word stands for all others on that page.
    """

    belongs: dict[int, list[int]] = field(default_factory=dict)  # product → categories
    grades: dict[int, dict[int, list[int]]] = field(default_factory=dict)  # … → page → grades
    lineages: dict[int, str] = field(default_factory=dict)

    def side(self, product: int, first: int, second: int) -> Side:
        """Return on which side most of the words put the product; None at a tie or without any."""
        votes = [
            self._between(category, first, second) for category in self.belongs.get(product, ())
        ]
        return None if not sum(votes) else sum(votes) > 0

    def spread(self, product: int, first: int, second: int) -> float | None:
        """Return how far annotators' grades lie apart, 0 to 3, on pages in the two branches.

        None where no two of them graded the product on the same page.
        """
        apart = [
            max(grades) - min(grades)
            for page, grades in self.grades.get(product, {}).items()
            if len(grades) > 1 and self._between(page, first, second)
        ]
        return fmean(apart) if apart else None

    def disagreement(self, products: Iterable[int], first: int, second: int) -> float:
        """Return the mean spread over the products that several annotators graded; 0 for none."""
        spreads = [self.spread(product, first, second) for product in products]
        known = [spread for spread in spreads if spread is not None]
        return fmean(known) if known else 0.0

    def _between(self, category: int, first: int, second: int) -> int:
        """1 in the first's branch, -1 in the second's, 0 elsewhere."""
        lineage = self.lineages.get(category, "")
        return (f"/{first}/" in lineage) - (f"/{second}/" in lineage)


def verdicts(products: Products = None, until: int | None = None) -> Verdicts:
    """Return what people said of these products, or of all; `until` is the last judgment's id."""
    said = Verdicts(
        defaultdict(list),
        defaultdict(lambda: defaultdict(list)),
        dict(Category.objects.values_list("id", "lineage")),
    )
    for (product, page), words in _words(products, until).items():
        said.grades[product][page] = [word.grade for word in words if word.source in BLIND]
        for word in voices(words):
            if word.elsewhere is not None:
                said.belongs[product].append(word.elsewhere)
            elif word.grade >= Grade.ACCEPTABLE:
                said.belongs[product].append(page)
    for product, category in _filings(products):
        said.belongs[product].append(category)
    return said


def _words(products: Products, until: int | None) -> dict[tuple[int, int], list[Word]]:
    """What people say of each product on each page, in the order in which they first did."""
    judgments: QuerySet[Judgment] = current_judgments(until)
    if products is not None:
        judgments = judgments.filter(product__in=products)
    words: dict[tuple[int, int], list[Word]] = defaultdict(list)
    columns = ("product", "page", "grade", "belongs_to", "source", "id")
    for product, page, *said in (
        judgments.order_by("id").values_list(*columns).iterator(chunk_size=5000)
    ):
        words[product, page].append(Word(*said))
    return words


def _filings(products: Products) -> Iterable[tuple[int, int]]:
    filings = Filing.objects.filter(source=FilingSource.PERSON)
    if products is not None:
        filings = filings.filter(product__in=products)
    return filings.order_by("id").values_list("product", "category").iterator(chunk_size=5000)
