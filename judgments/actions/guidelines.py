"""Writes of how to judge: each appends a revision, none changes one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from judgments.actions.ask_again import ask_again
from judgments.models import Example, Grade, Guideline, GuidelineRevision, GuidelineState
from judgments.queries.guidelines import newest_of
from taxonomy.imports.trees import UNWRITABLE
from taxonomy.models import Category, Product

MAX_TEXT = 10_000  # characters
MAX_NOTE = 300
MAX_WHY = 300
MAX_EXAMPLES = 24


class BadGuideline(Exception):
    """A guideline that cannot be kept; `faults` has a sentence for each thing that is wrong."""

    def __init__(self, *faults: str) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


class Collision(Exception):
    """Somebody else has written since: `newest` is what they wrote."""

    def __init__(self, newest: GuidelineRevision) -> None:
        super().__init__("Somebody else has changed this guideline in the meantime.")
        self.newest = newest


@dataclass(frozen=True)
class Shown:
    """A product that a guideline shows, as the author says it."""

    product: int
    grade: int
    why: str = ""


def write_guideline(
    branch: Category | None,
    text: str,
    *,
    based_on: int,
    live: bool,
    by: User | None,
    examples: Sequence[Shown] = (),
    note: str = "",
) -> GuidelineRevision:
    """Append a revision of the branch's guideline (None: the whole tree's); return it.

    `based_on` is the number of the newest revision that the author saw, 0 for none. What already
    is the newest, in the same state, is no new revision. An empty live text withdraws the
    guideline. When it goes live, what it had left open is asked again. Raises Collision and
    BadGuideline.
    """
    text, note = _checked(text), _checked_note(note)
    shown = _checked_examples(examples, text)
    state = GuidelineState.LIVE if live else GuidelineState.DRAFT
    with transaction.atomic():
        newest = newest_of(branch)
        if newest and _says(newest, text, shown, state):
            return newest
        _require_base(branch, newest, based_on, text)
        place, _ = Guideline.objects.get_or_create(category=branch)
        revision = GuidelineRevision(
            guideline=place, number=based_on + 1, text=text, state=state, author=by, note=note
        )
        return _append(revision, shown)


def make_guideline_live(
    revision: GuidelineRevision, *, based_on: int, by: User | None
) -> GuidelineRevision:
    """Append what the revision says as live. Raises what `write_guideline` does."""
    return _again(revision, f"Made revision {revision.number} live", based_on, by, live=True)


def restore_guideline(
    revision: GuidelineRevision, *, based_on: int, by: User | None
) -> GuidelineRevision:
    """Append what an earlier revision said, as live or draft as it was.

    Raises what `write_guideline` does.
    """
    live = revision.state == GuidelineState.LIVE
    return _again(revision, f"Restored revision {revision.number}", based_on, by, live=live)


def _checked(text: str) -> str:
    """The text with one kind of line end, and no blank around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").strip()
    faults = []
    if len(text) > MAX_TEXT:
        faults.append(f"The guideline is longer than {MAX_TEXT:,} characters.")
    for number, line in enumerate(text.split("\n"), 1):
        if _unwritable(line):
            faults.append(f"Line {number} holds a character that cannot be stored.")
    if faults:
        raise BadGuideline(*faults)
    return text


def _checked_note(note: str) -> str:
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise BadGuideline(f"The note is longer than {MAX_NOTE} characters.")
    if _unwritable(note):
        raise BadGuideline("The note holds a character that cannot be stored, or runs over lines.")
    return note


def _checked_examples(examples: Sequence[Shown], text: str) -> list[Shown]:
    """The examples, right ones first, as they are shown."""
    faults = []
    if examples and not text:
        faults.append("A guideline without words has no examples.")
    if len(examples) > MAX_EXAMPLES:
        faults.append(f"There are {len(examples)} examples; at most {MAX_EXAMPLES} are shown.")
    known = set(Product.objects.filter(pk__in=[one.product for one in examples]).values_list("pk"))
    for number, one in enumerate(examples, 1):
        if (one.product,) not in known:
            faults.append(f"Example {number}: there is no product {one.product}.")
        if one.grade not in Grade.values:
            faults.append(f"Example {number}: a grade is one of 0, 1, 2, 3.")
        if len(one.why) > MAX_WHY or _unwritable(one.why):
            faults.append(f"Example {number}: its reason is one line of {MAX_WHY} characters.")
    if len({one.product for one in examples}) < len(examples):
        faults.append("One product is an example twice.")
    if faults:
        raise BadGuideline(*faults)
    return sorted((_trimmed(one) for one in examples), key=lambda one: -one.grade)


def _trimmed(one: Shown) -> Shown:
    return Shown(one.product, one.grade, one.why.strip())


def _unwritable(line: str) -> bool:
    return any(unicodedata.category(letter) in UNWRITABLE for letter in line)


def _says(newest: GuidelineRevision, text: str, shown: list[Shown], state: str) -> bool:
    """Whether the newest revision says so already; a draft of what is live says nothing new."""
    if newest.text != text or newest.state not in (state, GuidelineState.LIVE):
        return False
    return set(shown_in(newest)) == set(shown)


def shown_in(revision: GuidelineRevision) -> list[Shown]:
    """Return the examples of a revision as an author says them."""
    return [Shown(one.product_id, one.grade, one.why) for one in revision.examples.all()]


def _require_base(
    branch: Category | None, newest: GuidelineRevision | None, based_on: int, text: str
) -> None:
    if branch and branch.retired_at:
        raise BadGuideline(f"{branch} is retired: nothing is judged there any more.")
    number = newest.number if newest else 0
    if based_on > number:
        raise BadGuideline(f"There is no revision {based_on} of this guideline to go on from.")
    if newest and based_on < number:
        raise Collision(newest)
    if newest is None and not text:
        raise BadGuideline("The guideline is empty: there is nothing to save.")


def _append(revision: GuidelineRevision, shown: list[Shown]) -> GuidelineRevision:
    """Write the revision, unless its number was taken while it was being checked."""
    try:
        with transaction.atomic():
            revision.save(force_insert=True)
    except IntegrityError:
        newest = newest_of(revision.guideline.category)
        if newest is None:
            raise
        if _says(newest, revision.text, shown, revision.state):
            return newest
        raise Collision(newest) from None
    Example.objects.bulk_create(
        Example(revision=revision, product_id=one.product, grade=one.grade, why=one.why)
        for one in shown
    )
    if revision.state == GuidelineState.LIVE:
        ask_again()
    return revision


def _again(
    revision: GuidelineRevision, note: str, based_on: int, by: User | None, *, live: bool
) -> GuidelineRevision:
    return write_guideline(
        revision.guideline.category,
        revision.text,
        based_on=based_on,
        live=live,
        by=by,
        examples=shown_in(revision),
        note=note,
    )
