"""A row in Merchant Center's words → an offer that can be stored, or why it cannot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b

from stdnum import ean
from stdnum.exceptions import ValidationError

from taxonomy.imports.prices import BadPrice, parse_price
from taxonomy.imports.rows import KNOWN, Row

ID_LIMIT, TITLE_LIMIT = 100, 1_000
# What the columns of Product hold; a longer text stays whole among the attributes.
LIMITS = {"brand": 200, "mpn": 100, "link": 2_000, "availability": 20}
# A database cannot keep NUL or half a surrogate pair, which JSON can write.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
UPC_LENGTH = 12
GTIN_LENGTHS = {8, UPC_LENGTH, 13, 14}


class BadOffer(Exception):
    """A row that cannot be stored: the field at fault, and why in a sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Offer:
    """A checked row of a feed; texts are stripped, empty where the feed says nothing."""

    line: int
    id: str
    title: str
    description: str
    brand: str
    gtin: str
    mpn: str
    link: str
    price: Decimal | None
    currency: str
    availability: str
    image_link: str
    google_product_category: str
    attributes: dict[str, str] = field(default_factory=dict)

    def fingerprint(self, *beside: object) -> str:
        """Return 32 hexadecimal digits that change with anything said here or `beside` it."""
        said = (
            *(self.id, self.title, self.description, self.brand, self.gtin, self.mpn, self.link),
            *(str(self.price), self.currency, self.availability, self.image_link),
            *(sorted(self.attributes.items()), *beside),
        )
        return blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()


def offer_id(row: Row) -> str:
    """Return the row's id, checked; raises `BadOffer`."""
    written = row.fields.get("id", "").strip()
    if not written:
        raise BadOffer("id", "The id is missing.")
    if len(written) > ID_LIMIT:
        raise BadOffer("id", f"The id is longer than {ID_LIMIT} characters.")
    if UNSTORABLE.search(written):
        raise BadOffer("id", "The id holds a character that cannot be stored.")
    return written


def parse_offer(row: Row) -> Offer:
    """Return the row as an offer; raises `BadOffer` with the first thing that is wrong."""
    for name, value in row.fields.items():
        if UNSTORABLE.search(value) or UNSTORABLE.search(name):
            raise BadOffer(name, "The text holds a character that cannot be stored.")
    texts = {name: value.strip() for name, value in row.fields.items()}
    price, currency = _price(texts.get("price", ""))
    short, long = _fitting(texts)
    return Offer(
        line=row.line,
        id=offer_id(row),
        title=_title(texts.get("title", "")),
        description=texts.get("description", ""),
        brand=short["brand"],
        gtin=_gtin(texts.get("gtin", "")),
        mpn=short["mpn"],
        link=short["link"],
        price=price,
        currency=currency,
        availability=short["availability"],
        image_link=texts.get("image_link", ""),
        google_product_category=texts.get("google_product_category", ""),
        attributes=long
        | {name: text for name, text in texts.items() if text and name not in KNOWN.values()},
    )


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise BadOffer("title", "The title is missing.")
    if len(title) > TITLE_LIMIT:
        raise BadOffer("title", f"The title is longer than {TITLE_LIMIT:,} characters.")
    return title


def _price(text: str) -> tuple[Decimal | None, str]:
    if not text:
        return None, ""
    try:
        return parse_price(text)
    except BadPrice as fault:
        raise BadOffer("price", str(fault)) from fault


def _gtin(text: str) -> str:
    if not text:
        return ""
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) == UPC_LENGTH - 1:  # a spreadsheet has taken its leading zero
        digits = digits.zfill(UPC_LENGTH)
    if not (digits.isascii() and digits.isdigit() and len(digits) in GTIN_LENGTHS):
        raise BadOffer("gtin", f"A GTIN has 8, 12, 13 or 14 digits; “{text}” does not.")
    try:
        return str(ean.validate(digits))
    except ValidationError as fault:
        raise BadOffer("gtin", f"The check digit of the GTIN “{text}” is wrong.") from fault


def _fitting(texts: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the columns hold, and what is too long for them."""
    values = {name: texts.get(name, "") for name in LIMITS}
    # Before it is measured: a letter may have a longer form in lower case.
    values["availability"] = values["availability"].lower().replace(" ", "_")
    long = {name: texts[name] for name, text in values.items() if len(text) > LIMITS[name]}
    return values | dict.fromkeys(long, ""), long
