"""The demo shop: built, ranked twice, and its pages rendered, each step timed.

Prints one line a figure. Times are of this machine, now; the ratios travel.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from tests.installation import Installation, installation

RENDERINGS = 60
RENDER = f"""
from time import perf_counter
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from taxonomy.models import Category
client = Client()
client.force_login(User.objects.get(username="mira"))
pages = list(Category.objects.pages().values_list("id", flat=True)[:20])
seconds, queries = [], set()
for number in range({RENDERINGS}):
    page = pages[number % len(pages)]
    with CaptureQueriesContext(connection) as asked:
        began = perf_counter()
        assert client.get(f"/pages/{{page}}/").status_code == 200
        seconds.append(perf_counter() - began)
    queries.add(len(asked))
print(json.dumps([seconds[len(pages):], sorted(queries)]))
"""


def timed(shop: Installation, *arguments: str) -> float:
    """Return the seconds that the command took as a whole process."""
    began = perf_counter()
    shop.manage(*arguments)
    return perf_counter() - began


def main() -> None:
    """Build the shop in a scratch folder and print what each step took."""
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(Path(folder), ALLOWED_HOSTS="testserver") as shop,
    ):
        print(f"build the demo shop       {timed(shop, 'build_demo'):8.1f} s")
        first = timed(shop, "rank", "--here")
        second = timed(shop, "rank", "--here")
        print(f"first run, all encoded    {first:8.1f} s")
        print(f"second run, none encoded  {second:8.1f} s  ({first / second:.1f} times as fast)")
        parts = shop.ask(
            "list(__import__('ranking.models').models.PageRun.objects"
            ".filter(run=2).order_by('seconds').values_list('seconds', flat=True))"
        )
        print(f"rank a page, median       {1000 * median(parts):8.1f} ms of {len(parts)} pages")
        shop.manage("collectstatic", "--noinput", "-v", "0")
        seconds, queries = shop.ask_script(RENDER)
        slowest = quantiles(seconds, n=20)[-1]
        print(f"render a page, median     {1000 * median(seconds):8.1f} ms, queries {queries}")
        print(f"render a page, 95th of 100{1000 * slowest:8.1f} ms")


if __name__ == "__main__":
    main()
