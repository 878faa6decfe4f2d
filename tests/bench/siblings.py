"""What texts are worth on real and made-up products: `python -m tests.bench.siblings [SET …]`.

Each set of products is measured twice: with nothing filed, and with a part of it filed and the
others to be told: half of the real ones; of the demo, new products of more such shops. The texts
are the suggestions that are mined then, accepted unread. Sets of real data are looked up beside the
repository; those that are not there are passed over.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands import DATA
from tests.installation import Installation, installation

ACCEPTED = "8"  # lines a side
FIRST = 900_000  # id of a shop's own categories
FEWEST = 20  # labelled products that make a category of Icecat's
# Icecat's fields that say what kind of thing a product is, and what such things are called.
KINDS = {
    "adhesive type": ("Labels", "labels"),
    "battery type": ("Batteries", "batteries"),
    "cable type": ("Cables", "cables"),
    "case type": ("Cases", "cases"),
    "finish type": ("Photo paper", "photo paper"),
    "flash card type": ("Memory cards", "cards"),
    "ink type": ("Ink cartridges", "cartridges"),
    "internal memory type": ("Memory modules", "memory"),
    "lamp type": ("Projector lamps", "lamps"),
    "tape type": ("Label tapes", "tapes"),
    "type": ("Recordable discs", "discs"),
}
DISCS = {"CD-R", "CD-RW", "DVD-R", "DVD-RW", "DVD+R", "DVD+RW", "BD-R"}
# What is filed or said is taken back, then half of the products filed where they belong.
FORGET = """
from judgments.models import Judgment
from ranking.models import Suggestion
from taxonomy.models import Discriminator, Filing, Revision
for rows in (Suggestion, Revision, Discriminator, Filing, Judgment):
    rows.objects.all().delete()
"""
FILE = """
import csv
from taxonomy.models import Filing, Product
ids = {(offer, shop): pk for offer, shop, pk in
       Product.objects.values_list("offer_id", "retailer__name", "id")}
with open(%r, newline="") as file:
    rows = list(csv.DictReader(file))
Filing.objects.bulk_create(
    (Filing(product_id=ids[row["offer_id"], row["retailer"]], category_id=row["category_id"],
            source="feed") for row in rows), batch_size=1000)
print(len(rows))
"""
IMPORT = """
import csv, collections, pathlib
from taxonomy.actions import import_products
for feed in sorted(pathlib.Path(%r).glob("*.tsv")):
    import_products(feed, retailer=feed.stem)
print(0)
"""


# More shops of the demo's kind: their products are new, and filed nowhere.
NEW_SHOPS = """
import csv, pathlib
from seestocks.demo.defects import spoiled
from seestocks.demo.files import feed_path, write_files
from seestocks.demo.album import draw_pictures
from seestocks.demo.products import sound_offers
from seestocks.demo.retailers import RETAILERS
from taxonomy.actions import import_products
told = []
for seed in %r:
    folder = pathlib.Path(%r) / str(seed)
    folder.mkdir()
    offers = spoiled(sound_offers(seed), seed)
    write_files(folder, offers, seed)
    for _ in draw_pictures(folder / "pictures", offers):
        pass
    for retailer in RETAILERS:
        name = f"{retailer.name} {seed}"
        feed = feed_path(folder, retailer, 0)
        import_products(feed, retailer=name, images=folder / "pictures", made_up=True)
        told += [(offer.offer_id, name, offer.kind.id) for offer in offers
                 if offer.retailer is retailer and offer.in_crawl(0)]
print(json.dumps(told))
"""
FILED = """list(__import__("taxonomy.models").models.Filing.objects.filter(source="feed")
        .values_list("product__offer_id", "product__retailer__name", "category"))"""
NO_PICTURES = """
from taxonomy.models import Product
print(Product.objects.update(picture="", picture_state="none"))
"""
SEEDS = (101, 102)


@dataclass(frozen=True)
class Offer:
    """A product whose category is known, and whether it is kept apart to be told."""

    offer_id: str
    retailer: str
    category: int
    apart: bool | None = None  # unsaid: by chance

    @property
    def is_held_out(self) -> bool:
        """Whether it is to be told: as said, or else one offer in two, by its number."""
        if self.apart is not None:
            return self.apart
        return hashlib.sha256(f"{self.retailer}{self.offer_id}".encode()).digest()[0] % 2 == 1


def demo(shop: Installation, folder: Path) -> list[Offer]:
    """Build the demo shop, filed as its feeds say, and to be told, new products of more shops."""
    shop.manage("build_demo")
    filed = [Offer(offer, name, pk, False) for offer, name, pk in shop.ask(FILED)]
    new = shop.ask_script(NEW_SHOPS % (SEEDS, str(folder)))
    return filed + [Offer(offer, name, pk, True) for offer, name, pk in new]


def demo_titles(shop: Installation, folder: Path) -> list[Offer]:
    """The same without any picture: these tell the demo's siblings apart nearly by themselves."""
    offers = demo(shop, folder)
    shop.ask_script(NO_PICTURES)
    return offers


