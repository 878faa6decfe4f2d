"""The live texts that tell siblings apart, as the pipeline reads them. For workers: loads numpy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ranking.pipeline.disambiguate import NO_TEXTS, Lines, Texts
from ranking.pipeline.retrieve import prompts
from ranking.vectors import VectorStore, text_key
from taxonomy.models import Category, Revision


def live_revisions(until: int | None = None) -> list[Revision]:
    """Return the revisions that counted as of that one, without withdrawn texts and those of
    retired categories; by category and sibling."""
    live = Revision.objects.live(until).exclude(text="").select_related("discriminator")
    standing = live.filter(discriminator__category__retired_at=None).exclude(
        discriminator__sibling__retired_at__isnull=False
    )
    return list(standing.order_by("discriminator__category", "discriminator__sibling", "id"))


def live_lines(until: int | None = None) -> Iterator[str]:
    """Yield every line of every live text."""
    for revision in live_revisions(until):
        yield from revision.lines


def lone_lines(until: int | None = None) -> dict[int, list[str]]:
    """Return the lines of the live texts that are about one category alone, by category."""
    return {
        revision.discriminator.category_id: revision.lines
        for revision in live_revisions(until)
        if revision.discriminator.sibling_id is None
    }


def load_texts(store: VectorStore, until: int | None = None) -> Texts:
    """Return the live texts with the vectors that the store has of their lines."""
    revisions = live_revisions(until)
    if not revisions:
        return NO_TEXTS
    of_pairs, alone = {}, {}
    for revision in revisions:
        place, lines = revision.discriminator, load_lines(store, revision.lines)
        if place.sibling_id is None:
            alone[place.category_id] = lines
        else:
            of_pairs[place.category_id, place.sibling_id] = lines
    touched = {revision.discriminator.category_id for revision in revisions}
    return Texts(of_pairs, alone, _names(store, touched))


def load_lines(store: VectorStore, lines: Iterable[str]) -> Lines:
    """Return lines with the vectors that the store has of them."""
    texts = tuple(lines)
    return Lines(texts, store.take(np.array([text_key(line) for line in texts], np.uint64)))


def name_lines(store: VectorStore, category: Category) -> Lines:
    """Return what stands in for a category's text where it has none."""
    return Lines((category.name,), load_lines(store, prompts(category.name)).vectors)


def _names(store: VectorStore, touched: Iterable[int]) -> dict[int, Lines]:
    """The names of all live categories beside those touched, and of these."""
    parents = Category.objects.filter(pk__in=touched).values_list("parent", flat=True)
    known = [pk for pk in parents if pk is not None]
    beside = Category.objects.live().filter(parent__in=known)
    if len(known) < len(parents):  # a root's siblings are the other roots
        beside = beside | Category.objects.live().filter(parent=None)
    return {category.pk: name_lines(store, category) for category in beside}
