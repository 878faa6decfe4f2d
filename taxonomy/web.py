"""What every page shares: the shell around it."""

from __future__ import annotations

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what the frame around every page needs."""
    return {}
