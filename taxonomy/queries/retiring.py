"""What hangs on categories that a version of the tree retires, and who could take their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Count

from taxonomy.imports.growth import Growth
from taxonomy.imports.nodes import Node
from taxonomy.models import FIRST_SHOP_ID, Category, ChangeKind, Filing, Revision
from taxonomy.queries.counts import added_counts
from taxonomy.queries.successors import Successors, Suggested
from taxonomy.queries.updates import Difference, Line


@dataclass
class Hanging:
    """What hangs on a category that a version retires."""

    feed: int = 0
    person: int = 0
    model: int = 0
    texts: int = 0
    is_page: bool = False
    shops_own: list[Node] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)  # what other apps count, by its label

    @property
    def filings(self) -> int:
        return self.feed + self.person + self.model

    @property
    def is_empty(self) -> bool:
        return not (self.filings or self.texts or self.is_page or self.shops_own or self.others)


@dataclass(frozen=True)
class Row:
    """A line of a difference; what is retired brings what hangs on it and who may succeed it."""

    line: Line
    hanging: Hanging | None = None
    suggested: list[Suggested] = field(default_factory=list)
    decided: bool = False
    successor: Node | None = None
    along: bool = False


def rows(plan: Difference, lines: Iterable[Line], user: User) -> list[Row]:
    """Return the lines with all that there is to say of them."""
    lines = list(lines)
    retired = [line.id for line in lines if line.kind == ChangeKind.RETIRED]
    held = hanging(plan.growth, retired, user)
    successors = Successors(plan.growth)
    return [
        _retired(plan, successors, line, held[line.id]) if line.id in set(retired) else Row(line)
        for line in lines
    ]


def undecided(plan: Difference, user: User) -> int:
    """Return how many of the retired that something hangs on nobody has decided about."""
    retired = [pk for pk, kind in plan.growth.kinds.items() if kind == ChangeKind.RETIRED]
    held = hanging(plan.growth, [pk for pk in retired if pk not in plan.successors], user)
    return sum(not one.is_empty for one in held.values())


def hanging(growth: Growth, retired: Collection[int], user: User) -> dict[int, Hanging]:
    """Return what hangs on each of the retired categories, as far as this person may see it."""
    found: defaultdict[int, Hanging] = defaultdict(Hanging)
    if not retired:
        return found
    filed = Filing.objects.filter(category__in=retired).order_by()
    for pk, source, count in filed.values_list("category", "source").annotate(Count("id")):
        setattr(found[pk], source, count)
    told = Revision.objects.live().filter(discriminator__category__in=retired).exclude(text="")
    counted = told.order_by().values_list("discriminator__category").annotate(Count("id"))
    for pk, count in counted:
        found[pk].texts = count
    for pk in Category.objects.filter(pk__in=retired, is_page=True).values_list("id", flat=True):
        found[pk].is_page = True
    for node in growth.before.values():
        above = node.parent_id
        if above in retired and above is not None and node.live and node.id >= FIRST_SHOP_ID:
            found[above].shops_own.append(node)
    for count in added_counts(user):
        for categories, number in count.groups():
            for pk in set(categories) & set(retired):
                others = found[pk].others
                others[count.label] = others.get(count.label, 0) + number
    return found


def _retired(plan: Difference, successors: Successors, line: Line, hanging: Hanging) -> Row:
    chosen = plan.successors.get(line.id)
    return Row(
        line,
        hanging,
        successors.suggested(line.id),
        line.id in plan.successors,
        plan.growth.after.get(chosen) if chosen is not None else None,
        line.id in plan.along,
    )
