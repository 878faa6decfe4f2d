"""Where a product of the catalogue is on a page, or where it was lost. Loads no arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ranking.hand import Word, lay_over
from ranking.labels import rule_label
from ranking.models import HandKind, Strength
from ranking.queries.lineup import Line, candidate, words_of
from ranking.queries.look import Look
from ranking.rule_fields import FIELDS
from taxonomy.models import Category, Filing, FilingSource, Product
from taxonomy.templatetags.figures import money

FOUND = 20  # products that a search lists
LONGEST = 200  # characters of a search that are read
PASSED, LOST, AHEAD = "passed", "lost", "ahead"
NEWEST_WORD = 2**62  # the number of a word that nobody has saved: it is the newest
END = "end"  # of the rule by hand that is there
FIRST_PIN = 10  # the place that is offered for a pin: among those seen first, and not above all


@dataclass(frozen=True)
class Stage:
    """One thing that a product passes on its way to a page, and what became of it there."""

    name: str
    state: str  # PASSED, LOST, or AHEAD where it did not come so far
    said: str = ""


@dataclass(frozen=True)
class Whereabouts:
    """A product and a page: what happened stage by stage, and where it stands if it does."""

    product: Product
    stages: list[Stage]
    line: Line | None  # None: it is no candidate of the page
    filed: Category | None

    @property
    def lost_at(self) -> Stage | None:
        """The stage at which it was lost; None where it stands among the first products."""
        return next((stage for stage in self.stages if stage.state == LOST), None)

    @property
    def place(self) -> int | None:
        return self.line.place if self.line else None


@dataclass(frozen=True)
class ByHand:
    """A rule by hand that was tried, and the place to which it brings the product."""

    kind: str  # of HandKind, or END
    place: int  # where it would stand
    asked: int | None = None  # the place of a pin
    strength: str = ""

    @property
    def strength_words(self) -> str:
        return Strength(self.strength).label if self.strength else ""


def find_products(text: str) -> QuerySet[Product]:
    """Return the products that a title's words, an offer id or a GTIN may mean, at most FOUND."""
    words = text[:LONGEST].split()
    titled = Q(pk__gt=0) if words else Q(pk=None)
    for word in words:
        titled &= Q(title__icontains=word)
    digits = "".join(words).replace("-", "")
    named = Q(offer_id=text.strip())
    if digits.isascii() and digits.isdigit():
        named |= Q(gtin__in={digits, digits.zfill(12), digits.zfill(13), digits.zfill(14)})
    return Product.objects.filter(named | titled).select_related("retailer").order_by("id")[:FOUND]


def whereabouts(look: Look, page: Category, product: Product, page_size: int) -> Whereabouts:
    """Return what became of the product on its way to the page.

    `page_size` is how many products the page shows first: one that stands behind them is lost
    there.
    """
    line = next((one for one in look.lines if one.product.pk == product.pk), None)
    filed = filed_under(product)
    found = [
        _in_catalogue(look, product),
        _switched_on(page),
        _candidate(look, line, filed),
        _rules(line),
        _alone(line, look),
        _by_hand(line),
        _cut(line, page_size),
    ]
    return Whereabouts(product, _until_lost(found), line, filed)


def filed_under(product: Product) -> Category | None:
    """Return where the product is filed: a person's word before a feed's."""
    said = Filing.objects.filter(product=product).exclude(source=FilingSource.MODEL)
    filings = said.select_related("category").order_by("-id")
    by_trust = sorted(filings, key=lambda filing: filing.source != FilingSource.PERSON)
    return by_trust[0].category if by_trust else None


def by_hand(look: Look, product: Product, page_size: int) -> list[ByHand]:
    """Return the rules by hand that would bring the product among the first `page_size`: the
    least boost that does, and a pin. Each was laid over the ranking to see."""
    if look.page_run is None:
        return []
    ranked = [candidate(line.ranked) for line in look.lines if line.is_candidate]
    words = words_of(line.hand for line in look.lines if line.hand)
    others = [word for word in words if word.product != product.pk]
    found: list[ByHand] = []
    for word in _words_to_try(product, min(FIRST_PIN, page_size), ends=len(others) < len(words)):
        kind = word.kind if word else END
        if any(kind == one.kind for one in found):
            continue
        placed = lay_over(ranked, [*others, word] if word else others)
        place = next((one.place for one in placed if one.product == product.pk), None)
        if place is not None and place <= page_size:
            asked, strength = (word.place, word.strength) if word else (None, "")
            found.append(ByHand(kind, place, asked, strength))
    return found


def _words_to_try(product: Product, pin: int, *, ends: bool) -> Iterator[Word | None]:
    """The least first; None: to end the rule that is there."""
    if ends:
        yield None
    for strength in Strength.values:
        yield Word(product.pk, HandKind.BOOST, NEWEST_WORD, strength=strength)
    yield Word(product.pk, HandKind.PIN, NEWEST_WORD, place=pin)


