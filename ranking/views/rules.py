"""Rules by branch of the tree: which branches differ, and one branch's form with its preview."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ranking import rule_fields
from ranking.actions import preview_rules as asking
from ranking.actions.rules import ChangedMeanwhile, NoBranch, write_rules
from ranking.models import BranchRules, PreviewState, RulesPreview, RulesState
from ranking.queries import rule_form as form
from ranking.queries.rules import branch_lines, newest_rules, revisions, rules_of
from ranking.queries.stale import stale_pages
from ranking.rule_fields import BY_NAME, BadRules
from taxonomy.models import Category
from taxonomy.queries import ancestors, search
from taxonomy.web import SignedInRequest, category_of, page_of, respond, wants_part, whole_number

MAY_SEE = "ranking.view_branchrules"
MAY_WRITE = "ranking.add_branchrules"
PATIENCE = timedelta(seconds=5)  # after which it is said that the worker has not answered
GIVEN_UP = timedelta(seconds=90)
FOUND = 12  # branches listed for what was searched


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def rules(request: HttpRequest) -> HttpResponse:
    """The branches that ask for something of their own, below what the whole shop asks for."""
    searched = request.GET.get("q", "").strip()
    context = {
        "branches": branch_lines(),
        "shop": rules_of(None),
        "searched": searched,
        "found": search(searched)[:FOUND] if searched else [],
        "stale_count": stale_pages().count(),
        "token": uuid.uuid4(),
    }
    return respond(request, "ranking/rules.html", context)


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def branch_rules(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One branch: what it asks for, what it inherits, its history; the whole shop without one."""
    branch = get_object_or_404(Category, pk=pk) if pk else None
    preview = _asked(request, branch)
    texts = form.written(preview.values) if preview else form.texts_now(branch)
    return _branch(request, branch, texts, preview=preview)


@require_POST
@permission_required(MAY_WRITE, raise_exception=True)
def save_rules(request: SignedInRequest) -> HttpResponse:
    """Keep a branch's rules as a draft, or make them live; when that cannot be, lose nothing."""
    told = request.POST
    branch, texts = _branch_of(told), _texts(told)
    based_on = whole_number(told["based_on"]) if told.get("based_on") else None
    live, note = told.get("as") == RulesState.LIVE, told.get("note", "")
    try:
        values = rule_fields.read(texts)
        saved = write_rules(
            branch, values, live=live, based_on=based_on, by=request.user, note=note
        )
    except BadRules as bad:
        return _branch(request, branch, texts, note=note, faults=bad.faults, status=422)
    except NoBranch as gone:
        return _branch(request, branch, texts, note=note, faults={"": str(gone)}, status=422)
    except ChangedMeanwhile as changed:
        if changed.newest is None:  # it goes by a word that nobody said
            raise BadRequest("The form is incomplete.") from changed
        return _branch(request, branch, texts, note=note, theirs=changed.newest, status=409)
    messages.success(request, _said(saved))
    return _to(branch)


@require_POST
@permission_required(MAY_WRITE, raise_exception=True)
def preview_rules(request: SignedInRequest) -> HttpResponse:
    """Ask what the rules in the form would change; nothing is saved."""
    branch, texts = _branch_of(request.POST), _texts(request.POST)
    try:
        asked = asking.preview_rules(branch, rule_fields.read(texts), by=request.user)
    except BadRules as bad:
        if wants_part(request):
            context = {"faults": list(bad.faults.values())}
            return respond(request, "ranking/_rules_preview.html", context, status=422)
        return _branch(request, branch, texts, faults=bad.faults, status=422)
    if wants_part(request):
        return respond(request, "ranking/_rules_preview.html", _answer(asked))
    return _to(branch, f"?preview={asked.token}#preview")


@require_safe
@permission_required(MAY_SEE, raise_exception=True)
def rules_preview(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """What a preview found; until then, a part that asks again, or the page of its branch."""
    asked = get_object_or_404(RulesPreview.objects.select_related("branch"), token=token)
    if not wants_part(request):
        return _to(asked.branch, f"?preview={token}#preview")
    return respond(request, "ranking/_rules_preview.html", _answer(asked))


def _branch(
    request: HttpRequest,
    branch: Category | None,
    texts: dict[str, str],
    *,
    preview: RulesPreview | None = None,
    faults: dict[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    newest, faults = newest_rules(branch), faults or {}
    history = page_of(request, revisions(branch))
    context = {
        "branch": branch,
        "crumbs": ancestors(branch) if branch else [],
        "groups": form.rule_groups(branch, texts, faults),
        "faults": [fault for name, fault in faults.items() if name not in BY_NAME],
        "newest": newest,
        "draft": form.draft_of(branch),
        "effective": rules_of(branch),
        "pages": form.pages_of(branch),
        "history": history,
        "revisions": [(one, form.said(one)) for one in history],
        **(_answer(preview) if preview else {}),
        "theirs_said": form.said(more["theirs"]) if "theirs" in more else [],
        **more,
    }
    return respond(request, "ranking/branch_rules.html", context, status=status)


def _answer(asked: RulesPreview) -> dict[str, Any]:
    waited = timezone.now() - asked.asked_at
    return {
        "preview": asked,
        "found": form.found(asked) if asked.state == PreviewState.DONE else None,
        "late": waited > PATIENCE,
        "over": waited > GIVEN_UP,
    }


def _asked(request: HttpRequest, branch: Category | None) -> RulesPreview | None:
    """The preview that the address names, if it is one of this branch."""
    try:
        token = uuid.UUID(request.GET.get("preview", ""))
    except ValueError:
        return None
    return RulesPreview.objects.filter(token=token, branch=branch).first()


def _branch_of(told: QueryDict) -> Category | None:
    number = told.get("branch", "")
    return category_of(number) if number else None


def _texts(told: QueryDict) -> dict[str, str]:
    return {name: told.get(name, "") for name in BY_NAME}


def _to(branch: Category | None, more: str = "") -> HttpResponse:
    to = redirect("branch_rules", branch.pk) if branch else redirect("shop_rules")
    to["Location"] += more
    return to


def _said(saved: BranchRules) -> str:
    where = str(saved.branch) if saved.branch else "the whole shop"
    if saved.state == RulesState.DRAFT:
        return f"The draft for {where} is kept. Pages stay as they are until it is made live."
    return f"The rules for {where} are live. Its pages follow them when they are ranked again."
