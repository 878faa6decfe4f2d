"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _forget_cached() -> Iterator[None]:
    """Figures kept from one test's rows say nothing of the next one's."""
    cache.clear()
    yield
    cache.clear()
