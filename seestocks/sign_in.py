"""Signing in, with a limit on wrong passwords."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

WINDOW_SECONDS = 300
PER_NAME = 5  # wrong passwords for one name from one address
PER_ADDRESS = 50  # and for all names together: several people may share an address


class SignIn(LoginView):
    """The only page for people who are not signed in."""

    template_name = "seestocks/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any(cache.get(key, 0) >= limit for key, limit in _limits(request)):
            context = self.get_context_data(form=self.get_form_class()(request), limited=True)
            response: HttpResponse = self.render_to_response(context, status=429)
            response["Retry-After"] = str(WINDOW_SECONDS)
            return response
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        for key, _ in _limits(self.request):
            cache.add(key, 0, WINDOW_SECONDS)
            cache.incr(key)
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def _limits(request: HttpRequest) -> list[tuple[str, int]]:
    address = request.META.get("REMOTE_ADDR", "")
    # Names are typed by strangers: only a digest of them makes a safe key.
    name = sha256(request.POST.get("username", "").casefold().encode()).hexdigest()
    return [
        (f"wrong-passwords-{address}-{name}", PER_NAME),
        (f"wrong-passwords-{address}", PER_ADDRESS),
    ]
