"""Many people judge at once, over HTTP and on bad lines: the rows are right in the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.crowd.load import loaded


@pytest.mark.long
@pytest.mark.rows
def test_a_crowd_loses_doubles_and_steals_nothing(tmp_path: Path) -> None:
    """Twenty people for a minute on PostgreSQL; four for some seconds on SQLite."""
    on_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    people, seconds = (20, 60.0) if on_postgresql else (4, 8.0)
    load = loaded(tmp_path, people=people, seconds=seconds)
    assert load.found.faults == []
    assert load.found.answers > 10 * people
    assert load.found.judgments > 8 * people
    # All that was to go amiss did.
    assert load.counts.keys() >= {"twice", "cut off", "absent", "undone"}
