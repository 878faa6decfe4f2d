"""The demo shop as files: what a shop of one's own would bring."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from seestocks.demo.catalogue import FIRST_OWN_ID, KINDS, PATHS, VERSION
from seestocks.demo.people import Judged, simulated_judgments, true_judgments
from seestocks.demo.products import CRAWLS, Flaw, Offer
from seestocks.demo.retailers import RETAILERS, Retailer

COLUMNS = (
    *("id", "title", "description", "link", "image_link", "price", "availability", "brand"),
    *("gtin", "mpn", "condition", "color", "material", "size", "pattern"),
    "google_product_category",
)
TAXONOMY, OWN, PAGES = "taxonomy.txt", "own.txt", "pages.txt"
PICTURES, JUDGMENTS, TRUTH = "pictures", "judgments.csv", "truth.csv"
CATEGORIES = "categories.csv"  # where each offer truly belongs, whatever its feed says


def write_files(folder: Path, offers: list[Offer], seed: int) -> None:
    """Write everything but the pictures; equal seeds give equal bytes."""
    google = [number for number in PATHS if number < FIRST_OWN_ID]
    header = f"# Google_Product_Taxonomy_Version: {VERSION}"
    _write_lines(folder / TAXONOMY, [header, *map(_category_line, google)])
    _write_lines(folder / OWN, map(_category_line, sorted(PATHS.keys() - google)))
    _write_lines(folder / PAGES, map(_category_line, sorted(KINDS)))
    for days in CRAWLS:
        for retailer in RETAILERS:
            listed = [o for o in offers if o.retailer is retailer and o.in_crawl(days)]
            _write_feed(feed_path(folder, retailer, days), listed)
    _write_judgments(folder / JUDGMENTS, simulated_judgments(offers, seed))
    _write_judgments(folder / TRUTH, true_judgments(offers, seed))
    _write_categories(folder / CATEGORIES, offers)


def feed_path(folder: Path, retailer: Retailer, days: int) -> Path:
    """Return where a retailer's feed of so many days ago lies; today's lies on top."""
    feeds = folder / "feeds"
    return (feeds / f"{days}-days-ago" if days else feeds) / f"{retailer.slug}.tsv"


def _category_line(number: int) -> str:
    return f"{number} - {' > '.join(PATHS[number])}"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")


def _write_feed(path: Path, offers: list[Offer]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(map(_row, offers))


def _row(offer: Offer) -> tuple[str, ...]:
    item = offer.item
    return (
        *(offer.offer_id, offer.title, offer.description),
        f"https://{offer.retailer.slug}.example/p/{offer.offer_id.lower()}",
        "" if Flaw.WITHOUT_PICTURE in offer.flaws else offer.picture_path,
        f"{offer.price} EUR",
        "in_stock" if offer.in_stock else "out_of_stock",
        *(item.brand, offer.gtin, f"{item.brand[:3].upper()}{item.number:05d}", "new"),
        *(item.colour if item.look_words else "", item.material, item.size),
        item.look.pattern if item.look_words and item.look.pattern != "plain" else "",
        str(offer.filed),
    )


def _write_categories(path: Path, offers: list[Offer]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("offer_id", "category_id"))
        table.writerows((offer.offer_id, offer.kind.id) for offer in offers)


def _write_judgments(path: Path, judgments: Iterable[Judged]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("category_id", "offer_id", "annotator", "grade", "belongs_to"))
        table.writerows((j.page, j.offer_id, j.annotator, j.grade, j.belongs_to) for j in judgments)
