"""What the pages of all apps share: the shell around them, and answers in whole or in part."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from taxonomy.models import Category, Retailer, Revision

Responder = Callable[[HttpRequest], HttpResponseBase]
FIGURES = "shell-figures"
FIGURES_SECONDS = 20  # how old the counts beside the menu may be
ROWS_ON_A_PAGE = 50


class SignedInRequest(HttpRequest):
    """A request that came through the sign-in: its user is a person."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True)
class MenuEntry:
    """One line of the menu."""

    label: str
    address: str
    count: int | None
    current: bool


@dataclass(frozen=True)
class Figures:
    """What the shell says about the shop as a whole: counts by name, and whether it is made up."""

    counts: dict[str, int]
    made_up: bool


# Groups of: label, URL name, permission, and which of the figures stands beside it.
MENU = (
    (("Home", "home", "", ""),),
    (
        ("Pages", "pages", "ranking.view_run", "pages"),
        ("Shop", "releases", "ranking.view_release", ""),
        ("Compare", "compare", "ranking.view_comparison", ""),
        ("Rules", "rules", "ranking.view_branchrules", ""),
        ("Runs", "runs", "ranking.view_run", ""),
    ),
    (
        ("Judge", "judge", "judgments.add_judgment", "judging"),
        ("Campaigns", "campaigns", "judgments.view_campaign", ""),
        ("Adjudicate", "adjudications", "judgments.add_adjudication", ""),
        ("Trust", "trust", "judgments.view_agreement", ""),
        ("Gold", "gold", "judgments.add_gold", "gold"),
        ("Guidelines", "guidelines", "judgments.view_guidelinerevision", ""),
    ),
    (
        ("Tree", "tree", "taxonomy.view_category", "categories"),
        ("Discriminators", "discriminators", "ranking.view_confusedpair", "confused"),
        ("Texts", "texts", "taxonomy.view_revision", "texts"),
        ("Imports", "imports", "taxonomy.view_import", ""),
    ),
    (
        ("Models", "models", "ranking.view_training", ""),
        ("Evaluation", "evaluation", "ranking.view_evaluation", ""),
    ),
)
# Places without a line of their own, and the line that is marked while one is there.
WITHIN = {"webhooks": "releases", "quality": "compare", "nights": "runs"}

# How each figure is counted; higher apps add theirs when they start.
COUNTS: dict[str, Callable[[], int]] = {
    "categories": lambda: Category.objects.live().count(),
    "pages": lambda: Category.objects.pages().count(),
    "texts": lambda: Revision.objects.live().exclude(text="").count(),
}


class Shell:
    """The frame around a page. Nothing is read before a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def menu(self) -> list[list[MenuEntry]]:
        """The places that this person may go to, in groups of what is used together."""
        user = self._request.user
        groups = [
            [
                self._entry(label, name, figure)
                for label, name, permission, figure in group
                if user.is_authenticated and (not permission or user.has_perm(permission))
            ]
            for group in MENU
        ]
        return [group for group in groups if group]

    @cached_property
    def role(self) -> str:
        """What this person is here: "taxonomist", or nothing when in no group."""
        groups = self._request.user.groups.values_list("name", flat=True)
        return ", ".join(name.removesuffix("s") for name in groups)

    @cached_property
    def figures(self) -> Figures:
        """The counts beside the menu, at most FIGURES_SECONDS old; own writes show at once."""
        kept: Figures | None = cache.get(FIGURES)
        if kept is None:
            kept = _count_figures()
            cache.set(FIGURES, kept, FIGURES_SECONDS)
        return kept

    def _entry(self, label: str, name: str, figure: str) -> MenuEntry:
        path, address = self._request.path, reverse(name)
        below = tuple(reverse(place) for place, line in WITHIN.items() if line == name)
        current = path == address if name == "home" else path.startswith((address, *below))
        return MenuEntry(label, address, self.figures.counts.get(figure), current)


def _count_figures() -> Figures:
    return Figures(
        counts={name: count() for name, count in COUNTS.items()},
        made_up=Retailer.objects.filter(made_up=True).exists(),
    )


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what the frame around every page needs."""
    return {"shell": Shell(request)}


def respond(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page, or only its `part` when htmx asks for the part that changes.

    `part` is the template of a fragment. The two never share a place in a browser's cache.
    """
    asked = part if part and wants_part(request) else template
    response = render(request, asked, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the part that changes, and not for a page to go back to."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by its middleware
    return bool(htmx) and not htmx.history_restore_request


def count_anew(get_response: Responder) -> Responder:
    """Middleware: whoever has just written something finds it counted beside the menu."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "POST":
            cache.delete(FIGURES)
        return response

    return middleware


def refuse_nul(get_response: Responder) -> Responder:
    """Refuse addresses and forms with a NUL: no text has one, and PostgreSQL stops at it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address has a character that no text has.")
        # Programs send JSON, which is read once, and not as a form.
        if not request.path.startswith("/api/") and _holds_nul(request.POST):
            raise BadRequest("The form has a character that no text has.")
        return get_response(request)

    return middleware


def _holds_nul(form: QueryDict) -> bool:
    return any("\0" in value for _, values in form.lists() for value in values)


def token_of(form: QueryDict) -> uuid.UUID:
    """Return the token that was made with the form, by which a second click is known; 400 without
    one."""
    try:
        return uuid.UUID(form.get("token", ""))
    except ValueError as error:
        raise BadRequest("The form has no token.") from error


def whole_number(text: str) -> int:
    """Return the number that a field or an address gives; 400 when it is none."""
    if not text.isdecimal() or len(text) > 18:
        raise BadRequest("A whole number is missing in the form or the address.")
    return int(text)


def category_of(number: str) -> Category:
    """Return the category that an address names; 400 for what is no number, 404 for none."""
    return get_object_or_404(Category, pk=whole_number(number))


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> Page[Any]:
    """Return the rows of the list's page that `?page=` asks for; the nearest when there is none."""
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
