"""The home of each kind of people."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seestocks.homes import HOMES
from taxonomy.web import SignedInRequest


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The home of the person's role; a superuser has a merchandiser's."""
    groups = set(request.user.groups.values_list("name", flat=True))
    if request.user.is_superuser:
        groups.add("merchandisers")
    for group, context in HOMES.items():
        if group in groups:
            return render(request, f"seestocks/home_{group}.html", context(request.user))
    return render(request, "seestocks/home_nobody.html")
