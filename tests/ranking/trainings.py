"""Versions of what is learned, for tests of who uses which and of what people see of them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from ranking.actions.ask_training import settings_now
from ranking.actions.runs import SEED
from ranking.models import Kind, State, Training


def make_version(kind: Kind = Kind.BLEND, **fields: Any) -> Training:
    """Return a version that is ready to be used, unless `fields` say otherwise, with a file;
    where `made` is given, its files are not."""
    key = {Kind.BLEND: "file", Kind.RERANKER: "folder"}[kind]
    made = fields.pop("made", None)
    if made is None:
        made = {key: f"{kind}-{uuid.uuid4().hex}"}
        path = Path(settings.DATA) / "models" / made[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    values = {
        "state": State.DONE,
        "finished_at": timezone.now(),
        "chosen": "linear",
        "settings": settings_now(kind, SEED),
    }
    return Training.objects.create(kind=kind, made=made, **(values | fields))
