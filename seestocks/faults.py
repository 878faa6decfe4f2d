"""What is answered when something is missing, refused or broken: a page, or JSON for programs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults

Refusal = Callable[[HttpRequest, Exception], HttpResponseBase]


def told(page: Refusal, code: int, sentence: str) -> Refusal:
    """Return what answers with the page, or below /api/ with the sentence."""

    def answer(request: HttpRequest, exception: Exception) -> HttpResponseBase:
        if _is_programs(request):
            return JsonResponse({"detail": sentence}, status=code)
        return page(request, exception)

    return answer


bad_request = told(defaults.bad_request, 400, "The address has a character that no text has.")
permission_denied = told(defaults.permission_denied, 403, "Your role does not include this.")
not_found = told(defaults.page_not_found, 404, "There is no such address.")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Our own mistake, without its insides."""
    if _is_programs(request):
        sentence = "Something broke here; the mistake is not yours."
        return JsonResponse({"detail": sentence}, status=500)
    return defaults.server_error(request)


def _is_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/") and request.path_info != "/api/docs/"
