"""The editor of a guideline between two clicks: what was typed, and what is shown beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from judgments.actions.guidelines import Shown, shown_in
from judgments.models import Adjudication, Grade, GuidelineRevision, GuidelineState
from judgments.queries import guidelines as said
from judgments.queries.adjudication import gaps, sides
from taxonomy import queries
from taxonomy.models import Category, Product
from taxonomy.web import whole_number

FOUND = 12  # products that a search for examples shows


@dataclass(frozen=True)
class Editor:
    """What stands in the form."""

    text: str
    note: str
    based_on: int
    live: bool
    shown: list[Shown] = field(default_factory=list)
    searched: str = ""


@dataclass(frozen=True)
class ExampleLine:
    """An example in the form, or as it is shown."""

    product: Product
    grade: int
    why: str

    def get_grade_display(self) -> str:
        """Return the grade's word, as that of a judgment."""
        return Grade(self.grade).label


def drafted(
    branch: Category | None, gap: int = 0, revision: GuidelineRevision | None = None
) -> Editor:
    """Return the editor with the draft or live text, or the revision's; and a gap's products.

    `gap` is the id of the decision that found the gap, 0 for none.
    """
    standing = said.standing_of(branch)
    start = revision or standing.said
    editor = Editor(
        text=start.text if start else "",
        note=revision.note if revision else "",
        based_on=standing.number,
        live=bool(revision and revision.state == GuidelineState.LIVE),
        shown=shown_in(start) if start else [],
    )
    found = Adjudication.objects.filter(pk=gap).select_related("page", "judgment").first()
    return _with_both_sides(editor, found) if found else editor


def editor_sent(form: QueryDict) -> Editor:
    """Return the editor as it was sent: one example more after "add", one less after "remove"."""
    columns = [form.getlist(f"example_{name}") for name in ("product", "grade", "why")]
    shown = [
        Shown(whole_number(product), whole_number(grade), why)
        for product, grade, why in zip(*columns, strict=False)
    ]
    remove, add = (whole_number(form.get(name) or "0") for name in ("remove", "add"))
    shown = [one for one in shown if one.product != remove]
    if add and add not in {one.product for one in shown}:
        shown.append(Shown(add, Grade.EXACT))
    return Editor(
        text=form.get("text", "").replace("\r\n", "\n"),
        note=form.get("note", ""),
        based_on=whole_number(form.get("based_on") or "0"),
        live=form.get("as") == GuidelineState.LIVE,
        shown=shown,
        searched=form.get("q", "").strip(),
    )


def editor_of(branch: Category | None, editor: Editor) -> dict[str, Any]:
    """Return what the editor's page shows."""
    standing = said.standing_of(branch)
    return {
        "branch": branch,
        "ancestors": partial(queries.ancestors, branch) if branch else (),
        "standing": standing,
        "editor": editor,
        "examples": _lines(editor.shown),
        "grades": Grade.choices,
        "found": _found(branch, editor) if editor.searched else None,
        "gaps": gaps(guideline=standing.place) if standing.place else (),
        "faults": [],
    }


def _with_both_sides(editor: Editor, gap: Adjudication) -> Editor:
    """Add products that surely belong there or surely do not.

    Not the one in question: it is asked again, and whoever judges it must not read the answer.
    """
    new = [Shown(word.product_id, word.grade) for words in sides(gap.page, None) for word in words]
    there = {one.product for one in editor.shown} | {gap.product_id}
    once = {one.product: one for one in reversed(new) if one.product not in there}
    added = sorted(once.values(), key=lambda one: -one.grade)
    return replace(editor, shown=[*editor.shown, *added])


def _lines(shown: list[Shown]) -> list[ExampleLine]:
    products = Product.objects.select_related("retailer").in_bulk([one.product for one in shown])
    return [
        ExampleLine(products[one.product], one.grade, one.why)
        for one in shown
        if one.product in products
    ]


def _found(branch: Category | None, editor: Editor) -> QuerySet[Product]:
    """Products filed or judged in the branch by words of their title, or by their offer id."""
    words = Q()
    for word in editor.searched.split()[:8]:
        words &= Q(title__icontains=word)
    found = Product.objects.filter(words | Q(offer_id=editor.searched))
    if branch:
        inside = {"lineage__startswith": branch.lineage}
        filed = Q(filings__category__in=Category.objects.filter(**inside))
        judged = Q(judgments__page__in=Category.objects.filter(**inside))
        found = found.filter(filed | judged).distinct()
    there = [one.product for one in editor.shown]
    return found.exclude(pk__in=there).select_related("retailer").order_by("title", "id")[:FOUND]
