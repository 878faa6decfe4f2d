"""The demo's sources of chance."""

from __future__ import annotations

from random import Random


def dice(seed: int, purpose: str) -> Random:
    """Return a source of chance of its own for each purpose, so that none disturbs another."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 repeatable on purpose, nothing is secret
