"""Drafts of the tree's next version: uploaded or fetched, mapped, set aside."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from taxonomy.actions.applying import NotADraft
from taxonomy.doorbell import ringing
from taxonomy.imports.lines import source_name
from taxonomy.imports.published import published
from taxonomy.imports.rejects import Unreadable
from taxonomy.imports.tree_files import store_tree, stored_tree, uploaded_text
from taxonomy.imports.trees import read_tree
from taxonomy.models import HOME_LOCALE, TreeUpdate, UpdateState
from taxonomy.queries.successors import Successors
from taxonomy.queries.updates import difference


def newest_address(locale: str = HOME_LOCALE) -> str:
    """Return the address at which the newest taxonomy is published."""
    address: str = settings.SEESTOCKS_TAXONOMY_ADDRESS
    return address.replace("{locale}", locale)


def upload(name: str, content: bytes, *, by: User | None) -> TreeUpdate:
    """Keep an uploaded file as a draft; raises `Unreadable` when it is no taxonomy."""
    file, version = _kept(content)
    return TreeUpdate.objects.create(
        source=source_name(name.replace("\0", "")), version=version, file=file, made_by=by
    )


def request_fetch(*, by: User | None) -> TreeUpdate:
    """Have a worker fetch the newest published version; return the row that says how it goes."""
    with transaction.atomic():
        update = TreeUpdate.objects.create(
            source=newest_address(), state=UpdateState.FETCHING, made_by=by
        )
        transaction.on_commit(partial(ring_for_tree, update.pk))
    return update


def request_again(update: TreeUpdate, *, by: User | None) -> TreeUpdate:
    """Ask once more for what was not fetched, or lay what was undone out as a new draft.

    Raises NotADraft while the version is a draft, or in force.
    """
    if update.state in (UpdateState.FETCHING, UpdateState.FAILED):
        asked = TreeUpdate.objects.filter(pk=update.pk, state=update.state)
        if asked.update(state=UpdateState.FETCHING, error=""):
            ring_for_tree(update.pk)
        return update
    if update.state != UpdateState.UNDONE:
        raise NotADraft("This version is there already.")
    stored_tree(update.file)
    return TreeUpdate.objects.create(
        source=update.source,
        version=update.version,
        file=update.file,
        successors=update.successors,
        along=update.along,
        made_by=by,
    )


def ring_for_tree(pk: int) -> None:
    """Tell a worker that a version is to be fetched; with a dead broker, that waits."""
    from taxonomy.tasks import fetch_tree

    with ringing(f"version {pk} waits"):
        fetch_tree.delay(pk)


def ring_for_waiting() -> None:
    """Tell the workers of every version that still waits to be fetched."""
    for pk in TreeUpdate.objects.filter(state=UpdateState.FETCHING).values_list("id", flat=True):
        ring_for_tree(pk)


def fetch(pk: int) -> None:
    """Fetch a version that is waited for: it becomes a draft, or says why it could not.

    Doing it twice at once does no harm: the first that comes back counts.
    """
    waiting = TreeUpdate.objects.filter(pk=pk, state=UpdateState.FETCHING)
    update = waiting.first()
    if update is None:
        return
    try:
        with published(update.source) as stream:
            file, version = _kept(stream.read())
    except Unreadable as error:
        waiting.update(state=UpdateState.FAILED, error=str(error)[:500])
    else:
        waiting.update(state=UpdateState.DRAFT, file=file, version=version, error="")


def choose_successor(
    update: TreeUpdate, retired: int, written: str | None, *, along: bool = False
) -> int | None:
    """Keep who takes the place of one that the draft retires, as `choose_successors` does."""
    return choose_successors(update, {retired: written}, {retired} if along else set())[retired]


def choose_successors(
    update: TreeUpdate, written: Mapping[int, str | None], along: Collection[int]
) -> dict[int, int | None]:
    """Keep who takes the places of what the draft retires, all or none; return their ids.

    Each is written as an id or a path, None for "none takes its place", "" for "not decided
    yet". Of those in `along` the shop's own categories below move below the successor. What
    others choose at the same time for other categories stays. Raises BadSuccessor, NotADraft,
    `Unreadable`.
    """
    successors = Successors(difference(update).growth)
    chosen = {retired: _named(successors, retired, text) for retired, text in written.items()}
    with transaction.atomic():
        found = TreeUpdate.objects.select_for_update().get(pk=update.pk)
        if found.state != UpdateState.DRAFT:
            raise NotADraft(f"This version is {found.get_state_display()} already.")
        kept = {str(old): new for old, new in chosen.items() if written[old] != ""}
        others = {old: new for old, new in found.successors.items() if int(old) not in chosen}
        found.successors = others | kept
        moving = {old for old, new in chosen.items() if new is not None and old in along}
        found.along = sorted({*found.along} - chosen.keys() | moving)
        if moving:
            difference(found)  # a tree that cannot be is refused now, not when it is applied
        found.save(update_fields=["successors", "along"])
    return chosen


def _named(successors: Successors, retired: int, written: str | None) -> int | None:
    if written:
        return successors.named(retired, written)
    successors.require_retired(retired)
    return None


def set_aside(update: TreeUpdate) -> None:
    """Throw a draft away; raises NotADraft for what was applied: that is undone instead."""
    states = (UpdateState.DRAFT, UpdateState.FETCHING, UpdateState.FAILED)
    deleted, _ = TreeUpdate.objects.filter(pk=update.pk, state__in=states).delete()
    if not deleted:
        raise NotADraft("Only a draft can be thrown away.")


def _kept(content: bytes) -> tuple[str, str]:
    """Store a file, if it holds a tree; return its name and version. Raises `Unreadable`."""
    text = uploaded_text(content)
    file = read_tree(io.BytesIO(text))
    if not file.entries:
        first = f" {file.rejects[0]}" if file.rejects else ""
        raise Unreadable(f"No line of the file reads “id - A > B > C”.{first}")
    return store_tree(text), file.version[:50]
