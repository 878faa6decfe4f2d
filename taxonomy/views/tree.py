"""The tree: folded out, in columns, as lists of what asks for work, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from taxonomy import queries
from taxonomy.exports import tree_lines
from taxonomy.models import HOME_LOCALE, Category
from taxonomy.queries.counts import added_counts
from taxonomy.queries.listing import Wanted
from taxonomy.queries.worklists import counted, locales, work_lists
from taxonomy.web import SignedInRequest, category_of, page_of, respond, wants_part

PARTS = {"": "taxonomy", "google": "googles-taxonomy", "shop": "shops-taxonomy"}


@dataclass(frozen=True)
class Asked:
    """What of the tree somebody wants to see."""

    text: str
    locale: str
    wanted: Wanted

    @property
    def is_a_list(self) -> bool:
        return bool(self.text) or not self.wanted.is_everything


@require_safe
@permission_required("taxonomy.view_category", raise_exception=True)
def tree(request: SignedInRequest) -> HttpResponse:
    """The tree: folded, opened down to `?open=`, folded again at `?fold=`; or a list.

    A list of what `?q=` finds, of a work `?list=`, of active `?pages=1` or of all `?under=` a
    category; they can be combined. `?view=columns` shows a column for each level.
    """
    asked = _asked(request)
    for word, unfolded in (("open", True), ("fold", False)):
        if word in request.GET and not asked.is_a_list:
            return _tree_at(request, asked, category_of(request.GET[word]), unfolded=unfolded)
    if asked.is_a_list:
        context = _frame(request, asked) | _list(request, asked)
        return respond(request, "taxonomy/tree.html", context, part="taxonomy/_list.html")
    return _whole(request, asked, None, [])


@require_safe
@permission_required("taxonomy.view_category", raise_exception=True)
def export_tree(request: HttpRequest) -> StreamingHttpResponse:
    """The tree in Google's format; `?part=google` or `shop`, `?locale=` for another language."""
    locale, part = request.GET.get("locale") or HOME_LOCALE, request.GET.get("part", "")
    if part not in PARTS or locale not in (HOME_LOCALE, *locales()):
        raise BadRequest("There is no such part, or no name in that language.")
    response = StreamingHttpResponse(
        tree_lines(locale, part=part), content_type="text/plain; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{PARTS[part]}.{locale}.txt"'
    return response


def _asked(request: SignedInRequest) -> Asked:
    said = request.GET
    known = locales()
    locale = said.get("locale", "") if said.get("locale") in known else "".join(known[:1])
    lists = {one.key: one for one in work_lists(request.user, locale)}
    key = said.get("list", "")
    if key and key not in lists:
        raise BadRequest("There is no such list.")
    under = category_of(said["under"]) if said.get("under") else None
    wanted = Wanted(lists.get(key), said.get("pages") == "1", under)
    return Asked(said.get("q", "").strip(), locale, wanted)


def _tree_at(
    request: SignedInRequest, asked: Asked, category: Category, *, unfolded: bool
) -> HttpResponse:
    if wants_part(request) and not _in_columns(request):
        context = _counts(request) | {"branch": queries.branch(category, unfolded=unfolded)}
        return respond(request, "", context, part="taxonomy/_branch.html")
    way = category.lineage_ids if unfolded else category.lineage_ids[:-1]
    return _whole(request, asked, category, way)


def _whole(
    request: SignedInRequest, asked: Asked, opened: Category | None, way: list[int]
) -> HttpResponse:
    context = _frame(request, asked) | _counts(request)
    if _in_columns(request):
        context |= {"columns": queries.columns(opened), "opened": opened}
        if opened:
            context["subtree"] = queries.subtrees()[opened.pk]
        part = "taxonomy/_columns.html"
    else:
        context |= {"branches": queries.branches(None, way)}
        part = "taxonomy/_tree.html"
    return respond(request, "taxonomy/tree.html", context, part=part)


def _frame(request: SignedInRequest, asked: Asked) -> dict[str, Any]:
    lists = work_lists(request.user, asked.locale)
    return {
        "asked": asked,
        "searched": asked.text,
        "lists": counted(lists, pages_only=asked.wanted.pages_only),
        "pages": Category.objects.pages().count(),
        "locales": locales(),
        "in_columns": _in_columns(request),
    }


def _list(request: SignedInRequest, asked: Asked) -> dict[str, Any]:
    if asked.text:
        return {"lines": asked.wanted.search(asked.text)}
    page = page_of(request, asked.wanted.rows())
    return {"lines": asked.wanted.lines(page), "list_page": page}


def _counts(request: SignedInRequest) -> dict[str, Any]:
    return {"added_counts": added_counts(request.user)}


def _in_columns(request: HttpRequest) -> bool:
    return request.GET.get("view") == "columns"
