"""Reads of the texts that tell siblings apart."""

from __future__ import annotations

from dataclasses import dataclass

from taxonomy.models import Category, Discriminator, Revision, RevisionState


@dataclass(frozen=True)
class TextState:
    """How the text of one place stands.

    `newest` is the revision that an edit goes on from, `live` the one that counts (None when
    there is none or it was withdrawn), `draft` the one that waits to be made live.
    """

    category: Category
    sibling: Category | None
    discriminator: Discriminator | None
    newest: Revision | None
    live: Revision | None
    draft: Revision | None

    @property
    def number(self) -> int:
        """What a form says it is based on: the newest revision's number, 0 for none."""
        return self.newest.number if self.newest else 0

    @property
    def text(self) -> str:
        """What an editor starts with: the draft, or else the live text."""
        said = self.draft or self.live
        return said.text if said else ""


def text_of(category: Category, sibling: Category | None) -> TextState:
    """Return how the text of the category rather than the sibling (or alone) stands."""
    place = Discriminator.objects.filter(category=category, sibling=sibling).first()
    newest = live = None
    if place:
        revisions = place.revisions.select_related("author").order_by("-number")
        newest = revisions.first()
        live = revisions.filter(state=RevisionState.LIVE).first()
    return text_state(category, sibling, place, newest, live)


def texts_of_pair(first: Category, second: Category) -> tuple[TextState, TextState]:
    """Return how the texts of both directions stand: the first's rather than the second's first."""
    return text_of(first, second), text_of(second, first)


def text_state(
    category: Category,
    sibling: Category | None,
    place: Discriminator | None,
    newest: Revision | None,
    live: Revision | None,
) -> TextState:
    """Return the state that follows from the newest revision and the newest live one."""
    draft = newest if newest and newest.state == RevisionState.DRAFT else None
    return TextState(category, sibling, place, newest, live if live and live.text else None, draft)
