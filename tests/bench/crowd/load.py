"""A scratch installation, its people at work for a while, and what came of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import monotonic

import httpx

from seestocks.processes import commands
from tests.bench.crowd.person import PASSWORD, Diary, Tab
from tests.bench.crowd.rows import Found, found_in
from tests.installation import ROOT, Installation, free_port, installation, kill, wait_until

LEASE = 2.0  # seconds, so that many run out
PAGES = 8
SETUP = """
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.utils import timezone
from judgments.actions.campaigns import start_campaign
from judgments.queries.pools import Candidate
from taxonomy.models import Category, Product, Retailer
now, shop = timezone.now(), Retailer.objects.create(name="Shop")
secret = make_password({password!r})
pages = [
    Category.objects.create(
        id=pk, name=f"Page {{pk}}", path=f"Page {{pk}}", lineage=f"/{{pk}}/", is_page=True
    )
    for pk in range(1, {pages} + 1)
]
same = {{"retailer": shop, "currency": "EUR", "price": 5, "first_seen": now, "last_seen": now}}
Product.objects.bulk_create(
    Product(offer_id=str(n), title=f"Product {{n}}", **same) for n in range({products})
)
products = list(Product.objects.order_by("id").values_list("id", flat=True))
for number, overlap in enumerate((2, 3)):
    start_campaign(
        name=f"By {{overlap}}", by=None, overlap=overlap, gold_every=0, repeat_every=0,
        candidates=[
            Candidate(page=pages[n % {pages}].pk, product=product, pool="random",
                      expected_change=0.0)
            for n, product in enumerate(products) if n % 2 == number
        ],
    )
everybody = Group.objects.get(name="annotators")
for number in range({people}):
    user = User.objects.create(username=f"person-{{number}}", password=secret)
    user.groups.add(everybody)
"""


@dataclass(frozen=True)
class Load:
    """What people did and saw, and what is there."""

    seconds: float
    diaries: Sequence[Diary]
    found: Found

    @property
    def saves(self) -> list[float]:
        """The seconds of each save's round trip."""
        return [one for diary in self.diaries for one in diary.seconds]

    @property
    def counts(self) -> Counter[str]:
        """How often what went amiss on purpose."""
        return sum((diary.counts for diary in self.diaries), Counter[str]())

    def lines(self) -> list[str]:
        """Return it all for people to read."""
        saves, found = self.saves, self.found
        amiss = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        return [
            f"tabs                     {len(self.diaries):8}",
            f"answers, judgments       {found.answers:8} {found.judgments}",
            f"saves a second           {len(saves) / self.seconds:8.1f}",
            f"save, median             {1000 * median(saves):8.0f} ms",
            f"save, 95th of 100        {1000 * quantiles(saves, n=20)[-1]:8.0f} ms",
            f"on purpose               {amiss}",
            f"came too late, refused   {found.taken:8}",
            f"lost, doubled, over the cap, or taken from a lease: {len(found.faults)}",
            *found.faults[:10],
        ]


def loaded(folder: Path, *, people: int, seconds: float, think: float = 0.15) -> Load:
    """Return what `people` annotators did in so many seconds, every third of them in two tabs.

    In the database that DATABASE_URL names, in one of its own; else in SQLite.
    """
    port = free_port()
    with installation(folder, LEASE_SECONDS=str(LEASE)) as shop:
        products = int(people * seconds * 6) + 50
        values = {"password": PASSWORD, "pages": PAGES, "products": products, "people": people}
        shop.manage("shell", "-v", "0", "-c", SETUP.format(**values))
        shop.manage("collectstatic", "--noinput", "-v", "0")
        process = _served(shop, port, folder / "web.log")
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: _is_up(address))
            names = [f"person-{n}" for n in range(people) for _ in range(1 + (n % 3 == 0))]
            diaries, took = _at_work(address, names, seconds, think)
        finally:
            kill(process)
        return Load(took, diaries, found_in(shop, diaries))


def _at_work(
    address: str, names: Sequence[str], seconds: float, think: float
) -> tuple[list[Diary], float]:
    tabs = [
        Tab(address, name, think=think, lease=LEASE, seed=seed) for seed, name in enumerate(names)
    ]
    with ThreadPoolExecutor(len(tabs)) as threads:
        list(threads.map(Tab.sign_in, tabs))
        began = monotonic()
        list(threads.map(lambda tab: tab.judge_until(began + seconds), tabs))
    return [tab.diary for tab in tabs], monotonic() - began


def _served(shop: Installation, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start the web as the product does, but with short leases."""
    program, *arguments = commands(port)["web"]
    with log.open("ab") as file:
        return subprocess.Popen(
            [
                str(Path(sys.executable).parent / program),
                *arguments[:-1],
                "tests.bench.crowd.short_leases:application",
            ],
            cwd=ROOT,
            env=shop.environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def _is_up(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 302
    except httpx.TransportError:
        return False
