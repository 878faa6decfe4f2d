"""A page as somebody looks at it: which ranking, with which rules by hand. Loads no arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ranking.labels import rule_label
from ranking.models import PageRun, Publication
from ranking.queries.browse import Removal, shown_page_run
from ranking.queries.changes import (
    Changes,
    Tile,
    changes,
    published_places,
    published_tiles,
    tiles,
)
from ranking.queries.lineup import Line, Rules, lineup, unruled
from ranking.queries.shown import shown_publication
from taxonomy.models import Category

NEWEST, PUBLISHED, DRAFT, OFF = "newest", "published", "draft", "off"
SHOWS = {
    NEWEST: "Newest",
    PUBLISHED: "Published",
    DRAFT: "With drafts",
    OFF: "Rules off",
}


@dataclass(frozen=True)
class Look:
    """One ranking of a page, in the order in which it is shown."""

    show: str  # a key of SHOWS
    page_run: PageRun | None  # None: never ranked
    publication: Publication | None  # what the shop shows now
    lines: list[Line]  # those shown by place first
    tiles: list[Tile]
    changes: Changes | None  # None: there is nothing published, or nothing to hold against it

    @property
    def is_published(self) -> bool:
        """Whether it is the very ranking that the shop shows, apart from drafts."""
        here, there = self.page_run, self.publication
        return bool(here and there and here.holder == there.page_run.holder)

    @property
    def is_ruled(self) -> bool:
        """Whether somebody may lay rules by hand over what is seen."""
        return self.show in (NEWEST, DRAFT)

    @property
    def shown(self) -> list[Line]:
        """The products shown, by place; then all others."""
        there = [tile.line for tile in self.tiles]
        known = {line.ranked.product_id for line in there}
        return there + [line for line in self.lines if line.ranked.product_id not in known]

    @property
    def removals(self) -> list[Removal]:
        """How many products each of the machine's rules removed, most first."""
        counts = Counter(line.ranked.removed_by for line in self.lines if line.is_candidate)
        del counts[""]
        order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [Removal(rule, rule_label(rule), n) for rule, n in order]


def look(page: Category, show: str = NEWEST) -> Look:
    """Return the page as it is asked for by a key of SHOWS.

    NEWEST: the newest finished ranking with the rules by hand that are live. PUBLISHED: what the
    shop shows, as it was published. DRAFT: what it would show if all drafts went live; before
    anything is published, over the newest. OFF: the newest in the order of the scores alone.
    """
    publication = shown_publication(page)
    if show == PUBLISHED and publication is None:
        show = NEWEST
    follows_shop = show in (PUBLISHED, DRAFT) and publication is not None
    page_run = publication.page_run if follows_shop and publication else shown_page_run(page)
    if page_run is None:
        return Look(show, None, publication, [], [], None)
    lines = _lines(page_run, show)
    if show == PUBLISHED and publication:
        shown = published_tiles(publication, lines)
        return Look(show, page_run, publication, lines, shown, None)
    shown = tiles(lines, published_places(publication))
    changed = changes(publication, lines) if publication and show != OFF else None
    return Look(show, page_run, publication, lines, shown, changed)


def _lines(page_run: PageRun, show: str) -> list[Line]:
    if show == OFF:
        return unruled(page_run)
    rules: Rules = "draft" if show == DRAFT else "live"
    return lineup(page_run, rules)
