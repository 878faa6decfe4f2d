"""Rules by hand: what somebody wants of one product of a page, drafted, seen and published."""

from __future__ import annotations

import uuid
from math import exp
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ranking.actions import hand as actions
from ranking.actions import wrong_here as wrong
from ranking.hand import STEPS
from ranking.hand_form import HandForm, filled
from ranking.models import HandKind, HandRule, HandState, Strength
from ranking.queries import hand as reads
from ranking.queries.touching import Touching
from ranking.views.pages import page_context
from taxonomy.models import Category, Product
from taxonomy.queries import ancestors
from taxonomy.web import SignedInRequest, respond, token_of, wants_part, whole_number

MAY_SEE = "ranking.view_handrule"
MAY_SAY = "ranking.add_handrule"
LAST = 5  # rules of a product that are over and still told of


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def hand(request: HttpRequest, pk: int, product_pk: int) -> HttpResponse:
    """What people want of one product on a page: the live rule, the draft, and a form."""
    return _hand(request, _page(pk), get_object_or_404(Product, pk=product_pk))


@require_POST
@permission_required(MAY_SAY, raise_exception=True)
def draft_hand(request: SignedInRequest, pk: int, product_pk: int) -> HttpResponse:
    """Draft a rule; 422 tells what is wrong with it, 409 that somebody else was faster."""
    page, product = _page(pk), get_object_or_404(Product, pk=product_pk)
    form = HandForm(request.POST)
    if not form.is_valid():
        return _hand(request, page, product, status=422, form=form)
    said = form.cleaned_data
    try:
        rule = actions.draft(
            page,
            product,
            form.wish,
            by=request.user,
            token=said["token"],
            based_on=said["based_on"],
        )
    except actions.BadRule as error:
        for field, sentence in error.faults.items():
            form.add_error(field, sentence)
        return _hand(request, page, product, status=422, form=form)
    except actions.DraftedMeanwhile as told:
        return _hand(request, page, product, status=409, form=form, theirs=told)
    return _drafted(request, page, product, f"On the draft: {rule.words.lower()}.")


@require_POST
@permission_required((MAY_SAY, "judgments.add_judgment"), raise_exception=True)
def wrong_here(request: SignedInRequest, pk: int, product_pk: int) -> HttpResponse:
    """Hide a product on the draft, say that it is wrong here, and have two people check."""
    page, product = _page(pk), get_object_or_404(Product, pk=product_pk)
    token = token_of(request.POST)
    # Of one form for all tiles: each has its own.
    wrong.wrong_here(page, product, by=request.user, token=uuid.uuid5(token, str(product_pk)))
    said = "Hidden on the draft, and judged wrong here by you. Two people are asked to check."
    return _drafted(request, page, product, said)


@require_POST
@permission_required(MAY_SAY, raise_exception=True)
def discard_hand(request: SignedInRequest, pk: int) -> HttpResponse:
    """Discard a draft, and what was said with it."""
    rule = get_object_or_404(HandRule.objects.select_related("page", "product"), pk=pk)
    try:
        wrong.take_back(rule, by=request.user)
    except actions.NotNow as error:
        messages.error(request, str(error))
        return redirect("page_rules", rule.page_id)
    return _drafted(request, rule.page, rule.product, "The draft is discarded.")


@require_POST
@permission_required(MAY_SAY, raise_exception=True)
def publish_hand(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let drafts of the page go live: those that the form names."""
    page = _page(pk)
    try:
        done = actions.go_live(page, _rules(request), by=request.user)
    except actions.NotNow as error:
        messages.error(request, str(error))
        return redirect("page_draft", pk)
    messages.success(request, _told(done, "live"))
    return redirect("page", pk)


@require_POST
@permission_required(MAY_SAY, raise_exception=True)
def end_hand(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a live rule count no more."""
    rule = get_object_or_404(HandRule, pk=pk)
    try:
        done = actions.end(rule, by=request.user)
    except actions.NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _told(done, "ended"))
    return redirect("page_rules", rule.page_id)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def page_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The page with its drafts beside the page as it is."""
    context = page_context(request, pk)
    drafts: reads.DraftedPage = context["drafts"]
    context["pairs"] = drafts.pairs(settings.SEESTOCKS_PAGE_SIZE) if drafts.rules else []
    return respond(request, "ranking/hand_preview.html", context)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def page_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """All rules that touch the page, by where they come from."""
    context = page_context(request, pk)
    drafts: reads.DraftedPage = context["drafts"]
    context["touching"] = Touching(drafts.page, drafts.page_run)
    return respond(request, "ranking/hand_rules.html", context)


def _page(pk: int) -> Category:
    return get_object_or_404(Category, pk=pk, is_page=True)


def _page_context(page: Category) -> dict[str, Any]:
    return {"page": page, "ancestors": ancestors(page), "token": uuid.uuid4()}


def _rules(request: HttpRequest) -> list[int]:
    rules = [whole_number(number) for number in request.POST.getlist("rule")]
    if not rules:
        raise BadRequest("The form names no draft.")
    return rules


def _told(done: actions.Done, word: str) -> str:
    number = len(done.rules)
    rules = "The rule is" if number == 1 else f"{number:,} rules are"
    if done.release is None:
        return f"{rules} {word}. The shop is told nothing new by it."
    return f"{rules} {word}, and the shop shows it: release {done.release.pk}."


def _hand(
    request: HttpRequest, page: Category, product: Product, *, status: int = 200, **more: Any
) -> HttpResponse:
    drafts = reads.DraftedPage(page, reads.ruled_page_run(page))
    context = _hand_context(page, product, drafts, **more)
    part = "ranking/_hand.html"
    return respond(request, "ranking/hand.html", context, part=part, status=status)


def _hand_context(
    page: Category,
    product: Product,
    drafts: reads.DraftedPage,
    form: HandForm | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What the form about one product needs; `form`: as somebody has filled it."""
    line = reads.by_product(drafts.live).get(product.pk)
    of_product = reads.rules_of(page, *HandState).filter(product=product)
    now = of_product.filter(state__in=(HandState.LIVE, HandState.DRAFT))
    rules = {rule.state: rule for rule in now}
    draft, live = rules.get(HandState.DRAFT), rules.get(HandState.LIVE)
    over = of_product.filter(state__in=(HandState.DISCARDED, HandState.ENDED))
    return _page_context(page) | {
        "drafts": drafts,
        "product": product,
        "line": line,
        "after": reads.by_product(drafts.draft).get(product.pk) if draft else None,
        "live": live,
        "draft": draft,
        "history": over[:LAST],
        "form": form,
        "values": form.data if form else filled(draft or live, line.place if line else None),
        "kinds": HandKind.choices,
        "strengths": [(key, label, f"{exp(STEPS[key]):.3g}") for key, label in Strength.choices],
        **more,
    }


def _drafted(request: HttpRequest, page: Category, product: Product, said: str) -> HttpResponse:
    """After a change of the draft: what it was done with and the drafts anew, or the page."""
    if not wants_part(request):
        messages.success(request, said)
        return redirect("page", page.pk)
    drafts = reads.DraftedPage(page, reads.ruled_page_run(page))
    context = _hand_context(page, product, drafts, said=said)
    in_drawer = request.headers.get("HX-Target") == "hand-form"
    part = "ranking/_hand_saved.html" if in_drawer else "ranking/_hand_done.html"
    return respond(request, part, context)
