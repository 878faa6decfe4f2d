"""“Wrong here”: one click that hides a product on the draft, says so, and has two people check."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from judgments.actions.campaigns import BadCampaign, start_campaign
from judgments.actions.items import CampaignOver, add_items
from judgments.actions.saying import Saying, say, unsay
from judgments.models import Grade
from judgments.queries.pools import Candidate
from judgments.queries.shown import weight_of
from ranking.actions.hand import Wish, discard, draft
from ranking.models import HandKind, HandRule, HandState, RankedProduct
from ranking.queries.browse import shown_page_run
from ranking.queries.checks import CHECK
from taxonomy.models import Category, Product

CHECKERS = 2  # people asked about each product
_NAMES = uuid.UUID("5f3b0f1e-6c8e-4a52-9c06-7d1f1a3d9a11")  # where campaigns' tokens come from


@transaction.atomic
def wrong_here(page: Category, product: Product, *, by: User, token: uuid.UUID) -> HandRule:
    """Return the rule that hides the product: a draft, or what hides it already.

    The person's own judgment says that it is wrong, as a merchandiser's; others check it in the
    day's campaign of such checks, unless enough people have judged it. The same again changes
    nothing.
    """
    rule = _hides(page, product) or _draft(page, product, by, token)
    if rule.state in (HandState.DRAFT, HandState.LIVE):
        word = Saying(_token(rule, by), page.pk, product.pk, Grade.WRONG)
        say(by, [word])
        _have_checked(page, product, by)
    return rule


@transaction.atomic
def take_back(rule: HandRule, *, by: User) -> HandRule:
    """Discard the draft, and take back what this person said by “wrong here”.

    Who is asked to check already stays asked: it is a question like any other. Raises NotNow.
    """
    unsay(by, _token(rule, by))
    return discard(rule, by=by)


def _hides(page: Category, product: Product) -> HandRule | None:
    """What hides the product, unless a draft is to change that."""
    words = HandRule.objects.filter(
        page=page, product=product, state__in=(HandState.DRAFT, HandState.LIVE)
    )
    newest = words.order_by("-id").first()
    return newest if newest and newest.kind == HandKind.HIDE else None


def _draft(page: Category, product: Product, by: User, token: uuid.UUID) -> HandRule:
    drafts = HandRule.objects.filter(page=page, product=product, state=HandState.DRAFT)
    before = drafts.select_for_update().first()
    seen = before.pk if before else None
    return draft(page, product, Wish(HandKind.HIDE), by=by, token=token, based_on=seen)


def _token(rule: HandRule, by: User) -> uuid.UUID:
    """Of the judgment that goes with the rule: the same for a second click."""
    return uuid.uuid5(rule.token, f"wrong here, {by.pk}")


def _have_checked(page: Category, product: Product, by: User) -> None:
    """Ask about it in the day's campaign; in another one where that is finished already."""
    candidate = _candidate(page, product)
    for name in _names():
        with suppress(BadCampaign, CampaignOver):  # somebody has that name, or has finished it
            campaign = start_campaign(
                name=name,
                by=by,
                token=uuid.uuid5(_NAMES, name),
                candidates=[],
                note="Products that merchandisers called wrong on a page.",
                overlap=CHECKERS,
            )
            add_items(campaign, [candidate])
            return


def _names() -> Iterator[str]:
    """What the campaign of today's checks is called, and what more of them are."""
    day = f"Wrong here? Checks of {timezone.localdate()}"
    yield day
    yield from (f"{day} ({number})" for number in count(2))


def _candidate(page: Category, product: Product) -> Candidate:
    """What people's answer would change: the more, the surer the machine is and the higher it
    stands."""
    shown = shown_page_run(page)
    found = RankedProduct.objects.filter(
        page_run=shown.holder if shown else None, product=product
    ).first()
    change = (
        found.confidence * weight_of(found.position or found.page_run.shown + 1) if found else 0.0
    )
    return Candidate(page.pk, product.pk, CHECK, change)
