"""What people do with rules by hand: draft, discard, let them go live, and end them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ranking.actions.publish import publish_pages
from ranking.models import Cause, HandKind, HandRule, HandState, Release, Strength
from taxonomy.models import Category, Product

LAST_PLACE = 1_000  # that a product may be pinned to
NOTE_LIMIT = 500  # as the column
TITLES_IN_A_NOTE = 3  # of the products that a release was about


class BadRule(Exception):
    """The rule cannot be: `faults` has a sentence for each field that is wrong."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


class DraftedMeanwhile(Exception):
    """Somebody else has drafted something for the product; `newest` is it, None: discarded."""

    def __init__(self, newest: HandRule | None) -> None:
        super().__init__("Somebody else has changed the draft for this product meanwhile.")
        self.newest = newest


class NotNow(Exception):
    """The rule is not in a state for that; the message says so in a sentence."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants of one product of a page."""

    kind: str
    place: int | None = None  # of a pin
    strength: str = ""  # of a boost or a bury
    until: datetime | None = None
    note: str = ""

    @property
    def faults(self) -> dict[str, str]:
        """A sentence for each field that is wrong."""
        faults = {}
        if self.kind not in HandKind.values:
            faults["kind"] = f"A rule is one of {', '.join(HandKind.values)}."
        if self.kind == HandKind.PIN and not 1 <= (self.place or 0) <= LAST_PLACE:
            faults["place"] = f"A pin has a place from 1 to {LAST_PLACE:,}."
        if self.kind in (HandKind.BOOST, HandKind.BURY) and self.strength not in Strength.values:
            faults["strength"] = f"Say how much: {', '.join(Strength.values)}."
        if self.until and self.until <= timezone.now():
            faults["until"] = "The time until which it counts is to come."
        if len(self.note) > NOTE_LIMIT:
            faults["note"] = f"The note is longer than {NOTE_LIMIT} characters."
        return faults


@dataclass(frozen=True)
class Done:
    """Rules that went live or were ended, and what the shop was told then; None: nothing new."""

    rules: list[HandRule]
    release: Release | None


def draft(
    page: Category,
    product: Product,
    wish: Wish,
    *,
    by: User | None,
    token: uuid.UUID,
    based_on: int | None,
) -> HandRule:
    """Return the new draft for the product on the page; it takes the place of the one before.

    `based_on` is the id of the draft that its author saw, None for none; the same `token` again
    returns the first draft. Raises BadRule and DraftedMeanwhile.
    """
    if faults := wish.faults:
        raise BadRule(faults)
    if again := HandRule.objects.filter(token=token).first():
        return again
    try:
        with transaction.atomic():
            before = _drafts(page, product).select_for_update(of=("self",)).first()
            if (before.pk if before else None) != based_on:
                raise DraftedMeanwhile(before)
            if before:
                _close([before], HandState.DISCARDED, by)
            return _new(page, product, wish, by, token)
    except IntegrityError:  # a second click, or somebody else, at this very moment
        if again := HandRule.objects.filter(token=token).first():
            return again
        raise DraftedMeanwhile(_drafts(page, product).first()) from None


def discard(rule: HandRule, *, by: User | None) -> HandRule:
    """Let the draft be none. A second time changes nothing. Raises NotNow."""
    with transaction.atomic():
        rule = HandRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if rule.state in (HandState.LIVE, HandState.ENDED):
            raise NotNow("It is no draft any more: it has gone live.")
        if rule.state == HandState.DRAFT:
            _close([rule], HandState.DISCARDED, by)
    return rule


def go_live(page: Category, drafts: Collection[int], *, by: User | None) -> Done:
    """Let these drafts of the page count from now on, each in place of the live rule before it.

    The shop is told in the same transaction, if the page was ever published. Those that are live
    already stay so. Raises NotNow, and changes nothing then.
    """
    with transaction.atomic():
        found = HandRule.objects.filter(page=page, pk__in=list(drafts)).select_related("product")
        rules = list(found.select_for_update(of=("self",)).order_by("pk"))
        new = [rule for rule in rules if rule.state != HandState.LIVE]
        if len(rules) < len(set(drafts)) or any(rule.state != HandState.DRAFT for rule in new):
            raise NotNow("Somebody has changed the drafts meanwhile: look at them again.")
        _raise_if_over(new)
        before = HandRule.objects.filter(
            page=page, product__in=[rule.product_id for rule in new], state=HandState.LIVE
        )
        _close(before.select_for_update(of=("self",)), HandState.ENDED, by)
        now = timezone.now()
        for rule in new:
            rule.state, rule.live_at = HandState.LIVE, now
            rule.save(update_fields=["state", "live_at"])
        if not new:
            return Done(rules, None)
        told = publish_pages([page.pk], cause=Cause.HAND, by=by, note=_note("", new))
    return Done(rules, told)


def end(rule: HandRule, *, by: User | None) -> Done:
    """Let the live rule count no more, and tell the shop. Again changes nothing. Raises NotNow."""
    with transaction.atomic():
        locked = HandRule.objects.select_for_update(of=("self",)).select_related("product")
        rule = locked.get(pk=rule.pk)
        if rule.state == HandState.ENDED:
            return Done([rule], None)
        if rule.state != HandState.LIVE:
            raise NotNow("It is not live, so there is nothing to end.")
        _close([rule], HandState.ENDED, by)
        told = publish_pages([rule.page_id], cause=Cause.HAND, by=by, note=_note("Ended: ", [rule]))
    return Done([rule], told)


def end_those_over() -> Done:
    """End the live rules whose time is over, and tell the shop."""
    with transaction.atomic():
        over = HandRule.objects.filter(state=HandState.LIVE, until__lte=timezone.now())
        rules = list(over.select_for_update(of=("self",)).select_related("product").order_by("pk"))
        if not rules:
            return Done([], None)
        _close(rules, HandState.ENDED, None)
        pages = sorted({rule.page_id for rule in rules})
        told = publish_pages(pages, cause=Cause.ENDED, by=None, note=_note("Over: ", rules))
    return Done(rules, told)


def _drafts(page: Category, product: Product) -> QuerySet[HandRule]:
    """The draft for the product, if there is one."""
    drafts = HandRule.objects.filter(page=page, product=product, state=HandState.DRAFT)
    return drafts.select_related("author")


def _new(
    page: Category, product: Product, wish: Wish, by: User | None, token: uuid.UUID
) -> HandRule:
    return HandRule.objects.create(
        page=page,
        product=product,
        kind=wish.kind,
        place=wish.place if wish.kind == HandKind.PIN else None,
        strength=wish.strength if wish.kind in (HandKind.BOOST, HandKind.BURY) else "",
        until=wish.until,
        note=wish.note.strip(),
        author=by,
        token=token,
    )


def _close(rules: Iterable[HandRule], state: HandState, by: User | None) -> None:
    now = timezone.now()
    for rule in rules:
        rule.state, rule.closed_at, rule.closed_by = state, now, by
        rule.save(update_fields=["state", "closed_at", "closed_by"])


def _raise_if_over(rules: Iterable[HandRule]) -> None:
    now = timezone.now()
    for rule in rules:
        if rule.until and rule.until <= now:
            raise NotNow(f"The time of the draft for “{rule.product}” is over: draft it anew.")


def _note(start: str, rules: list[HandRule]) -> str:
    """What the release is about, for its history."""
    said = [f"{rule.kind} “{rule.product.title[:100]}”" for rule in rules[:TITLES_IN_A_NOTE]]
    more = len(rules) - len(said)
    return f"{start}{', '.join(said)}{f' and {more:,} more' if more else ''}"
