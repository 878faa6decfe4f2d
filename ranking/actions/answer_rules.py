"""Answer what rules that are not live would change. For workers: loads arrays.

Both sides are worked out from the same stored candidates, with the rules that are live and with
the new ones, so that nothing but the rules makes the difference.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from django.db.models import Max
from django.utils import timezone

from ranking.models import BranchRules, PageRun, PreviewState, RulesPreview, State
from ranking.pipeline.rules import Lineup, apply_rules
from ranking.queries.ruled import lineup_of, newest_crawl_of_each, with_cut
from ranking.queries.rules import live_rules, pages_under, told_by_settings, values_for
from taxonomy.models import Category

logger = logging.getLogger(__name__)

MOST = 50  # pages worked out; of more, evenly many along the tree
TOP = 10
PAGES_LISTED = 20
EXAMPLES = 4  # of those that leave, enter and move, each
FAILED = "It could not be worked out. Saving the rules still works; the worker's log says more."
NOTHING = "No page of this branch has been ranked yet: there is nothing to try the rules on."


@dataclass(frozen=True, eq=False)
class Change:
    """One page by the rules that are live, and by the new ones."""

    page: int
    before: Lineup
    after: Lineup
    relaxed: str  # what is said by the new rules

    @property
    def places_before(self) -> dict[int, int]:
        return _places(self.before)

    @property
    def places_after(self) -> dict[int, int]:
        return _places(self.after)

    def figures(self) -> dict[str, Any]:
        """Return how many leave, enter and move among those that stay, and what is new on top."""
        before, after = list(self.places_before), list(self.places_after)
        stay = set(before) & set(after)
        return {
            "page": self.page,
            "leave": len(before) - len(stay),
            "enter": len(after) - len(stay),
            "move": len(self.moved()),
            "top": len(set(after[:TOP]) ^ set(before[:TOP])),
            "top_differs": after[:TOP] != before[:TOP],
            "relaxed": self.relaxed,
        }

    def moved(self) -> set[int]:
        """Return the products that stay and pass one another, not those that merely close up."""
        before, after = self.places_before, self.places_after
        ways = [[pk for pk in line if pk in before and pk in after] for line in (before, after)]
        return {pk for way in zip(*ways, strict=True) if way[0] != way[1] for pk in way}

    def examples(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the products that the rules touch, with kind, places and the reason."""
        before, after = self.places_before, self.places_after
        moved = self.moved()
        for at, pk in enumerate(self.after.products.tolist()):
            was, now = before.get(pk), after.get(pk)
            told = {"page": self.page, "product": pk, "before": was, "after": now}
            if was and not now:
                yield "leave", told | {"why": self.after.reasons[at]}
            elif now and not was:
                yield "enter", told | {"why": self.before.reasons[at]}
            elif pk in moved and (why := _why_moved(self.before, self.after, at)):
                yield "move", told | {"why": why}


def answer_rules(preview_id: int) -> None:
    """Answer a preview that waits; a second bell for it finds nothing to do."""
    waiting = RulesPreview.objects.filter(pk=preview_id, state=PreviewState.WAITING)
    preview = waiting.select_related("branch").first()
    if preview is None:
        return
    try:
        found = _answer(preview)
    except Exception:
        logger.exception("preview of rules %s could not be answered", preview_id)
        found = {"state": PreviewState.FAILED, "error": FAILED}
    waiting.update(answered_at=timezone.now(), **found)


def _answer(preview: RulesPreview) -> dict[str, Any]:
    began = perf_counter()
    ranked = list(_ranked(preview.branch))
    if not ranked:
        return {"state": PreviewState.FAILED, "error": NOTHING}
    count = min(len(ranked), MOST)
    changes = list(_changes(preview, [ranked[n * len(ranked) // count] for n in range(count)]))
    answer = summary(changes) | {"of": len(ranked), "seconds": round(perf_counter() - began, 3)}
    return {"state": PreviewState.DONE, "answer": answer}


def summary(changes: Sequence[Change]) -> dict[str, Any]:
    """Return what all these pages come to, as JSON: counts, the pages that change most, and
    products as examples."""
    pages = [change.figures() for change in changes]
    different = [one for one in pages if one["leave"] or one["enter"] or one["move"]]
    most = sorted(different, key=lambda one: (-one["top"], -one["leave"] - one["enter"]))
    return {
        "pages": len(pages),
        "changed": len(different),
        "top_changed": sum(one["top_differs"] for one in pages),
        "leave": sum(one["leave"] for one in pages),
        "enter": sum(one["enter"] for one in pages),
        "move": sum(one["move"] for one in pages),
        "relaxed": [one["page"] for one in pages if one["relaxed"]],
        "most": most[:PAGES_LISTED],
        "examples": _examples(changes),
    }


def _changes(preview: RulesPreview, chosen: Sequence[PageRun]) -> Iterator[Change]:
    now, live = timezone.now(), live_rules()
    draft = BranchRules(branch=preview.branch, values=preview.values)
    new = {**live, preview.branch_id: draft}
    crawls = newest_crawl_of_each(now)
    for page_run in chosen:
        bare, base = lineup_of(page_run, crawls, now), told_by_settings(page_run.run)
        sides = [replace(base, **values_for(page_run.page, rules)) for rules in (live, new)]
        (before, _), (after, relaxed) = (apply_rules(with_cut(bare, one), one) for one in sides)
        yield Change(page_run.page_id, before, after, relaxed)


def _ranked(branch: Category | None) -> Iterator[PageRun]:
    """The newest ranking of each page of the branch, along the tree."""
    pages = pages_under(branch)
    done = PageRun.objects.filter(state=State.DONE, page__in=pages.values("pk"))
    newest = done.order_by().values("page").annotate(newest=Max("id")).values("newest")
    found = PageRun.objects.filter(pk__in=newest).select_related("page", "run")
    return found.order_by("page__path", "page").iterator(chunk_size=500)


def _places(page: Lineup) -> dict[int, int]:
    """The places of what is shown, by product, the first first."""
    shown = page.order[: int(page.is_left.sum())]
    return {int(page.products[at]): place for place, at in enumerate(shown, start=1)}


def _why_moved(before: Lineup, after: Lineup, at: int) -> str:
    """What moves it by the new rules, or moved it by the old; "" where others made it shift."""
    new, old = dict(after.moves_of(at)), dict(before.moves_of(at))
    for rule, move in new.items():
        if old.get(rule) != move:
            return move.reason
    gone = next((move for rule, move in old.items() if rule not in new), None)
    return f"By the rules that are live: {gone.reason}" if gone else ""


def _examples(changes: Sequence[Change]) -> dict[str, list[dict[str, Any]]]:
    """Of each kind those that are nearest to the top of their pages, from pages in turn."""
    kinds: dict[str, list[dict[str, Any]]] = {"leave": [], "enter": [], "move": []}
    for change in changes:
        mine: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
        for kind, told in change.examples():
            mine[kind].append(told)
        for kind, found in mine.items():
            kinds[kind] += sorted(found, key=_nearest_top)[:2]
    return {kind: sorted(found, key=_nearest_top)[:EXAMPLES] for kind, found in kinds.items()}


def _nearest_top(example: dict[str, Any]) -> tuple[int, int]:
    places = (example["before"], example["after"])
    return min(place for place in places if place), example["product"]
