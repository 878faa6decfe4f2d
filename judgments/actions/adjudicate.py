"""Settling what people disagree about; each decision is one more judgment, none is changed."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from judgments.actions.judge import annotator_of
from judgments.models import (
    Adjudication,
    Cause,
    Grade,
    Guideline,
    Judgment,
    JudgmentSource,
)
from judgments.queries import guideline_now
from judgments.queries.guidelines import guideline_of
from taxonomy.actions.discriminators import NotSiblings, require_siblings
from taxonomy.imports.trees import UNWRITABLE
from taxonomy.models import Category, Discriminator, Product

MAX_NOTE = 500


class BadDecision(Exception):
    """A decision that cannot be kept; `field` names what is wrong, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Settled(Exception):
    """Somebody else has decided, or taken back, since: `newest` is their decision."""

    def __init__(self, newest: Adjudication) -> None:
        super().__init__("Somebody else has settled this in the meantime.")
        self.newest = newest


class CannotTakeBack(Exception):
    """The decision cannot be taken back; the message says why in a sentence."""


@dataclass(frozen=True)
class OpenText:
    """The text that leaves it open: what makes a product `category` rather than `sibling`.

    Without a sibling, the guideline of the category; without either, that of the whole tree.
    """

    category: Category | None
    sibling: Category | None = None


@dataclass(frozen=True)
class Decision:
    """What an adjudicator says. A gap names its text, and may leave the grade open."""

    cause: str
    grade: int | None = None
    belongs_to: Category | None = None
    note: str = ""
    gap: OpenText | None = None


def adjudicate(
    page: Category,
    product: Product,
    decision: Decision,
    *,
    by: User,
    token: uuid.UUID,
    based_on: int,
) -> Adjudication:
    """Settle what the product is on the page; return the decision.

    `based_on` is the id of the newest decision that the adjudicator saw, 0 for none; `token` is
    that of the judgment, and a repeat finds the first one's decision. A decision before it counts
    no more. What the adjudicator said blind stays what agreement is measured on. Raises
    BadDecision and Settled.
    """
    _check(page, decision)
    with transaction.atomic():
        # Two who decide on one product at once come one after the other.
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        newest = Adjudication.objects.filter(page=page, product=product).first()
        if newest and newest.pk != based_on:
            if _is_repeat(newest, decision, by, token, based_on):
                return newest
            raise Settled(newest)
        if Judgment.objects.filter(token=token).exists():
            raise BadDecision("token", "This token is that of another judgment.")
        for before in Adjudication.objects.standing().filter(page=page, product=product):
            _end(before)
        return _decide(page, product, decision, by, token)


def take_back(adjudication: Adjudication, *, by: User) -> None:
    """Have the decision count no more; what the adjudicator had said blind counts again.

    A second time changes nothing. Raises CannotTakeBack.
    """
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=adjudication.product_id)
        adjudication.refresh_from_db()
        if adjudication.by_id != by.pk:
            raise CannotTakeBack("Somebody else decided this. Decide anew where you differ.")
        if adjudication.asked_again_at:
            raise CannotTakeBack("People are being asked again, so the decision counts no more.")
        if not adjudication.taken_back_at:
            _end(adjudication)


def withdraw(judgment: Judgment, *, token: uuid.UUID) -> None:
    """Append that an adjudicator's judgment counts no more, and what they had said blind again."""
    about = {
        "page_id": judgment.page_id,
        "product_id": judgment.product_id,
        "annotator_id": judgment.annotator_id,
    }
    own = Judgment.objects.filter(**about).exclude(source=JudgmentSource.ADJUDICATOR)
    before = own.order_by("-id").first()
    Judgment.objects.create(
        **about,
        grade=judgment.grade,
        source=JudgmentSource.ADJUDICATOR,
        withdrawn=True,
        token=token,
    )
    if before and not before.withdrawn:
        Judgment.objects.create(
            **about,
            grade=before.grade,
            belongs_to_id=before.belongs_to_id,
            source=before.source,
            seat_id=before.seat_id,
            guideline_id=before.guideline_id,
            revisions_until=before.revisions_until,
            token=uuid.uuid5(token, "what was said before"),
        )


