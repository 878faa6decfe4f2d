"""What people say of products outside a queue, through programs of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from judgments.actions.judge import annotator_of
from judgments.models import Judgment, JudgmentSource
from judgments.queries.guidelines import guidelines_of
from judgments.queries.judgments import guideline_now
from taxonomy.models import Category, Product


class UnsayableError(Exception):
    """A judgment names a page or a product that is not here, or contradicts itself."""


@dataclass(frozen=True)
class Saying:
    """One grade of one product for one page; the token makes a repeat known as one."""

    token: UUID
    page: int
    product: int
    grade: int
    belongs_to: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class SaidNow:
    """The judgments of all tokens, in the order asked, and whether any of them is new."""

    judgments: list[Judgment]
    is_new: bool


@transaction.atomic
def say(user: User, sayings: Sequence[Saying]) -> SaidNow:
    """Keep what this person says; of a token that was here before, what it said then.

    Whoever may look at rankings or at others' grades may have seen an opinion: their word is
    evidence, as a merchandiser's, but is not counted as blind. Raises `UnsayableError`, and keeps
    nothing then.
    """
    pages, annotator = _pages(sayings), annotator_of(user)
    guidelines, texts = guidelines_of(pages.values()), guideline_now()
    seen = any(map(user.has_perm, ("ranking.view_run", "judgments.view_agreement")))
    known = set(_said(user, sayings))
    new = {
        one.token: Judgment(
            page_id=one.page,
            product_id=one.product,
            annotator=annotator,
            grade=one.grade,
            belongs_to_id=one.belongs_to,
            seconds=one.seconds,
            source=JudgmentSource.MERCHANDISER if seen else JudgmentSource.ANNOTATOR,
            guideline=guidelines.get(one.page),
            revisions_until=texts,
            token=one.token,
        )
        for one in sayings
        if one.token not in known
    }
    Judgment.objects.bulk_create(new.values(), ignore_conflicts=True)
    said = _said(user, sayings)
    if len(said) < len({one.token for one in sayings}):
        raise UnsayableError("A token is that of somebody else's judgment: make another.")
    return SaidNow([said[one.token] for one in sayings], bool(new))


@transaction.atomic
def unsay(user: User, token: UUID) -> bool:
    """Take back what this person said with that token, and return whether it counted till now.

    What they had said before of this product on this page counts again.
    """
    said = Judgment.objects.filter(token=token, annotator__user=user).first()
    if said is None:
        return False
    own = Judgment.objects.filter(
        page=said.page_id, product=said.product_id, annotator=said.annotator_id
    )
    *before, newest = own.order_by("-id")[:2][::-1]
    if newest != said:
        return False
    Judgment.objects.create(
        page_id=said.page_id,
        product_id=said.product_id,
        annotator_id=said.annotator_id,
        grade=said.grade,
        source=said.source,
        withdrawn=True,
        token=uuid5(token, "taken back"),
    )
    for word in before:
        if not word.withdrawn:
            word.pk, word.made_at, word.token = None, Now(), uuid5(token, "said before")
            word.save(force_insert=True)
    return True


def _said(user: User, sayings: Sequence[Saying]) -> dict[UUID, Judgment]:
    rows = Judgment.objects.filter(token__in={one.token for one in sayings}, annotator__user=user)
    return {row.token: row for row in rows.select_related("product__retailer", "annotator")}


def _pages(sayings: Sequence[Saying]) -> dict[int, Category]:
    """Return the pages that are judged, by id; raises `UnsayableError`."""
    elsewhere = {one.belongs_to for one in sayings if one.belongs_to is not None}
    pages = Category.objects.in_bulk({one.page for one in sayings} | elsewhere)
    products = Product.objects.filter(pk__in={one.product for one in sayings})
    known = set(products.values_list("pk", flat=True))
    for one in sayings:
        for category in (one.page, one.belongs_to):
            if category is not None and category not in pages:
                raise UnsayableError(f"There is no category {category}.")
        if one.product not in known:
            raise UnsayableError(f"There is no product {one.product}.")
        if one.belongs_to == one.page:
            raise UnsayableError("A product belongs elsewhere, or on this very page: not both.")
    return pages
