"""Running management commands as people do, and what they print."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Ran:
    """What a command printed: its figures, and what it told beside them."""

    figures: dict[str, Any]
    told: str


def run(name: str, *arguments: object, **options: object) -> Ran:
    """Run a command with --json and return what it printed."""
    out, told = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), "--json", stdout=out, stderr=told, **options)
    return Ran(json.loads(out.getvalue()), told.getvalue())


def real(name: str) -> Path:
    """Return a file of the real data, or skip the test where it is absent."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data are not here: {path} is missing")
    return path