def _check(page: Category, decision: Decision) -> None:
    if decision.cause not in Cause.values:
        raise BadDecision("cause", "Say why they differ: hard to tell, a gap, or a slip.")
    if decision.grade is None and decision.cause != Cause.GAP:
        raise BadDecision("grade", "Say which grade is right; only a gap may leave it open.")
    if decision.grade is not None and decision.grade not in Grade.values:
        raise BadDecision("grade", "A grade is one of 0, 1, 2, 3.")
    _check_elsewhere(page, decision)
    _check_gap(decision)
    if len(decision.note.strip()) > MAX_NOTE:
        raise BadDecision("note", f"The note is longer than {MAX_NOTE} characters.")
    if any(unicodedata.category(letter) in UNWRITABLE for letter in decision.note.strip()):
        raise BadDecision("note", "The note holds a character that cannot be stored.")


def _check_elsewhere(page: Category, decision: Decision) -> None:
    elsewhere = decision.belongs_to
    if elsewhere is None:
        return
    if decision.grade is None:
        raise BadDecision("grade", "Say which grade it has here, beside where it belongs.")
    if elsewhere == page:
        raise BadDecision("belongs_to", "It cannot belong elsewhere and on this very page.")
    if elsewhere.retired_at:
        raise BadDecision("belongs_to", f"{elsewhere} is retired: nothing belongs there any more.")


def _check_gap(decision: Decision) -> None:
    gap = decision.gap
    if decision.cause != Cause.GAP:
        return
    if gap is None:
        raise BadDecision("gap", "Say which text leaves it open.")
    if gap.category and gap.category.retired_at:
        raise BadDecision("gap", f"{gap.category} is retired: its texts count no more.")
    if gap.category and gap.sibling:
        try:
            require_siblings(gap.category, gap.sibling)
        except NotSiblings as fault:
            raise BadDecision("gap", str(fault)) from fault


def _is_repeat(
    newest: Adjudication, decision: Decision, by: User, token: uuid.UUID, based_on: int
) -> bool:
    """Whether this is the newest decision sent twice; one without a grade has no token."""
    if newest.judgment:
        return newest.judgment.token == token
    between = Adjudication.objects.filter(
        page=newest.page_id, product=newest.product_id, id__gt=based_on
    )
    said = (newest.by_id, newest.cause, newest.note)
    same = said == (by.pk, decision.cause, decision.note.strip()) and decision.grade is None
    return same and between.count() == 1


def _end(adjudication: Adjudication) -> None:
    adjudication.taken_back_at = timezone.now()
    adjudication.save(update_fields=["taken_back_at"])
    if judgment := adjudication.judgment:
        withdraw(judgment, token=uuid.uuid5(judgment.token, "taken back"))


def _decide(
    page: Category, product: Product, decision: Decision, by: User, token: uuid.UUID
) -> Adjudication:
    adjudication = Adjudication(
        page=page, product=product, cause=decision.cause, note=decision.note.strip(), by=by
    )
    if decision.grade is not None:
        adjudication.judgment = Judgment.objects.create(
            page=page,
            product=product,
            annotator=annotator_of(by),
            grade=decision.grade,
            belongs_to=decision.belongs_to,
            source=JudgmentSource.ADJUDICATOR,
            guideline=guideline_of(page),
            revisions_until=guideline_now(),
            token=token,
        )
    if decision.cause == Cause.GAP and decision.gap:
        _name_gap(adjudication, decision.gap)
    adjudication.save()
    return adjudication


def _name_gap(adjudication: Adjudication, gap: OpenText) -> None:
    """Keep which text leaves it open, and its newest revision: a newer one may close the gap."""
    place: Guideline | Discriminator
    if gap.sibling:
        place, _ = Discriminator.objects.get_or_create(category=gap.category, sibling=gap.sibling)
        adjudication.discriminator = place
    else:
        place, _ = Guideline.objects.get_or_create(category=gap.category)
        adjudication.guideline = place
    newest = place.revisions.order_by("-number").values_list("number", flat=True).first()
    adjudication.revision = newest or 0
