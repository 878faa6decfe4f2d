"""A person's tokens, with which programs do what the person may."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from knox.models import AuthToken
from knox.settings import knox_settings

from seestocks.models import TokenName
from taxonomy.web import SignedInRequest

NAME_LIMIT = 100  # as the column


class TooManyTokens(Exception):
    """A person has as many tokens as one may have."""


def tokens_of(user: User) -> QuerySet[AuthToken]:
    """Return a person's tokens with their names, the newest first; expired ones too."""
    rows: QuerySet[AuthToken] = AuthToken.objects.filter(user=user)
    return rows.select_related("called").order_by("-created")


@transaction.atomic
def new_token(user: User, name: str) -> str:
    """Return a new token, which nobody can read again; raises `TooManyTokens`."""
    User.objects.select_for_update().get(pk=user.pk)  # two tabs at once count each other's
    tokens_of(user).filter(expiry__lte=timezone.now()).delete()
    if tokens_of(user).count() >= knox_settings.TOKEN_LIMIT_PER_USER:
        raise TooManyTokens
    made, secret = AuthToken.objects.create(user=user)
    TokenName.objects.create(token=made, name=name)
    return str(secret)


@require_safe
def tokens(request: SignedInRequest) -> HttpResponse:
    """The tokens one has: what each is for, until when, and how it begins."""
    return render(request, "seestocks/tokens.html", _context(request))


@never_cache
@require_POST
def make_token(request: SignedInRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    name = request.POST.get("name", "").strip()
    if not name or len(name) > NAME_LIMIT:
        messages.error(request, f"Say in at most {NAME_LIMIT} characters what the token is for.")
        return redirect("tokens")
    try:
        secret = new_token(request.user, name)
    except TooManyTokens:
        limit = knox_settings.TOKEN_LIMIT_PER_USER
        messages.error(request, f"You have {limit} tokens, which is the limit: revoke one first.")
        return redirect("tokens")
    made = {"secret": secret, "made_for": name}
    return render(request, "seestocks/tokens.html", _context(request) | made, status=201)


@require_POST
def revoke_token(request: SignedInRequest, key: str) -> HttpResponse:
    """End one of one's own tokens at once; what is gone already stays gone."""
    ended, _ = tokens_of(request.user).filter(token_key=key).delete()
    if ended:
        messages.success(request, "The token is revoked: no program can use it any more.")
    return redirect("tokens")


def _context(request: SignedInRequest) -> dict[str, object]:
    return {
        "tokens": tokens_of(request.user),
        "now": timezone.now(),
        "days": knox_settings.TOKEN_TTL.days,
        "limit": knox_settings.TOKEN_LIMIT_PER_USER,
    }
