"""The shop's address under load: kept answers beside rendered ones, and while it is published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep
from typing import Any

import httpx

from seestocks.processes import commands
from tests.bench.storefront.verdict import Change, Reply, faults
from tests.bench.storefront.visitors import Errand
from tests.installation import ROOT, Installation, free_port, installation, kill, wait_until

PAGES, SHOWN = 1_347, 48
REQUESTS, RENDERED = 10_000, 400
SETTINGS = {"SEESTOCKS_STOREFRONT_RATE": "1000000000"}  # counted, and never too many
FILL = """
from tests.bench.storefront.rows import fill
print(json.dumps(fill({pages}, {shown})))
"""
VISIT = "from tests.bench.storefront.visitors import main; main()"
KEPT = """
import pickle
from django.core.cache import cache
from ranking.models import Shown
from ranking.queries import storefront
digests = list(Shown.objects.values_list("publication__listing", flat=True))
parts = [storefront.parts_of(digest) for digest in digests]
kept = sum(storefront.kept_parts(digest) is not None for digest in digests)
print(json.dumps([kept, sum(len(pickle.dumps(one)) for one in parts)]))
"""


@dataclass(frozen=True)
class Published:
    """A shop with two runs, of which the first is published; see `rows.fill`."""

    place: Installation
    rows: dict[str, Any]

    def listings(self, of: str) -> dict[int, str]:
        """What each page tells "before" and "after" the second run is published."""
        return {int(page): digest for page, digest in self.rows[of].items()}

    def errand(self, port: int, requests: int, **more: Any) -> Errand:
        """What visitors do who ask for all pages."""
        return Errand(port, self.rows["shop"], list(self.listings("before")), requests, **more)


def main() -> None:
    """Build a shop of 1,347 pages in a scratch folder, and print what its visitors see."""
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder), **SETTINGS) as place:
        shop = published_shop(place, PAGES, SHOWN)
        kept, size = place.ask_script(KEPT)
        print(f"listings kept             {kept:8,} of {PAGES:,} pages, {size / 1e6:.1f} MB")
        with served(place, Path(folder), "tests.bench.storefront.rendering:application") as port:
            slow = tell("rendered each time", visit(place, shop.errand(port, RENDERED)))
        with served(place, Path(folder), threads=1) as port:
            print("a process for the shop alone, which answers one request after the other:")
            kept_and_known(shop, port)
        with served(place, Path(folder)) as port:
            print("the process that serves people as well, with four threads:")
            fast = kept_and_known(shop, port)
            print(f"kept, beside rendered     {fast / slow:8.1f} times as many a second")
            tell("kept, one connection", visit(place, shop.errand(port, REQUESTS, connections=1)))
            print(f"memory of the web process {resident(port) / 1e6:8.0f} MB")
            seen, changes = published_under_load(shop, port, Path(folder), REQUESTS)
        wrong = faults(seen, shop.listings("before"), changes)
        took = ", ".join(f"{change.ended - change.began:.2f} s" for change in changes)
        print(f"while published and back  {len(seen):8,} answers, {len(wrong)} wrong; took {took}")
        for fault in wrong[:5]:
            print(f"  {fault}")


def kept_and_known(shop: Published, port: int) -> float:
    """Print how fast all pages are answered when they are kept, and when the visitor has them;
    return how many a second when they are kept."""
    visit(shop.place, shop.errand(port, 4 * PAGES))
    rate = tell("kept", visit(shop.place, shop.errand(port, REQUESTS)))
    known = visit(shop.place, shop.errand(port, REQUESTS + 4 * PAGES, knowing=1.0))
    tell("304", [reply for reply in known[-REQUESTS:] if reply.status == 304])
    return rate


def published_shop(place: Installation, pages: int, shown: int) -> Published:
    """Return the shop, made in the installation."""
    return Published(place, place.ask_script(FILL.format(pages=pages, shown=shown)))


@contextmanager
def served(
    place: Installation,
    folder: Path,
    application: str = "seestocks.wsgi:application",
    *,
    threads: int | None = None,
) -> Iterator[int]:
    """Serve an application with one worker process, as the product does unless `threads` are said;
    gives the port."""
    port = free_port()
    program, *arguments = commands(port)["web"]
    if threads:
        arguments[arguments.index("--blocking-threads") + 1] = str(threads)
    with (folder / "web.log").open("ab") as log:
        web = subprocess.Popen(
            [str(Path(sys.executable).parent / program), *arguments[:-1], application],
            cwd=ROOT,
            env={**place.environment, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        kill(web)


def answers(port: int) -> bool:
    """Whether the server answers yet."""
    try:
        httpx.get(f"http://127.0.0.1:{port}/sign-in/", trust_env=False, timeout=5)
    except httpx.TransportError:
        return False
    return True


@contextmanager
def visiting(place: Installation, errand: Errand) -> Iterator[subprocess.Popen[str]]:
    """Have visitors at work in a process of their own."""
    command = [sys.executable, "-c", VISIT, json.dumps(asdict(errand))]
    with subprocess.Popen(
        command, cwd=ROOT, env=place.environment, stdout=subprocess.PIPE, text=True
    ) as visitors:
        yield visitors


def visit(place: Installation, errand: Errand) -> list[Reply]:
    """Return what visitors saw."""
    with visiting(place, errand) as visitors:
        return seen_by(visitors)


def seen_by(visitors: subprocess.Popen[str]) -> list[Reply]:
    """Return what these visitors saw, when they are through."""
    seen, _ = visitors.communicate()
    return [Reply(**one) for one in json.loads(seen)]


def tell(name: str, replies: Sequence[Reply]) -> float:
    """Print how fast these were answered; return how many a second."""
    took = max(reply.got for reply in replies) - min(reply.sent for reply in replies)
    spans = quantiles((1_000 * (reply.got - reply.sent) for reply in replies), n=100)
    rate = len(replies) / took
    print(f"{name:26}{rate:8,.0f} a second, median {spans[49]:.2f} ms, p99 {spans[98]:.2f} ms")
    return rate


def published_under_load(
    shop: Published, port: int, folder: Path, requests: int
) -> tuple[list[Reply], list[Change]]:
    """Publish the second run and roll back while visitors ask; return what they saw, and when."""
    over = folder / "over"
    errand = shop.errand(port, requests, knowing=0.5, until=str(over))
    with visiting(shop.place, errand) as visitors:
        sleep(1.5)
        publish = {"run": shop.rows["run"], "against_gate": True, "note": "Under load."}
        release, first = changed(shop, port, "releases", publish, shop.rows["release"], "after")
        sleep(0.5)
        back = f"releases/{shop.rows['release']}/roll-back"
        _, second = changed(shop, port, back, {}, release, "before")
        sleep(0.5)
        over.touch()
        return seen_by(visitors), [first, second]


def changed(
    shop: Published, port: int, path: str, says: dict[str, Any], based_on: int, to: str
) -> tuple[int, Change]:
    """Ask for a change by the API; return its release, and when it was."""
    says = says | {"token": str(uuid.uuid4()), "based_on": based_on}
    headers = {"Authorization": f"Token {shop.rows['merchandiser']}"}
    address = f"http://127.0.0.1:{port}/api/{path}"
    began = monotonic()
    done = httpx.post(address, json=says, headers=headers, trust_env=False, timeout=120)
    ended = monotonic()
    done.raise_for_status()
    return done.json()["id"], Change(began, ended, shop.listings(to))


def resident(port: int) -> int:
    """Return the bytes that the process serving the port holds: the largest of its family."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text()
            pages = int((folder / "statm").read_text().split()[1])
        except OSError:
            continue  # it has just ended
        if "granian" in command and f"\0{port}\0" in command:
            sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
    return max(sizes, default=0)
