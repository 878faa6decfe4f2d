"""Gold: what is proposed, in use and dismissed, and what came of showing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from judgments.actions import gold as actions
from judgments.models import Gold, GoldState, Grade
from judgments.queries import gold as said
from taxonomy import queries
from taxonomy.models import Category, Product
from taxonomy.web import SignedInRequest, page_of, respond, whole_number

MAY = "judgments.add_gold"


@require_safe
@permission_required(MAY, raise_exception=True)
def gold(request: HttpRequest) -> HttpResponse:
    """The gold of one state, with how often each was shown and missed."""
    context = _context(request)
    return respond(request, "judgments/gold.html", context, part="judgments/_gold.html")


@require_POST
@permission_required(MAY, raise_exception=True)
def propose_gold(request: SignedInRequest) -> HttpResponse:
    """Look for what people agree on."""
    new = actions.propose_gold()
    if new:
        messages.success(request, f"{new:,} proposed.")
    else:
        messages.success(request, "Nothing new: no further product has three people of one mind.")
    return redirect("gold")


@require_POST
@permission_required(MAY, raise_exception=True)
def decide_gold(request: SignedInRequest) -> HttpResponse:
    """Take what was chosen into use, or dismiss it; `one` decides on a single one."""
    form = request.POST
    act, _, one = form.get("as", "").partition("-")
    chosen = [one] if one else form.getlist("gold")
    found = Gold.objects.filter(pk__in=[whole_number(pk) for pk in chosen])
    state = GoldState.DISMISSED if act == "dismiss" else GoldState.ACTIVE
    explanation = form.get(f"explanation-{one}", "") if one else ""
    try:
        done = actions.decide(
            list(found),
            state,
            by=request.user,
            training=act == "training",
            explanation=explanation,
        )
        messages.success(request, _what_happened(done, state))
    except actions.BadGold as fault:
        messages.error(request, str(fault))
    return redirect(f"{reverse('gold')}?state={form.get('state') or GoldState.PROPOSED}")


@require_POST
@permission_required(MAY, raise_exception=True)
def add_gold(request: SignedInRequest) -> HttpResponse:
    """Take a product into use as gold by hand."""
    form = request.POST
    try:
        made = actions.add_gold(
            _category_named(form.get("category", "")),
            _product_named(form.get("product", "")),
            whole_number(form.get("grade", "")),
            by=request.user,
            training=bool(form.get("training")),
            explanation=form.get("explanation", ""),
        )
    except actions.BadGold as fault:
        context = _context(request) | {"said": form.dict(), "fault": str(fault)}
        return respond(request, "judgments/gold.html", context, status=422)
    messages.success(request, f"In use: {made}.")
    return redirect(f"{reverse('gold')}?state={GoldState.ACTIVE}")


def _context(request: HttpRequest) -> dict[str, Any]:
    state = request.GET.get("state", GoldState.PROPOSED)
    if state not in GoldState.values:
        state = GoldState.PROPOSED
    places = page_of(request, said.golds(state))
    return {
        "state": state,
        "states": GoldState.choices,
        "counts": said.gold_counts(),
        "places": places,
        "lines": said.gold_lines(places),
        "doubted": said.look_again(),
        "grades": Grade.choices,
        "said": _asked(request.GET),
        "fault": "",
    }


def _asked(asked: QueryDict) -> dict[str, str]:
    """What a link from a product fills in."""
    return {name: asked.get(name, "") for name in ("category", "product", "grade")}


def _category_named(written: str) -> Category:
    found = queries.meant(written.strip()) if written.strip() else []
    if len(found) != 1:
        raise actions.BadGold(f"{len(found) or 'No'} categories are called “{written.strip()}”.")
    return found[0]


def _product_named(written: str) -> Product:
    """The only product with that offer id; among several, "offer id, retailer" says which."""
    offer, retailer = (part.strip() for part in written.rpartition(",")[::2])
    found = Product.objects.filter(offer_id=written.strip())
    if not found and offer:
        found = Product.objects.filter(offer_id=offer, retailer__name=retailer)
    if len(found) > 1:
        names = ", ".join(product.retailer.name for product in found.select_related("retailer"))
        raise actions.BadGold(f"Several have this offer id: add “, ” and one of {names}.")
    if not found:
        raise actions.BadGold(f"No product has the offer id “{written.strip()}”.")
    return found[0]


def _what_happened(done: int, state: str) -> str:
    if not done:
        return "Nothing was chosen, or somebody had decided already."
    if state == GoldState.DISMISSED:
        return f"{done:,} dismissed."
    return f"{done:,} in use."
