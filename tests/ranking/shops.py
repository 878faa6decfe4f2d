"""A small shop in rows, and what happens to one from night to night."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from judgments.models import Annotator, Judgment
from ranking.actions.rank import work
from ranking.models import BranchRules, PageRun, RulesState, Run
from ranking.queries.inputs import snapshot
from taxonomy.models import Category, Filing, FilingSource, Product, Retailer
from tests.factories import make_category, make_judgment, make_product, make_text

KINDS = ("lamps", "mugs", "boots", "tents", "drums", "rugs")
COLOURS = ("red", "blue", "green", "grey", "white", "black", "brown", "oak")

Edit = Callable[[random.Random], None]


def make_shop(each: int = 6) -> list[Category]:
    """Return six pages below two parents, with products of their own words."""
    parents = [make_category("Indoors"), make_category("Outdoors")]
    pages = [
        make_category(kind.title(), parent=parents[place % 2], is_page=True)
        for place, kind in enumerate(KINDS)
    ]
    for page, kind in zip(pages, KINDS, strict=True):
        for colour in COLOURS[:each]:
            make_product(f"{colour} {kind} of {kind}", filed_under=page)
    return pages


def finish(run: Run) -> Run:
    """Work on the run until it has ended, as one worker."""
    snapshot.cache_clear()
    while work(run.pk):
        pass
    run.refresh_from_db()
    return run


def told(run: Run) -> dict[int, list[tuple[object, ...]]]:
    """Return what each page of the run says, wherever its products stand."""
    return {part.page_id: _rows(part) for part in run.page_runs.all()}


def carried(run: Run) -> set[int]:
    """Return the pages that were carried over."""
    parts = run.page_runs.exclude(carried_from=None)
    return set(parts.values_list("page", flat=True))


def _rows(part: PageRun) -> list[tuple[object, ...]]:
    columns = ("position", "product", "removed_by", "why", "score", "confidence", "duplicate_of")
    rows = part.ranked.order_by("position", "product").values_list(*columns)
    return [(part.shown, part.removed, part.relaxed, part.input_hash), *rows]


def change(product: Product, **fields: object) -> None:
    """Let the next feed say something else of a product."""
    Product.objects.filter(pk=product.pk).update(fingerprint=uuid.uuid4().hex, **fields)


def _any(luck: random.Random) -> Product:
    return luck.choice(list(Product.objects.order_by("id")))


def _page(luck: random.Random) -> Category:
    return luck.choice(list(Category.objects.pages().order_by("id")))


def new_price(luck: random.Random) -> None:
    change(_any(luck), price=Decimal(luck.randrange(5, 90)))


def new_title(luck: random.Random) -> None:
    change(_any(luck), title=f"{luck.choice(COLOURS)} {luck.choice(KINDS)}")


def new_product(luck: random.Random) -> None:
    make_product(f"new {luck.choice(COLOURS)} {luck.choice(KINDS)}")


def gone_product(luck: random.Random) -> None:
    change(_any(luck), last_seen=timezone.now() - timedelta(days=200))


def sold_out(luck: random.Random) -> None:
    change(_any(luck), availability="out_of_stock")


def filed_anew(luck: random.Random) -> None:
    word = {"product": _any(luck), "category": _page(luck), "source": FilingSource.PERSON}
    Filing.objects.create(**word)


def judged(luck: random.Random) -> None:
    make_judgment(_page(luck), _any(luck), luck.randrange(4), f"Ann {uuid.uuid4()}")


def new_text(luck: random.Random) -> None:
    page = _page(luck)
    sibling = Category.objects.pages().filter(parent=page.parent).exclude(pk=page.pk).first()
    make_text(
        page, luck.choice((sibling, None)), f"{luck.choice(COLOURS)} {page.name} {luck.random()}"
    )


def new_rule(luck: random.Random) -> None:
    branch = luck.choice([None, _page(luck), _page(luck).parent])
    newest = BranchRules.objects.filter(branch=branch).order_by("-id").first()
    values = {"minimum_confidence": luck.choice((0.0, 0.2, 0.6))}
    BranchRules.objects.create(branch=branch, values=values, state=RulesState.LIVE, based_on=newest)


def same_offer(luck: random.Random) -> None:
    """Another retailer offers one of the products, cheaper."""
    found = _any(luck)
    other = Retailer.objects.get_or_create(name="The other shop")[0]
    gtin = f"40{luck.randrange(10**10):010d}"
    change(found, gtin=gtin)
    make_product(found.title, retailer=other, price=Decimal(1), gtin=gtin)


def newer_crawl(luck: random.Random) -> None:
    """A retailer is heard of again, without most of its products."""
    found = _any(luck)
    later = timezone.now() - timedelta(minutes=1)
    mine = Product.objects.filter(retailer=found.retailer)
    mine.exclude(pk=found.pk).update(last_seen=later - timedelta(days=luck.choice((20, 120))))
    mine.filter(pk=found.pk).update(last_seen=later)


def deleted(luck: random.Random) -> None:
    _any(luck).delete()


def judged_elsewhere(luck: random.Random) -> None:
    who = Annotator.objects.create(name=f"Ben {uuid.uuid4()}")
    word = {"grade": 0, "belongs_to": _page(luck), "source": "annotator"}
    Judgment.objects.create(page=_page(luck), product=_any(luck), annotator=who, **word)


def filing_withdrawn(luck: random.Random) -> None:
    Filing.objects.filter(product=_any(luck)).delete()


def filing_less_sure(luck: random.Random) -> None:
    Filing.objects.filter(product=_any(luck)).update(confidence=luck.choice((0.3, 0.9)))


def renamed(luck: random.Random) -> None:
    page = _page(luck)
    name = f"{page.name} {luck.choice(COLOURS)}"
    Category.objects.filter(pk=page.pk).update(name=name, path=f"{page.path} {name}")


def retailer_renamed(luck: random.Random) -> None:
    Retailer.objects.filter(pk=_any(luck).retailer_id).update(name=f"Shop {uuid.uuid4()}")


def other_rule(luck: random.Random) -> None:
    newest = BranchRules.objects.filter(branch=None).order_by("-id").first()
    values = luck.choice(({"longest_unseen_days": 10}, {"half_life_days": 5}))
    BranchRules.objects.create(branch=None, values=values, state=RulesState.LIVE, based_on=newest)


EDITS: tuple[Edit, ...] = (
    *(new_price, new_title, new_product, gone_product, sold_out),
    *(filed_anew, judged, new_text, new_rule),
    *(same_offer, newer_crawl, deleted, judged_elsewhere),
    *(filing_withdrawn, filing_less_sure, renamed, other_rule),
    retailer_renamed,
)
