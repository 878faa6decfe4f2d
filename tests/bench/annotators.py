"""Many annotators at once over HTTP: double posts, cut lines, two tabs, leases of seconds.

Prints how much was saved and how fast, and each thing the rows have wrong; ends with 1 if any.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.crowd.load import loaded


def main() -> None:
    """Let them judge, and hold what they saw against the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=0.15, help="seconds over each product")
    parser.add_argument("--database-url", help="PostgreSQL; a database is made there, and dropped")
    options = parser.parse_args()
    if options.database_url:
        os.environ["DATABASE_URL"] = options.database_url
    with tempfile.TemporaryDirectory() as folder:
        load = loaded(
            Path(folder), people=options.people, seconds=options.seconds, think=options.think
        )
    print(f"people                   {options.people:8}")
    print("\n".join(load.lines()))
    sys.exit(bool(load.found.faults))


if __name__ == "__main__":
    main()
