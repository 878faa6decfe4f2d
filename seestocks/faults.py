"""What is answered when something is missing, refused or broken: a page, or JSON for programs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

Page = Callable[..., HttpResponseBase]


def told(page: Page, code: int, sentence: str) -> Page:
    """Return what answers with the page, or below /api/ with the sentence."""

    def answer(request: HttpRequest, **about: Exception) -> HttpResponseBase:
        if request.path_info.startswith("/api/"):
            return JsonResponse({"detail": sentence}, status=code)
        return page(request, **about)

    return answer


bad_request = told(defaults.bad_request, 400, "The address has a character that no text has.")
permission_denied = told(defaults.permission_denied, 403, "Your role does not include this.")
not_found = told(defaults.page_not_found, 404, "There is no such address.")
server_error = told(defaults.server_error, 500, "Something broke here; the mistake is not yours.")
