"""Settling what people disagree about."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import adjudicate as actions
from judgments.gaps import gap_choices, gap_named
from judgments.models import Adjudication, Annotator, Campaign, Cause, Grade
from judgments.queries import adjudication as said
from judgments.queries.guidelines import guideline_of
from taxonomy import queries
from taxonomy.models import Category, Discriminator, Product
from taxonomy.queries.discriminators import category_texts
from taxonomy.web import SignedInRequest, category_of, respond, token_of, whole_number

SHOWN = 100  # of the list: what is settled makes room for the next
MAY = "judgments.add_adjudication"


@require_safe
@permission_required(MAY, raise_exception=True)
def adjudications(request: HttpRequest) -> HttpResponse:
    """What is to be settled, lowest agreement first; by campaign, page, branch and person."""
    asked = _asked(request.GET)
    pairs = said.disputed(**asked)
    context = {
        "asked": asked,
        "query": _query(request.GET),
        "lines": said.disputes(pairs[:SHOWN]),
        "count": len(pairs),
        "campaigns": Campaign.objects.order_by("-id")[:50],
        "settled": said.decided()[:20],
    }
    template = "judgments/adjudications.html"
    return respond(request, template, context, part="judgments/_adjudications.html")


@require_safe
@permission_required(MAY, raise_exception=True)
def adjudication(request: HttpRequest, page_pk: int, product_pk: int) -> HttpResponse:
    """One product on one page: all that people said, side by side, and the decision."""
    context = _context(request, *_pair(page_pk, product_pk))
    return respond(request, "judgments/adjudication.html", context)


@require_POST
@permission_required(MAY, raise_exception=True)
def adjudicate(request: SignedInRequest, page_pk: int, product_pk: int) -> HttpResponse:
    """Decide; the next one stands there at once, or the text that leaves it open."""
    page, product = _pair(page_pk, product_pk)
    form = request.POST
    try:
        decision = _decision(form)
        made = actions.adjudicate(
            page,
            product,
            decision,
            by=request.user,
            token=token_of(form),
            based_on=whole_number(form.get("based_on") or "0"),
        )
    except actions.Settled as settled:
        context = _context(request, page, product) | _typed(form) | {"settled": settled.newest}
        return respond(request, "judgments/adjudication.html", context, status=409)
    except actions.BadDecision as fault:
        context = _context(request, page, product) | _typed(form) | {"fault": fault}
        return respond(request, "judgments/adjudication.html", context, status=422)
    messages.success(request, _what_happened(made))
    return redirect(_text_to_write(request, made) or _next(request, form))


@require_POST
@permission_required(MAY, raise_exception=True)
def take_back_adjudication(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a decision count no more."""
    made = get_object_or_404(Adjudication.objects.select_related("judgment"), pk=pk)
    try:
        actions.take_back(made, by=request.user)
        messages.success(request, "Taken back: it is to be settled again.")
    except actions.CannotTakeBack as fault:
        messages.error(request, str(fault))
    return redirect("adjudication", made.page_id, made.product_id)


@require_safe
@permission_required(MAY, raise_exception=True)
def open_gaps(request: HttpRequest, pk: int, sibling_pk: int) -> HttpResponse:
    """What two siblings' texts leave open, with products of both sides, beside their editor."""
    pair = get_object_or_404(Category, pk=pk), get_object_or_404(Category, pk=sibling_pk)
    places = Discriminator.objects.filter(category__in=pair, sibling__in=pair)
    first, second = said.sides(*pair)
    context = {
        "category": pair[0],
        "sibling": pair[1],
        "gaps": said.gaps(discriminators=places),
        "sides": ((pair[0], first), (pair[1], second)),
    }
    return respond(request, "judgments/open_gaps.html", context, part="judgments/_open_gaps.html")


def _context(request: HttpRequest, page: Category, product: Product) -> dict[str, Any]:
    dispute = said.dispute(page, product)
    pairs = said.disputed(**_asked(request.GET))
    place, before, after = _neighbours(pairs, (page.pk, product.pk))
    named = [word.judgment.belongs_to for word in dispute.words if word.judgment.belongs_to]
    return {
        "dispute": dispute,
        "page": page,
        "product": product,
        "ancestors": queries.ancestors(page),
        "guideline": guideline_of(page),
        "texts": category_texts(page),
        "count": len(pairs),
        "place": place,
        "before": before,
        "after": after,
        "query": _query(request.GET),
        "grades": list(zip(Grade.choices, "asdf", strict=True)),
        "causes": list(zip(Cause.choices, "hgp", strict=True)),
        "elsewhere": _once([*named, *queries.siblings(page)], page),
        "gap_choices": gap_choices(page, named),
        "token": uuid.uuid4(),
        "based_on": dispute.based_on,
        "said": {},
        "fault": None,
    }


