"""A row of a feed, whatever the format that it came in."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What we read, spelled without the marks between words.
KNOWN = {
    name.replace("_", ""): name
    for name in (
        "id",
        "title",
        "description",
        "link",
        "image_link",
        "price",
        "availability",
        "brand",
        "gtin",
        "mpn",
        "google_product_category",
    )
}
BETWEEN_WORDS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One product as a feed writes it: its fields by name, and the line where it begins."""

    line: int
    fields: dict[str, str]
    raw: str


def field_name(written: str) -> str:
    """Return a field's name however it is written: `g:Image Link` is `image_link`."""
    name = BETWEEN_WORDS.sub("_", written.strip().lower().removeprefix("g:").strip())
    return KNOWN.get(name.replace("_", ""), name)
