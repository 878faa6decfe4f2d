"""Rows for tests: each maker gives one saved row with as little said as possible."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from judgments.models import Annotator, Campaign, CampaignState, Item, Judgment, Seat
from taxonomy.actions.discriminators import write_revision
from taxonomy.models import Category, Filing, Product, Retailer, Revision
from taxonomy.queries.discriminators import text_of

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_user(role: str | None = None, **fields: Any) -> User:
    """Return a person in the group `role`: "annotators", "leads" and so on, see ROLES."""
    name = fields.pop("username", f"person-{next(_numbers)}")
    user = User.objects.create_user(name, password=PASSWORD, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def make_category(name: str = "", parent: Category | None = None, **fields: Any) -> Category:
    """Return a category below `parent`, or a root."""
    pk = fields.pop("id", next(_numbers) + 10_000)
    name = name or f"Category {pk}"
    return Category.objects.create(
        id=pk,
        name=name,
        parent=parent,
        path=f"{parent.path} > {name}" if parent else name,
        lineage=f"{parent.lineage if parent else '/'}{pk}/",
        **fields,
    )


def make_product(title: str = "", **fields: Any) -> Product:
    """Return a product of one retailer, last seen now."""
    number = next(_numbers)
    now = timezone.now()
    retailer = fields.pop("retailer", None) or Retailer.objects.get_or_create(name="Shop")[0]
    filed_under: Category | None = fields.pop("filed_under", None)
    values: dict[str, Any] = {
        "offer_id": f"offer-{number}",
        "title": title or f"Product {number}",
        "price": Decimal("9.90"),
        "currency": "EUR",
        "fingerprint": f"{number:032x}",
        "first_seen": now,
        "last_seen": now,
    }
    product = Product.objects.create(retailer=retailer, **(values | fields))
    if filed_under:
        Filing.objects.create(product=product, category=filed_under, source="feed")
    return product


def make_judgment(page: Category, product: Product, grade: int, who: str = "Ann") -> Judgment:
    """Return `who`'s grade of the product for the page."""
    annotator = Annotator.objects.get_or_create(name=who)[0]
    return Judgment.objects.create(
        page=page, product=product, annotator=annotator, grade=grade, source="annotator"
    )


def make_text(
    category: Category, sibling: Category | None, text: str, *, live: bool = True, **said: Any
) -> Revision:
    """Return the next revision of what makes a product `category` rather than `sibling`."""
    number = text_of(category, sibling).number
    by: User | None = said.pop("by", None)
    return write_revision(category, sibling, text, based_on=number, live=live, by=by, **said)


def make_annotator(name: str = "", **fields: Any) -> Annotator:
    """Return somebody who judges, with a login of the same name unless `user` says otherwise."""
    name = name or f"annotator-{next(_numbers)}"
    user = fields.pop("user") if "user" in fields else make_user("annotators", username=name)
    return Annotator.objects.create(name=name, user=user, **fields)


def make_campaign(name: str = "", **fields: Any) -> Campaign:
    """Return a running campaign without gold and repeats, unless `fields` say otherwise."""
    values = {"state": CampaignState.RUNNING, "gold_every": 0, "repeat_every": 0} | fields
    return Campaign.objects.create(name=name or f"Campaign {next(_numbers)}", **values)


def make_item(campaign: Campaign, page: Category, product: Product, **fields: Any) -> Item:
    """Return the campaign's next item with its seats, open, as many as the campaign's overlap."""
    values = {"rank": campaign.items.count()} | fields
    item = Item.objects.create(campaign=campaign, page=page, product=product, **values)
    Seat.objects.bulk_create([Seat(item=item, number=n) for n in range(campaign.overlap)])
    return item
