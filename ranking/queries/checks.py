"""What came of checks: did people say, too, that a product is wrong on a page?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from judgments.models import Grade, Item
from judgments.queries.judgments import blind_judgments
from taxonomy.models import Category

CHECK = "wrong here"  # why a campaign asks: somebody said so
RIGHT = Grade.ACCEPTABLE  # the grade from which somebody finds it right


@dataclass(frozen=True)
class Check:
    """What people said, of those asked whether a product is wrong on a page."""

    grades: tuple[int, ...]  # of people, each without knowing of the others, ascending
    waiting: int  # how many are still to answer

    @property
    def is_over(self) -> bool:
        return not self.waiting

    @property
    def contradicts(self) -> bool:
        """Whether at least half of those who answered find it right."""
        right = sum(grade >= RIGHT for grade in self.grades)
        return bool(self.grades) and 2 * right >= len(self.grades)

    @property
    def sentence(self) -> str:
        words = ", ".join(Grade(grade).label for grade in self.grades)
        if not self.grades:
            return (
                f"{_people(self.waiting)} asked to check." if self.waiting else "Nobody could tell."
            )
        if self.waiting:
            return f"Checked by {len(self.grades)} so far: {words}; {self.waiting} to come."
        return f"Checked by {len(self.grades)}: {words}."


def checks_of(page: Category, products: Collection[int]) -> dict[int, Check]:
    """Return the checks of those of the products that somebody called wrong on the page.

    What simulated people say does not count as a check.
    """
    asked = Item.objects.filter(page=page, product__in=list(products), pool=CHECK)
    waiting = dict.fromkeys(asked.values_list("product", flat=True), 0)
    questions = Item.objects.filter(page=page, product__in=list(waiting), closed=False)
    for product, state in questions.order_by().values_list("product", "seats__state"):
        waiting[product] += state in ("open", "held", "later")
    grades: dict[int, list[int]] = defaultdict(list)
    people = blind_judgments().filter(page=page, product__in=list(waiting))
    for product, grade in people.filter(annotator__simulated=False).values_list("product", "grade"):
        grades[product].append(grade)
    return {
        product: Check(tuple(sorted(grades[product])), left) for product, left in waiting.items()
    }


def _people(number: int) -> str:
    return f"{number} people are" if number != 1 else "1 person is"