def pricerunner(shop: Installation, folder: Path) -> list[Offer]:
    """Read in PriceRunner's offers, a feed for each of its merchants."""
    with gzip.open(DATA / "pricerunner" / "offers.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["category"] for row in rows})
    tree = {FIRST: "Electronics and appliances"}
    tree |= {FIRST + n: f"{tree[FIRST]} > {name}" for n, name in enumerate(names, start=1)}
    number = {path.split(" > ")[-1]: pk for pk, path in tree.items()}
    feeds: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        product = {"id": row["offer_id"], "title": row["title"]}
        feeds.setdefault(row["retailer"], []).append(product)
    _read_in(shop, folder, tree, feeds)
    return [Offer(row["offer_id"], row["retailer"], number[row["category"]]) for row in rows]


def icecat(shop: Installation, folder: Path) -> list[Offer]:
    """Read in those of Icecat's products that a field of their details labels.

    The labelling fields themselves are struck from the details.
    """
    with gzip.open(DATA / "icecat" / "products.tsv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    labels = {row["id"]: label for row in rows if (label := _label(row["product_detail"]))}
    count = Counter(labels.values())
    tree: dict[int, str] = {}
    number: dict[tuple[str, str], int] = {}
    for kind, value in sorted(pair for pair in count if count[pair] >= FEWEST):
        parent, things = KINDS[kind]
        if parent not in tree.values():
            tree[FIRST + len(tree)] = parent
        number[kind, value] = FIRST + len(tree)
        tree[FIRST + len(tree)] = f"{parent} > {value} {things}"
    taken = [row for row in rows if labels.get(row["id"]) in number]
    products = [
        {
            **{name: row[name] for name in ("id", "title", "description", "brand")},
            "product_detail": ",".join(_other_details(row["product_detail"])),
        }
        for row in taken
    ]
    _read_in(shop, folder, tree, {"Icecat": products})
    return [Offer(row["id"], "Icecat", number[labels[row["id"]]]) for row in taken]


def _details(written: str) -> Iterator[tuple[str, str, str]]:
    """Each detail as it is written, its name and its value."""
    for part in written.split(","):
        _, name, value = [*part.split(":", 2), "", ""][:3]
        yield part, name, value.strip().lower()


def _label(written: str) -> tuple[str, str] | None:
    for _, name, value in _details(written):
        if name in KINDS and value and (name != "type" or value.upper() in DISCS):
            return name, value
    return None


def _other_details(written: str) -> Iterator[str]:
    return (part for part, name, _ in _details(written) if name not in KINDS)


def _read_in(
    shop: Installation, folder: Path, tree: dict[int, str], feeds: dict[str, list[dict[str, str]]]
) -> None:
    """Import the tree, its leaves as pages, and the feeds, in which nothing is filed."""
    inner = {path.rpartition(" > ")[0] for path in tree.values()}
    for name, paths in (
        ("tree.txt", tree),
        ("pages.txt", {pk: path for pk, path in tree.items() if path not in inner}),
    ):
        lines = [f"{pk} - {path}\n" for pk, path in paths.items()]
        (folder / name).write_text("".join(lines), encoding="utf-8")
    shop.manage("import_taxonomy", str(folder / "tree.txt"))
    shop.manage("activate_pages", str(folder / "pages.txt"))
    (folder / "feeds").mkdir()
    for retailer, products in feeds.items():
        with (folder / "feeds" / f"{retailer}.tsv").open("w", newline="") as file:
            table = csv.DictWriter(file, products[0], delimiter="\t", lineterminator="\n")
            table.writeheader()
            table.writerows(products)
    shop.ask_script(IMPORT % str(folder / "feeds"))


def measured(shop: Installation, folder: Path, filed: list[Offer], told: list[Offer]) -> Any:
    """Return the figures of the texts mined with these products filed, and the others to tell."""
    shop.ask_script(FORGET + "print(0)")
    shop.ask_script(FILE % str(_written(folder / "filed.csv", filed)))
    shop.manage(
        "suggest_discriminators", "--accept", ACCEPTED, *([] if filed else ["--lookalikes"])
    )
    return shop.figures("evaluate_siblings", "--truth", str(_written(folder / "truth.csv", told)))


def _written(file: Path, offers: list[Offer]) -> Path:
    with file.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("offer_id", "retailer", "category_id"))
        table.writerows((each.offer_id, each.retailer, each.category) for each in offers)
    return file


def told(name: str, figures: dict[str, Any]) -> str:
    """Return a line of the figures; errors are shares of the uncertain products."""
    before, after = figures["error_before"], figures["error_after"]
    controls = "  ".join(f"{key} {value:.1%}" for key, value in figures["controls"].items())
    return (
        f"{name:<24} {figures['uncertain']:>5,} of {figures['products']:>6,} uncertain  "
        f"{before:.1%} → {after:.1%} ({100 * (after / before - 1):+.0f} %)  "
        f"helped {figures['helped']} harmed {figures['harmed']} p {figures['mcnemar_p']:.1g}  "
        f"all {figures['error_before_all']:.1%} → {figures['error_after_all']:.1%}  {controls}"
    )


SETS: dict[str, tuple[Callable[[Installation, Path], list[Offer]], str]] = {
    "demo": (demo, ""),
    "demo-titles": (demo_titles, ""),
    "icecat": (icecat, "icecat/products.tsv.gz"),
    "pricerunner": (pricerunner, "pricerunner/offers.csv.gz"),
}


@contextmanager
def scratch() -> Iterator[tuple[Installation, Path]]:
    """Yield an installation of its own, and its folder."""
    with tempfile.TemporaryDirectory() as name, installation(Path(name)) as shop:
        yield shop, Path(name)


def main(*names: str) -> None:
    """Measure the named sets, or all, and print a line for each way of filing."""
    for name in names or SETS:
        build, needs = SETS[name]
        if needs and not (DATA / needs).exists():
            print(f"{name}: {DATA / needs} is not here")
            continue
        with scratch() as (shop, folder):
            offers = build(shop, folder)
            held = [offer for offer in offers if offer.is_held_out]
            filed = [offer for offer in offers if not offer.is_held_out]
            for how, known in (("nothing filed", []), ("a part filed", filed)):
                figures = measured(shop, folder, known, held)
                print(told(f"{name}, {how}", figures), flush=True)
                print(json.dumps(figures), file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