def _until_lost(stages: list[Stage | None]) -> list[Stage]:
    """The stages with those behind the first loss not reached; None: nothing to say of it yet."""
    found, is_lost = [], False
    for name, stage in zip(NAMES, stages, strict=True):
        if is_lost or stage is None:
            found.append(Stage(name, AHEAD))
        else:
            found.append(stage)
            is_lost = stage.state == LOST
    return found


NAMES = (
    "In the catalogue",
    "The page is switched on",
    "Among the candidates",
    "Kept by the rules",
    "The offer that stands for its product",
    "Not hidden by hand",
    "Among the first products",
)


def _in_catalogue(look: Look, product: Product) -> Stage:
    run = look.page_run.run if look.page_run else None
    if run and product.first_seen > run.as_of:
        came = f"It came into the catalogue after run {run.pk} began: the next run looks at it."
        return Stage(NAMES[0], LOST, came)
    gone = "Its retailer’s feed does not have it any more." if product.unseen_since else ""
    return Stage(NAMES[0], PASSED, gone)


def _switched_on(page: Category) -> Stage:
    if not page.is_page:
        return Stage(NAMES[1], LOST, f"{page.shown_name} is not switched on as a page.")
    return Stage(NAMES[1], PASSED)


def _candidate(look: Look, line: Line | None, filed: Category | None) -> Stage:
    if look.page_run is None:
        return Stage(NAMES[2], LOST, "The page has not been ranked yet.")
    if line is not None and (line.is_candidate or line.place is not None):
        return Stage(NAMES[2], PASSED, line.said if not line.is_candidate else "")
    where = f"It is filed under {filed.shown_name}" if filed else "Nobody has filed it anywhere"
    return Stage(
        NAMES[2], LOST, f"{where}, and it is not among the products that are nearest to the page."
    )


def _rules(line: Line | None) -> Stage | None:
    if line is None:
        return None
    ranked = line.ranked
    if line.place is not None or not ranked.removed_by or ranked.duplicate_of_id is not None:
        return Stage(NAMES[3], PASSED, line.said if line.is_pinned else "")
    return Stage(NAMES[3], LOST, f"{rule_label(ranked.removed_by)}: {ranked.why}")


def _alone(line: Line | None, look: Look) -> Stage | None:
    if line is None:
        return None
    front = next((one for one in look.lines if line in one.offers), None)
    if front is None or line.place is not None:
        return Stage(NAMES[4], PASSED)
    product = front.product
    price = f", {money(product.price, product.currency)}" if product.price is not None else ""
    where = f" at {front.place}" if front.place else ""
    said = f"It stands behind “{product.title}” of {product.retailer.name}{price}{where}."
    return Stage(NAMES[4], LOST, f"{said} {line.ranked.why}")


def _by_hand(line: Line | None) -> Stage | None:
    if line is None:
        return None
    rule = line.hand
    if rule is None or rule.kind != HandKind.HIDE:
        return Stage(NAMES[5], PASSED)
    who = f" by {rule.author}" if rule.author else ""
    note = f": “{rule.note}”" if rule.note else ""
    return Stage(NAMES[5], LOST, f"Hidden{who}{note}.")


def _cut(line: Line | None, page_size: int) -> Stage | None:
    if line is None or line.place is None:
        return None
    if line.place > page_size:
        said = (
            f"It stands at {line.place}; the page shows {page_size} before anybody asks for more."
        )
        return Stage(NAMES[6], LOST, said)
    return Stage(NAMES[6], PASSED, f"It stands at {line.place}.")


@dataclass(frozen=True)
class WayIn:
    """Changes that a worker has tried together, and what comes of them."""

    changes: list[str]  # each in words
    files_it: bool
    option: str  # what a branch is to be asked for; "": nothing, or the installation is
    place: int
    others: int  # other products that would come in too


OPTION_WORDS = {
    "candidates": "{1:.0f} nearest products looked at instead of {0:.0f}",
    "minimum_confidence": "{1:.0%} as the least confidence instead of {0:.0%}",
    "wrong_shown": "{1:.0%} wrong products put up with instead of {0:.0%}",
    "longest_unseen_days": "products shown until {1:.0f} days unseen instead of {0:.0f}",
    "merge_duplicates": "offers of the same product shown one by one",
    "out_of_stock": "what is out of stock kept",
}


BY_BRANCH = {field.name for field in FIELDS}


def ways_in(answer: dict[str, Any], page: Category) -> list[WayIn]:
    """Return what a worker found that brings the product in, in words; fewest changes first."""
    return [
        WayIn(
            changes=[_change_words(name, values, page) for name, values in way["changes"].items()],
            files_it="filed" in way["changes"],
            option=next((name for name in way["changes"] if name in BY_BRANCH), ""),
            place=way["place"],
            others=way["others"],
        )
        for way in answer.get("ways", ())
    ]


def _change_words(name: str, values: list[Any], page: Category) -> str:
    if name == "filed":
        return f"it filed under {page.shown_name}"
    return OPTION_WORDS[name].format(*values).replace("%", "\xa0%")
