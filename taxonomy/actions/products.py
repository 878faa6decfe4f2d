"""Bringing a retailer's feed in: what is good lands batch by batch, the rest is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from taxonomy.actions.batches import Listing, write_batch
from taxonomy.actions.filing import CategoryWords
from taxonomy.imports.addresses import UNANSWERED
from taxonomy.imports.feeds import read_feed
from taxonomy.imports.lines import Progress, opened, source_name, unwatched
from taxonomy.imports.offers import LIMITS, BadOffer, Offer, offer_id, parse_offer
from taxonomy.imports.rejects import Reject, RejectsFile, Unreadable
from taxonomy.imports.rows import Row
from taxonomy.models import Import, ImportKind, PictureState, Product, Retailer

BATCH = 1_000
Tell = Callable[[str], object]


@dataclass(frozen=True)
class ProductFigures:
    """What an import did: rows = created + updated + unchanged + rejected.

    `unseen` are the products that this import marked as missing from the feed.
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    unseen: int


def import_products(
    feed: str | Path,
    *,
    retailer: str,
    images: str | Path | None = None,
    partial: bool = False,
    made_up: bool = False,
    crawled_at: datetime | None = None,
    source: str = "",
    tell: Tell = unwatched,
    progress: Progress = unwatched,
) -> ProductFigures:
    """Read a Merchant Center feed into the products of a retailer, known by their offer ids.

    Rows that cannot land are kept as a CSV, of which `tell` gets the place. Products that a
    full feed lacks are marked unseen; a `partial` feed marks nothing, nor does one that breaks
    off. What it lists was seen at `crawled_at`, which is now unless the feed is an earlier one:
    earlier ones come first. `source` is its name where that is another. Raises `Unreadable`
    when no row is good or the feed cannot be read to its end; what was good before has landed.
    """
    with RejectsFile(ImportKind.PRODUCTS) as rejects:
        work = _Feed(retailer, Path(images) if images else None, made_up, rejects, crawled_at)
        try:
            with opened(Path(feed), progress) as stream:
                for row in read_feed(stream):
                    work.take(row)
        except Unreadable as error:
            work.land()
            work.record(source or feed)
            raise Unreadable(f"{error} {work.so_far()}".strip()) from error
        finally:
            work.tell_notes(tell)
        work.land()
        if not work.good:
            raise Unreadable("Nothing was imported: the feed has no good row.")
        if not partial:
            work.mark_unseen()
        work.ask_again()
        work.record(source or feed)
        return work.figures()


class _Feed:
    """One reading of a feed: the batch that gathers, and the figures so far."""

    def __init__(
        self,
        retailer: str,
        images: Path | None,
        made_up: bool,
        rejects: RejectsFile,
        crawled_at: datetime | None,
    ) -> None:
        self._name, self._made_up, self._images, self._rejects = retailer, made_up, images, rejects
        self._retailer = _existing(retailer, made_up)
        self._started = timezone.now()
        self._seen = crawled_at or self._started
        self._categories = CategoryWords()
        self._listings: list[Listing] = []
        self._set_aside: list[str] = []
        self._lines: dict[str, int] = {}  # where each offer id stands first
        self._counts: Counter[str] = Counter()
        self._notes: dict[str, tuple[int, int]] = {}  # sentence → how many, first line

    @property
    def good(self) -> int:
        return self._counts["created"] + self._counts["updated"] + self._counts["unchanged"]

    def take(self, row: Row | Reject) -> None:
        """Take the next row, and write the batch when it is full."""
        self._counts["rows"] += 1
        if isinstance(row, Reject):
            self._rejects.add(row)
            return
        try:
            identity = offer_id(row)
            if first := self._lines.get(identity):
                raise BadOffer("id", f"The id “{identity}” stands already on line {first}.")
            self._gather(parse_offer(row))
        except BadOffer as fault:
            self._refuse(row, fault)
        if len(self._listings) + len(self._set_aside) >= BATCH:
            self.land()

    def _gather(self, offer: Offer) -> None:
        self._lines[offer.id] = offer.line
        written = offer.google_product_category
        category_id = self._categories.find(written) if written else None
        if written and category_id is None:
            self._note("landed without a category, since the tree has none such", offer.line)
        for name in LIMITS.keys() & offer.attributes.keys():
            text = (
                f"have a text in “{name}” too long for it ({LIMITS[name]:,}), kept among the rest"
            )
            self._note(text, offer.line)
        self._listings.append(Listing(offer, category_id))

    def _refuse(self, row: Row, fault: BadOffer) -> None:
        self._rejects.add(Reject(row.line, str(fault), fault.field, raw=row.raw))
        if fault.field != "id":
            self._set_aside.append(row.fields["id"].strip())

    def _note(self, sentence: str, line: int) -> None:
        count, first = self._notes.get(sentence, (0, line))
        self._notes[sentence] = count + 1, first

    def land(self) -> None:
        """Write what has gathered."""
        if self._listings and self._retailer is None:
            self._retailer, _ = Retailer.objects.get_or_create(
                name=self._name, defaults={"made_up": self._made_up}
            )
        if self._retailer:
            self._counts += write_batch(
                self._retailer, self._listings, self._set_aside, self._images, self._seen
            )
        self._listings, self._set_aside = [], []

    def mark_unseen(self) -> None:
        """Mark what this feed did not list."""
        missing = Product.objects.filter(
            retailer=self._retailer, unseen_since=None, last_seen__lt=self._seen
        )
        self._counts["unseen"] = missing.update(unseen_since=self._seen)

    def ask_again(self) -> None:
        """Let the pictures whose host did not answer last time wait once more."""
        Product.objects.filter(
            retailer=self._retailer,
            last_seen__gte=self._seen,
            picture_state=PictureState.FAILED,
            picture_note=UNANSWERED,
        ).update(picture_state=PictureState.WAITING, picture_note="")

    def figures(self) -> ProductFigures:
        return ProductFigures(
            rows=self._counts["rows"],
            created=self._counts["created"],
            updated=self._counts["updated"],
            unchanged=self._counts["unchanged"],
            rejected=self._rejects.count,
            unseen=self._counts["unseen"],
        )

    def so_far(self) -> str:
        if not self._counts["rows"]:
            return ""
        return f"The {self.good:,} good rows before have landed; nothing was marked unseen."

    def tell_notes(self, tell: Tell) -> None:
        """Say what people should know beside the figures."""
        for sentence, (count, line) in self._notes.items():
            tell(f"{count:,} products {sentence} (first on line {line}).")
        if self._rejects.count:
            tell(f"{self._rejects.count:,} rows were set aside: {self._rejects.path}")

    def record(self, feed: str | Path) -> None:
        """Keep the figures."""
        Import.objects.create(
            kind=ImportKind.PRODUCTS,
            source=source_name(feed),
            retailer=self._retailer,
            figures=asdict(self.figures()),
            rejects=self._rejects.name,
            started_at=self._started,
            finished_at=timezone.now(),
        )


def _existing(name: str, made_up: bool) -> Retailer | None:
    longest = Retailer._meta.get_field("name").max_length or 0
    if not name.strip() or len(name) > longest:
        raise Unreadable(f"A retailer's name has 1 to {longest} characters.")
    retailer = Retailer.objects.filter(name=name).first()
    if retailer and retailer.made_up != made_up:
        kind = "made-up" if retailer.made_up else "real"
        raise Unreadable(f"“{name}” has {kind} products; the others need a retailer of their own.")
    return retailer