def _neighbours(
    pairs: list[said.Pair], here: said.Pair
) -> tuple[int | None, said.Pair | None, said.Pair | None]:
    """Where it stands on the list, from 1, and those beside it; what is not on it has the first."""
    if here not in pairs:
        return None, None, next(iter(pairs), None)
    at = pairs.index(here)
    after = pairs[at + 1] if at + 1 < len(pairs) else next(iter(pairs[:at]), None)
    return at + 1, pairs[at - 1] if at else None, after


def _asked(asked: QueryDict) -> dict[str, Any]:
    """What an address narrows the list to; 404 for what is not there."""
    filters: dict[str, Any] = {}
    for name in ("page", "branch"):
        if number := asked.get(name):
            filters[name] = category_of(number)
    if number := asked.get("campaign"):
        filters["campaign"] = get_object_or_404(Campaign, pk=whole_number(number))
    if number := asked.get("person"):
        filters["person"] = get_object_or_404(Annotator, pk=whole_number(number))
    return filters


def _query(asked: QueryDict) -> str:
    """The same filters for the next address."""
    kept = QueryDict(mutable=True)
    for name in ("campaign", "page", "branch", "person"):
        if value := asked.get(name):
            kept[name] = str(value)
    return f"?{kept.urlencode()}" if kept else ""


def _pair(page_pk: int, product_pk: int) -> tuple[Category, Product]:
    products = Product.objects.select_related("retailer")
    return get_object_or_404(Category, pk=page_pk), get_object_or_404(products, pk=product_pk)


def _decision(form: QueryDict) -> actions.Decision:
    grade, elsewhere = form.get("grade", ""), form.get("belongs_to", "")
    return actions.Decision(
        cause=form.get("cause", ""),
        grade=whole_number(grade) if grade else None,
        belongs_to=_category_named(elsewhere),
        note=form.get("note", ""),
        gap=gap_named(form.get("gap", "")),
    )


def _category_named(written: str) -> Category | None:
    """The category of a field, by its number, or as the only one that is called so."""
    if not written.strip():
        return None
    found = queries.meant(written.strip())
    if len(found) != 1:
        raise actions.BadDecision(
            "belongs_to", f"{len(found) or 'No'} categories are called “{written.strip()}”."
        )
    return found[0]


def _typed(form: QueryDict) -> dict[str, Any]:
    """What was filled in, so that nothing is lost."""
    return {"said": form.dict()}


def _once(categories: list[Category], page: Category) -> list[Category]:
    return list({one.pk: one for one in categories if one.pk != page.pk}.values())


def _what_happened(made: Adjudication) -> str:
    if made.judgment is None:
        return "Kept as a gap. Whoever judged is asked again once the text says more."
    word = f"Settled: {made.product} is {made.judgment.get_grade_display()} on {made.page}."
    return f"{word} Whoever judged is asked again once the text says more." if _gap(made) else word


def _gap(made: Adjudication) -> bool:
    return made.cause == Cause.GAP


def _text_to_write(request: SignedInRequest, made: Adjudication) -> str:
    """Where the text that leaves it open is written, by those who may; nothing for no gap."""
    if made.guideline and request.user.has_perm("judgments.add_guidelinerevision"):
        branch = made.guideline.category
        where = ("edit_guideline", [branch.pk]) if branch else ("edit_guideline_of_all", [])
        return f"{reverse(where[0], args=where[1])}?gap={made.pk}"
    if made.discriminator and request.user.has_perm("taxonomy.add_revision"):
        pair = [made.discriminator.category_id, made.discriminator.sibling_id]
        on_the_bench = request.user.has_perm("ranking.view_confusedpair")
        return reverse("workbench" if on_the_bench else "text", args=pair)
    return ""


def _next(request: HttpRequest, form: QueryDict) -> str:
    """The one that stood after this one on the list, or the list when there is none."""
    page, _, product = form.get("after", "").partition("-")
    if not page or not product:
        return reverse("adjudications") + _query(request.GET)
    pair = [whole_number(page), whole_number(product)]
    return reverse("adjudication", args=pair) + _query(request.GET)
