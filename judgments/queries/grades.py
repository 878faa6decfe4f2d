"""What each person said for themselves, for whoever compares people with each other."""

from __future__ import annotations

from dataclasses import dataclass

from judgments.queries.judgments import COUNTS_FOR, blind_judgments, counting


@dataclass(frozen=True, slots=True)
class Grade:
    """One person's grade of a product on a page."""

    page: int
    product: int
    person: str
    grade: int


def grades_by_person(until: int | None = None) -> list[Grade]:
    """Return everybody's latest grades, given without knowing the others', in order of judging.

    `until` is the newest judgment that counts. What was said of a category that was retired
    counts for the one in its place; of two such words of one person, the later.
    """
    rows = counting(blind_judgments(until)).order_by("id")
    columns = (COUNTS_FOR, "product", "annotator", "grade")
    said = {
        (page, product, person): grade
        for page, product, person, grade in rows.values_list(*columns).iterator(chunk_size=5_000)
    }
    return [
        Grade(page, product, str(person), grade) for (page, product, person), grade in said.items()
    ]
