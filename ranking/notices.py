"""Events in words, as mails tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from ranking.models import Event


def in_words(event: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subject of a mail about an event, and its text."""
    subject = f"SeeStocks: {_headline(event, payload)}"
    lines = [_sentence(event, payload), *payload.get("reasons", [])]
    if note := payload.get("note"):
        lines.append(f"Note: {note}")
    if settings.SEESTOCKS_ADDRESS:
        lines.append(settings.SEESTOCKS_ADDRESS.rstrip("/") + _place(event, payload))
    return subject, "\n\n".join(line for line in lines if line) + "\n"


def _headline(event: str, payload: Mapping[str, Any]) -> str:
    if payload.get("test"):
        return "a test"
    label: str = Event(event).label
    return f"{label} (run {payload['run']})" if payload.get("run") else label


def _sentence(event: str, payload: Mapping[str, Any]) -> str:
    """What happened: as its teller says, or from the figures of a release."""
    if text := payload.get("text"):
        return str(text)
    pages = len(payload.get("pages", ()))
    who = payload.get("by") or "SeeStocks, by itself"
    match event:
        case Event.PUBLISHED:
            return f"{who} published: {pages} pages of the shop changed."
        case Event.ROLLED_BACK:
            back = payload.get("back_to")
            return f"{who} rolled the shop back to release {back}: {pages} pages changed."
    return f"{Event(event).label.capitalize()}."


def _place(event: str, payload: Mapping[str, Any]) -> str:
    """Where people look closer."""
    if event in (Event.PUBLISHED, Event.ROLLED_BACK) and payload.get("release"):
        return reverse("release", args=(payload["release"],))
    if payload.get("run"):
        return reverse("run", args=(payload["run"],))
    return reverse("releases")
