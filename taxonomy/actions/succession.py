"""What passes to the category that takes a retired one's place: filings, the page, its texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Q

from taxonomy.actions.discriminators import BadText, Collision, NotSiblings, write_revision
from taxonomy.models import (
    Category,
    CategoryChange,
    ChangeKind,
    Filing,
    FilingSource,
    Revision,
)
from taxonomy.queries.discriminators import text_of

SAID = (FilingSource.FEED, FilingSource.PERSON)  # a model's word is for its next run to say
AT_ONCE = 900  # ids in one question to the database


@dataclass
class Passed:
    """What passed on, and the history of it that is still to be written."""

    changes: list[CategoryChange] = field(default_factory=list)
    refiled: int = 0
    pages: int = 0
    drafts: int = 0


def pass_on(successors: Mapping[int, int], by: User | None) -> Passed:
    """Pass on what hangs on retired categories; the rows of both are as they will be.

    Their own successor is set, and that of categories retired earlier which they had followed.
    """
    passed = Passed()
    rows = Category.objects.in_bulk({*successors, *successors.values()})
    for old, new in successors.items():
        passed.changes += _lead_on(rows[old], new)
        refiled = refile(old, new)
        passed.refiled += len(refiled)
        if refiled:
            passed.changes.append(
                CategoryChange(
                    category_id=old,
                    kind=ChangeKind.REFILED,
                    before={"filings": as_ranges(refiled)},
                    after={"category": new},
                )
            )
        if rows[old].is_page and not rows[new].is_page:
            rows[new].is_page = True
            passed.pages += Category.objects.filter(pk=new).update(is_page=True)
            passed.changes.append(_switched_on(rows[old], new))
        passed.drafts += propose_texts(rows[old], rows[new], by)
    return passed


def refile(old: int, new: int) -> list[int]:
    """File what feeds and people filed under `old` under `new`; return the filings' ids."""
    filings = Filing.objects.filter(category=old, source__in=SAID).select_for_update()
    found = list(filings.order_by("id").values_list("id", flat=True))
    for ids in in_batches(found):
        Filing.objects.filter(id__in=ids).update(category=new)
    return found


def propose_texts(old: Category, new: Category, by: User | None) -> int:
    """Write the live texts of a retired category as drafts of its successor; return how many.

    Only where both have the same parent: elsewhere the siblings are others.
    """
    if old.parent_id != new.parent_id:
        return 0
    live = Revision.objects.live().filter(discriminator__category=old).exclude(text="")
    live = live.exclude(discriminator__sibling=new)
    told = live.select_related("discriminator__sibling").order_by("id")
    return sum(_propose(revision, old, new, by) for revision in told)


def in_batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the ids, as many at a time as a question to the database holds."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def as_ranges(ids: Iterable[int]) -> str:
    """Return rising numbers as their ranges, "1-50,53": filings of one feed lie side by side."""
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ranges)


def from_ranges(text: str) -> list[int]:
    """Return the numbers that `as_ranges` was given."""
    ends = [part.partition("-") for part in text.split(",") if part]
    return [n for first, _, last in ends for n in range(int(first), int(last or first) + 1)]


def _lead_on(old: Category, new: int) -> list[CategoryChange]:
    """Set the successor, for those that `old` itself had succeeded too: no way is two steps."""
    earlier = Category.objects.exclude(retired_at=None).filter(Q(pk=old.pk) | Q(successor=old))
    before = [pair for pair in earlier.values_list("id", "successor") if pair[1] != new]
    Category.objects.filter(pk__in=[pk for pk, _ in before]).update(successor=new)
    return [
        CategoryChange(
            category_id=pk,
            kind=ChangeKind.SUCCESSOR,
            before={"successor": was},
            after={"successor": new},
        )
        for pk, was in before
    ]


def _switched_on(old: Category, new: int) -> CategoryChange:
    return CategoryChange(
        category_id=new,
        kind=ChangeKind.PAGE,
        before={"is_page": False},
        after={"is_page": True},
        note=f"It takes the place of “{old.name}”"[:300],
    )


def _propose(revision: Revision, old: Category, new: Category, by: User | None) -> bool:
    sibling = revision.discriminator.sibling
    state = text_of(new, sibling)
    said = [line.strip() for line in state.text.splitlines()]
    lines = [line for line in revision.lines if line not in said]
    if not lines:
        return False
    try:
        write_revision(
            new,
            sibling,
            "\n".join([*said, *lines]),
            based_on=state.number,
            live=False,
            by=by,
            note=f"From “{old.name}” ({old.pk}), whose place it takes"[:300],
            origin=revision.origin,
        )
    except Collision:  # somebody wrote this moment: go on from what they said
        return _propose(revision, old, new, by)
    except (BadText, NotSiblings):  # too long together, or a sibling that is retired as well
        return False
    return True
