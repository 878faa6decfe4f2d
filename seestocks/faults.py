"""What is answered when something is missing, refused or broken: a page, or JSON for programs."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
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


permission_denied = told(defaults.permission_denied, 403, "Your role does not include this.")
not_found = told(defaults.page_not_found, 404, "There is no such address.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """What we refuse ourselves is told in our words; of what Django refuses, the kind."""
    if not _is_programs(request):
        return defaults.bad_request(request, exception)
    sentence = str(exception) if isinstance(exception, BadRequest) else _why(exception)
    return JsonResponse({"detail": sentence}, status=400)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Our own mistake, without its insides."""
    if _is_programs(request):
        sentence = "Something broke here; the mistake is not yours."
        return JsonResponse({"detail": sentence}, status=500)
    return defaults.server_error(request)


def _why(exception: Exception) -> str:
    if isinstance(exception, DisallowedHost):
        return "This host's name is none of those in ALLOWED_HOSTS."
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return "More was sent than is read at once."
    return "This request cannot be read."


def _is_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/") and request.path_info != "/api/docs/"
