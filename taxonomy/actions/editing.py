"""Editing the tree by hand: each verb is one transaction and one line of the node's history."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from taxonomy.actions.subtrees import (
    BadName,
    Circle,
    NameTaken,
    PathTooLong,
    Refused,
    follow,
    refuse_bad_place,
)
from taxonomy.actions.succession import pass_on
from taxonomy.actions.tree_rows import lock_tree
from taxonomy.imports.trees import NAME_LIMIT, STEP, UNWRITABLE
from taxonomy.models import FIRST_SHOP_ID, Category, CategoryChange, ChangeKind, Comment

__all__ = [
    "BadComment",
    "BadName",
    "BadSuccessor",
    "Circle",
    "NameTaken",
    "NotEditable",
    "Outdated",
    "PathTooLong",
    "Refused",
    "StillInUse",
    "add_category",
    "comment",
    "move",
    "newest_change",
    "rename",
    "restore",
    "retire",
    "set_display_name",
    "switch_page",
]

COMMENT_LIMIT = 4_000


class NotEditable(Refused):
    """The category is Google's, retired, or not as the edit says, and cannot be changed so."""


class StillInUse(Refused):
    """Live categories hang below the one that was to be retired."""


class BadSuccessor(Refused):
    """The category cannot take the place of the one that is retired."""


class BadComment(Refused):
    """A comment that cannot be kept."""


class Outdated(Exception):
    """Somebody else has changed the category since: `category` is how it is now."""

    def __init__(self, category: Category, changes: list[CategoryChange]) -> None:
        super().__init__("Somebody else has changed this category in the meantime.")
        self.category, self.changes = category, changes


def add_category(parent: Category | None, name: str, *, by: User | None) -> Category:
    """Add a category of the shop's own below `parent`, or as a root; return it.

    Raises BadName, NameTaken, PathTooLong and NotEditable.
    """
    name = checked_name(name)
    with transaction.atomic():
        lock_tree()
        parent = _live(parent.pk) if parent else None
        highest = Category.objects.aggregate(highest=Max("id"))["highest"] or 0
        added = Category(id=max(FIRST_SHOP_ID, highest + 1), name=name, parent=parent)
        refuse_bad_place(added, name, parent)
        added.path = f"{parent.path} > {name}" if parent else name
        added.lineage = f"{parent.lineage if parent else '/'}{added.id}/"
        added.save(force_insert=True)
        _note(added, ChangeKind.ADDED, {}, {"name": name, **_place(parent)}, by)
    return added


def rename(category: Category, name: str, *, based_on: int, by: User | None) -> Category:
    """Give one of the shop's own categories another name; paths below it follow.

    `based_on` is the newest change of the category that the author saw (`newest_change`).
    Raises BadName, NameTaken, PathTooLong, NotEditable and Outdated.
    """
    name = checked_name(name)
    with _editing(category, based_on) as found:
        _require_own(found)
        before = found.name
        if name != before:
            refuse_bad_place(found, name, found.parent)
            found.name = name
            found.save(update_fields=["name"])
            follow(found)
            _note(found, ChangeKind.RENAMED, {"name": before}, {"name": name}, by)
    return found


def move(
    category: Category, parent: Category | None, *, based_on: int, by: User | None
) -> Category:
    """Hang one of the shop's own categories, with all below it, under another (None: a root).

    Raises NameTaken, Circle, PathTooLong, NotEditable and Outdated.
    """
    with _editing(category, based_on) as found:
        _require_own(found)
        parent = _live(parent.pk) if parent else None
        before, after = found.parent, parent
        if before != after:
            refuse_bad_place(found, found.name, parent)
            found.parent = parent
            found.save(update_fields=["parent"])
            follow(found)
            _note(found, ChangeKind.MOVED, _place(before), _place(after), by)
    return found


def retire(
    category: Category, successor: Category | None, *, based_on: int, by: User | None
) -> Category:
    """Retire one of the shop's own categories; what hangs on it is kept.

    What was filed in it, its page and its texts pass to the `successor`, if there is one. Raises
    StillInUse while live categories hang below it, BadSuccessor, NotEditable and Outdated.
    """
    with _editing(category, based_on) as found:
        _require_own(found)
        if below := found.children.filter(retired_at=None).count():
            raise StillInUse(
                f"{below} live categor{'y hangs' if below == 1 else 'ies hang'} below"
                f" “{found}”. Move or retire {'it' if below == 1 else 'them'} first."
            )
        if successor:
            live = Category.objects.live().exclude(pk=found.pk)
            if (successor := live.filter(pk=successor.pk).first()) is None:
                raise BadSuccessor("Only another live category can take its place.")
        found.retired_at = timezone.now()
        found.save(update_fields=["retired_at"])
        _note(found, ChangeKind.RETIRED, {}, {}, by)
        if successor:
            _pass_on(found, successor, by)
    return found


