"""Categories as the lines of a flat list: of a work list, of a branch, found by a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from taxonomy.models import Category
from taxonomy.queries.search import search
from taxonomy.queries.worklists import WorkList, active


@dataclass(frozen=True)
class Line:
    """A category in a list, why it is there, and which of its other names was searched for."""

    category: Category
    note: str = ""
    other_name: str = ""
    misspelt: bool = False


@dataclass(frozen=True)
class Wanted:
    """Which categories are asked for; those of a work list have its notes."""

    work: WorkList | None = None
    pages_only: bool = False
    under: Category | None = None

    @property
    def is_everything(self) -> bool:
        return not (self.work or self.pages_only or self.under)

    def rows(self) -> QuerySet[Category]:
        """Return the categories, in the list's order or that of the tree."""
        rows = self.work.rows() if self.work else Category.objects.order_by("path", "id")
        rows = active(rows, self.pages_only)
        return rows.filter(lineage__startswith=self.under.lineage) if self.under else rows

    def lines(self, rows: Iterable[Category]) -> list[Line]:
        """Return some of the rows as lines."""
        return [Line(row, self.work.note(row) if self.work else "") for row in rows]

    def search(self, text: str, limit: int = 60) -> list[Line]:
        """Return those that the text finds, the best match first."""
        rows = self.rows().order_by()
        ids = None if self.is_everything else set(rows.values_list("id", flat=True))
        found = search(text, limit, among=ids)
        notes: dict[int, str] = {}
        if self.work:
            chosen = rows.filter(pk__in=[one.category.pk for one in found])
            notes = {row.pk: self.work.note(row) for row in chosen}
        return [
            Line(one.category, notes.get(one.category.pk, ""), one.other_name, one.misspelt)
            for one in found
        ]
