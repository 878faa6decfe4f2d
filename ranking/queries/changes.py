"""What changed on a page since it was published: what came, what went and why, what moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ranking.labels import rule_label
from ranking.listings import told
from ranking.models import Publication
from ranking.queries.lineup import Line
from ranking.queries.overview import TOP
from taxonomy.models import Product


@dataclass(frozen=True)
class Tile:
    """A product as a page shows it, beside where the published page has it."""

    line: Line
    was: int | None  # its published place; None: it is new, or nothing is published
    is_new: bool

    @property
    def place(self) -> int:
        return self.line.place or 0

    @property
    def product(self) -> Product:
        return self.line.product

    @property
    def up(self) -> int:
        """How many places it rose; negative when it fell."""
        return self.was - self.place if self.was else 0

    @property
    def down(self) -> int:
        return -self.up

    @property
    def is_moved(self) -> bool:
        """Whether it is new or stands elsewhere than on the published page."""
        return self.is_new or self.up != 0

    @property
    def why(self) -> str:
        """Why it stands here: a person's rule first, then the machine's reasons."""
        said = "" if not self.line.is_candidate else self.line.ranked.why
        return f"{self.line.said} {said}".strip()


@dataclass(frozen=True)
class Gone:
    """A product that the published page has, and this ranking does not show."""

    product: Product | None  # None: it was deleted
    title: str  # as it was published
    was: int
    why: str


@dataclass(frozen=True)
class Changes:
    """What a page would show that the published one does not, and the other way round."""

    entered: list[Tile]
    left: list[Gone]
    moved: list[Tile]  # among the first ten, now or then

    @property
    def is_any(self) -> bool:
        return bool(self.entered or self.left or self.moved)


def published_places(publication: Publication | None) -> dict[int, int]:
    """Return the place of each product on the published page; empty where nothing is."""
    if publication is None:
        return {}
    return {one["product"]: one["position"] for one in told(publication.listing)["products"]}


def tiles(lines: Sequence[Line], places: dict[int, int]) -> list[Tile]:
    """Return the products shown, by place, each beside its published place."""
    return [
        Tile(line, was, is_new=bool(places) and was is None)
        for line in lines
        if line.place is not None
        for was in [places.get(line.ranked.product_id)]
    ]


def published_tiles(publication: Publication, lines: Sequence[Line]) -> list[Tile]:
    """Return the published page as it was published, whatever rules have changed since.

    `lines` are those of its page run; products that have been deleted are left out.
    """
    by_product = {line.ranked.product_id: line for line in lines}
    places = published_places(publication)
    return [
        Tile(_placed(by_product[product], place), place, is_new=False)
        for product, place in sorted(places.items(), key=lambda item: item[1])
        if product in by_product
    ]


def changes(publication: Publication, lines: Sequence[Line]) -> Changes:
    """Return what came, what went and why, and what moved among the first ten."""
    places = published_places(publication)
    now = tiles(lines, places)
    shown = {tile.line.ranked.product_id for tile in now}
    return Changes(
        entered=[tile for tile in now if tile.is_new],
        left=_gone(publication, lines, shown),
        moved=[tile for tile in now if tile.up and min(tile.place, tile.was or 0) <= TOP],
    )


def _placed(line: Line, place: int) -> Line:
    return replace(line, place=place, offers=() if line.place is None else line.offers)


def _gone(publication: Publication, lines: Sequence[Line], shown: set[int]) -> list[Gone]:
    by_product = {line.ranked.product_id: line for line in lines}
    missing = [one for one in told(publication.listing)["products"] if one["product"] not in shown]
    strangers = [one["product"] for one in missing if one["product"] not in by_product]
    known = Product.objects.select_related("retailer").in_bulk(strangers) if strangers else {}
    return [
        Gone(
            product=line.product if line else known.get(one["product"]),
            title=one["title"],
            was=one["position"],
            why=_why_gone(line, known.get(one["product"])),
        )
        for one in missing
        for line in [by_product.get(one["product"])]
    ]


def _why_gone(line: Line | None, product: Product | None) -> str:
    """The stage at which it was lost, in one sentence."""
    if line is None:
        return (
            "It was deleted from the catalogue."
            if product is None
            else "It is no longer among the page’s candidates."
        )
    if line.hand is not None and line.hand.kind == "hide":
        return line.said or "Hidden by hand."
    if line.ranked.duplicate_of_id is not None:
        return line.ranked.why or "It stands behind a cheaper offer of the same product."
    return f"{rule_label(line.ranked.removed_by)}: {line.ranked.why}"