def restore(category: Category, *, based_on: int, by: User | None) -> Category:
    """Bring back one of the shop's own categories that was retired.

    Raises NotEditable (also while its parent is retired), NameTaken and Outdated.
    """
    with _editing(category, based_on) as found:
        if not found.is_shops_own:
            raise NotEditable(f"“{found}” is Google's, and comes back with Google's next version.")
        if found.retired_at:
            parent = _live(found.parent_id) if found.parent_id else None
            refuse_bad_place(found, found.name, parent)
            before = {"successor": found.successor_id}
            found.retired_at = found.successor = None
            found.save(update_fields=["retired_at", "successor"])
            _note(found, ChangeKind.RESTORED, before, {}, by)
    return found


def set_display_name(category: Category, name: str, *, based_on: int, by: User | None) -> Category:
    """Show another name than the category's own, or its own again for an empty one.

    Raises BadName and Outdated.
    """
    name = checked_name(name) if name.strip() else ""
    with _editing(category, based_on) as found:
        before, name = found.display_name, "" if name == found.name else name
        if name != before:
            found.display_name = name
            found.save(update_fields=["display_name"])
            changed = {"display_name": before}, {"display_name": name}
            _note(found, ChangeKind.DISPLAY_NAME, *changed, by)
    return found


def switch_page(category: Category, on: bool, *, based_on: int, by: User | None) -> Category:
    """Switch the category on to be ranked as a page, or off. Raises NotEditable and Outdated."""
    with _editing(category, based_on) as found:
        if on and found.retired_at:
            raise NotEditable(f"“{found}” is retired, and so is no page.")
        if on != found.is_page:
            found.is_page = on
            found.save(update_fields=["is_page"])
            _note(found, ChangeKind.PAGE, {"is_page": not on}, {"is_page": on}, by)
    return found


def comment(category: Category, text: str, *, by: User) -> Comment:
    """Say something about a category. Raises BadComment."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise BadComment("The comment is empty.")
    if len(text) > COMMENT_LIMIT:
        raise BadComment(f"The comment is longer than {COMMENT_LIMIT:,} characters.")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text if c not in "\n\t"):
        raise BadComment("The comment holds a character that cannot be stored.")
    return Comment.objects.create(category=category, text=text, author=by)


def newest_change(category: Category) -> int:
    """Return the id of the category's newest change, 0 for none: what a form is based on."""
    return category.changes.aggregate(newest=Max("id"))["newest"] or 0


def checked_name(name: str) -> str:
    """Return the name with single spaces. Raises BadName for one that no tree file could hold."""
    if any(unicodedata.category(letter) in UNWRITABLE for letter in name):
        raise BadName("The name holds a character that cannot be stored, or runs over lines.")
    name = " ".join(name.split())
    if not name:
        raise BadName("A category needs a name.")
    if len(name) > NAME_LIMIT:
        raise BadName(f"The name is longer than {NAME_LIMIT} characters.")
    if STEP.search(name):
        raise BadName("A “>” between spaces parts a category from the one above; name it without.")
    return name


@contextmanager
def _editing(category: Category, based_on: int) -> Iterator[Category]:
    """Give the category as it is now, to change it alone. Raises Outdated."""
    with transaction.atomic():
        lock_tree()
        found = Category.objects.select_related("parent").get(pk=category.pk)
        if based_on > newest_change(found):
            raise NotEditable(f"“{found}” has no change {based_on} that an edit could go on from.")
        since = found.changes.filter(id__gt=based_on).select_related("author")
        if changes := list(since):
            raise Outdated(found, changes)
        yield found


def _require_own(category: Category) -> None:
    if not category.is_shops_own:
        raise NotEditable(
            f"“{category}” is Google's: it keeps its name and place. It can be given another"
            " name on screen."
        )
    if category.retired_at:
        raise NotEditable(f"“{category}” is retired. Bring it back first.")


def _live(pk: int) -> Category:
    found = Category.objects.live().filter(pk=pk).first()
    if found is None:
        raise NotEditable("The category above is retired. Choose a live one.")
    return found


def _place(parent: Category | None) -> dict[str, Any]:
    return {"parent": parent.pk if parent else None, "path": parent.path if parent else ""}


def _pass_on(category: Category, successor: Category, by: User | None) -> None:
    changes = pass_on({category.pk: successor.pk}, by).changes
    for change in changes:
        change.author = by
    CategoryChange.objects.bulk_create(changes)
    category.refresh_from_db(fields=["successor"])


def _note(
    category: Category,
    kind: ChangeKind,
    before: dict[str, Any],
    after: dict[str, Any],
    by: User | None,
) -> None:
    CategoryChange.objects.create(
        category=category, kind=kind, before=before, after=after, author=by
    )
