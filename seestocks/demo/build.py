"""Builds the demo shop: files first, which are then read in as anyone's shop is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.utils import timezone

from judgments.actions import import_judgments
from seestocks.demo.album import draw_pictures
from seestocks.demo.campaign import begin_campaign
from seestocks.demo.catalogue import FIRST_OWN_ID, PATHS
from seestocks.demo.defects import spoiled
from seestocks.demo.figures import ShopFigures, counted
from seestocks.demo.files import JUDGMENTS, OWN, PAGES, PICTURES, TAXONOMY, feed_path, write_files
from seestocks.demo.products import CRAWLS, OFFERS, sound_offers
from seestocks.demo.retailers import RETAILERS
from taxonomy.actions import activate_pages, import_products, import_taxonomy
from taxonomy.models import Category, Import, ImportKind, Retailer

VERSION = 1  # raised whenever the code would build another shop from the same seed
SEED = 7
MARKER = "shop.json"
STEPS = 2 * OFFERS  # of progress: each picture drawn, each of today's products read in
LOGINS = (
    ("annotators", "ana", "judge-with-ana"),
    ("taxonomists", "tomas", "sort-with-tomas"),
    ("merchandisers", "mira", "sell-with-mira"),
    ("leads", "lea", "lead-with-lea"),
)
Progress = Callable[[int], object]


class ShopStandsError(Exception):
    """Something else is in this installation, and the demo would spoil it."""


def _unwatched(_: int) -> None:
    """Nobody watches."""


def build_shop(folder: Path, seed: int = SEED, progress: Progress = _unwatched) -> ShopFigures:
    """Return the figures of the shop below `folder` and in the database, built once.

    Raises `ShopStandsError` where the database holds another tree or another demo shop.
    """
    _raise_if_spoilt(folder, seed)
    figures = write_shop(folder, seed, progress)
    if not _is_loaded(folder):
        load_shop(folder, progress)
    make_people()
    begin_campaign(seed)
    return figures


def write_shop(folder: Path, seed: int = SEED, progress: Progress = _unwatched) -> ShopFigures:
    """Write the shop's files, unless this very shop lies there; return what it holds."""
    if figures := _standing(folder, seed):
        return figures
    (folder / MARKER).unlink(missing_ok=True)
    for name in (PICTURES, "feeds"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    offers = spoiled(sound_offers(seed), seed)
    write_files(folder, offers, seed)
    drawn = 0
    for count in draw_pictures(folder / PICTURES, offers):
        drawn += count
        progress(count)
    progress(len(offers) - drawn)
    figures = counted(folder, offers)
    marker = {"seed": seed, "version": VERSION, "figures": asdict(figures)}
    (folder / MARKER).write_text(json.dumps(marker, indent=1))
    return figures


def load_shop(folder: Path, progress: Progress = _unwatched) -> None:
    """Read the shop's files into the database, the earlier feeds first; the truth stays out."""
    import_taxonomy(folder / TAXONOMY)
    import_taxonomy(folder / OWN)
    activate_pages(folder / PAGES)
    now = timezone.now()
    for days in CRAWLS:
        for retailer in RETAILERS:
            figures = import_products(
                feed_path(folder, retailer, days),
                retailer=retailer.name,
                images=folder / PICTURES,
                made_up=True,
                crawled_at=now - timedelta(days=days),
            )
            progress(figures.created)
    import_judgments(folder / JUDGMENTS, simulated=True)


def logins() -> list[tuple[str, str, str]]:
    """Return role, name and password of the people of the demo."""
    return list(LOGINS)


def make_people() -> list[tuple[str, str, str]]:
    """Make the demo's logins where they are missing; return role, name and password of each."""
    for role, name, password in LOGINS:
        person, is_new = User.objects.get_or_create(username=name)
        if is_new:
            person.set_password(password)
            person.save()
        person.groups.add(Group.objects.get(name=role))
    return logins()


def _standing(folder: Path, seed: int) -> ShopFigures | None:
    """Return the figures of the shop that lies there, if it is of this seed and version."""
    try:
        marker = json.loads((folder / MARKER).read_text())
    except FileNotFoundError:
        return None
    if (marker["seed"], marker["version"]) != (seed, VERSION):
        return None
    return ShopFigures(**marker["figures"])


def _is_loaded(folder: Path) -> bool:
    """Return whether the last file to be read in was read since the shop was written."""
    written = datetime.fromtimestamp((folder / MARKER).stat().st_mtime, UTC)
    return Import.objects.filter(
        kind=ImportKind.JUDGMENTS, source=str(folder / JUDGMENTS), finished_at__gte=written
    ).exists()


def _raise_if_spoilt(folder: Path, seed: int) -> None:
    ours = Retailer.objects.filter(name__in=[retailer.name for retailer in RETAILERS])
    if ours.exists() and not _standing(folder, seed):
        raise ShopStandsError(
            "Another demo shop is in this installation already. Set SEESTOCKS_DATA to an empty"
            " folder to build this one beside it."
        )
    if Category.objects.live().filter(id__lt=FIRST_OWN_ID).exclude(id__in=PATHS).exists():
        raise ShopStandsError(
            "This installation has a tree of its own, of which the demo would retire most. Set"
            " SEESTOCKS_DATA to an empty folder to build the demo there."
        )
