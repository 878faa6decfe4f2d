"""How long a large feed takes to import, and how much memory: `python tests/bench/import_feed.py`.

Generates a feed of 565,000 rows (or as many as `--rows` says) in a scratch installation and
imports it twice, each time in a process of its own. Prints one line of figures each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("lamp", "desk", "oak", "steel", "soft", "large", "red", "blue", "set", "outdoor")


def rows(count: int) -> Iterator[str]:
    """Yield a feed of about 400 bytes a row, the same at every call."""
    draw = random.Random(7)  # noqa: S311  nothing secret
    yield "id\ttitle\tdescription\tlink\tprice\tavailability\tbrand\tcolor\n"
    for number in range(count):
        title = " ".join(draw.choices(WORDS, k=6))
        text = " ".join(draw.choices(WORDS, k=45))
        price = f"{draw.randint(1, 99_999) / 100:.2f} EUR"
        yield (
            f"SKU-{number:07}\t{title} {number}\t{text}\thttps://shop.example/p/{number}"
            f"\t{price}\tin_stock\tBrand {number % 500}\t{draw.choice(WORDS)}\n"
        )


def measured(*command: str) -> dict[str, object]:
    """Run one management command as a child; return its figures, seconds and peak memory."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "manage.py", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} failed")
    return {
        **(json.loads(printed) if "--json" in command else {}),
        "seconds": round(time.perf_counter() - started, 1),
        "peak_mb": round(_kilobytes(usage) / 1024),
    }


def _kilobytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=565_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEESTOCKS_DATA"] = folder
        feed = Path(folder) / "feed.tsv"
        with feed.open("w") as file:
            file.writelines(rows(count))
        measured("migrate", "-v0")
        for _ in range(2):
            print(json.dumps(measured("import_products", str(feed), "--retailer", "R", "--json")))


if __name__ == "__main__":
    main()
