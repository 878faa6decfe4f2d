"""What the cross-encoder reads of a page and of a product: one line each, with fields marked.

What matters most stands first, since a line that is too long for the model is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from ranking.pipeline.data import Catalogue, Tree
from ranking.pipeline.disambiguate import Texts

# Of the fields of Google's product feed, those that say what a thing is. Where it is filed,
# google_product_category and product_type, is another signal's, and would be repeated by heart.
KEY_FIELDS = ("color", "material", "pattern", "size", "gender", "age_group")
LISTED = "product_detail"  # section:name:value, again and again, with commas between
DETAILS = 120  # characters
DESCRIPTION = 160  # characters: a description begins with what the product is
_LISTED = re.compile(r"(?:^|,)[^:,]*:([^:,]+):([^:]*?)(?=,[^:,]*:[^:,]+:|$)")
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"\s+")


def page_text(tree: Tree, texts: Texts, page: int) -> str:
    """Return a page's name and path, and what people wrote about it: alone, then rather than each
    sibling. Raises KeyError for a page that is not in the tree."""
    row = int(tree.rows(np.array([page], np.int64))[0])
    if row < 0:
        raise KeyError(page)
    written = _written(tree, texts, page)
    return _line(" | ".join([tree.names[row], tree.paths[row], *written]))


def _written(tree: Tree, texts: Texts, page: int) -> Iterator[str]:
    if page in texts.alone:
        yield f"is: {'; '.join(texts.alone[page].texts)}"
    name = dict(zip(tree.ids.tolist(), tree.names, strict=True))
    for (category, sibling), lines in sorted(texts.of_pairs.items()):
        if category == page and sibling in name:
            yield f"not {name[sibling]}: {'; '.join(lines.texts)}"


def product_text(title: str, brand: str, description: str = "", details: str = "") -> str:
    """Return the title, then brand, how the description begins, and details (`key_details`), as
    far as what stands before does not say the same."""
    line = title
    if not _says(line, brand):
        line += f" | brand: {brand}"
    start = _TAG.sub(" ", description)[:DESCRIPTION]
    if not _says(line, start):
        line += f" | {start}"
    new = [part for part in details.split("; ") if not _says(line, part.partition(": ")[2])]
    return _line(" | ".join([line, *new]))


def _says(line: str, words: str) -> bool:
    return words.strip().casefold() in line.casefold()


def product_text_at(catalogue: Catalogue, row: int) -> str:
    """Return what is read of the product at that row of the catalogue."""
    details = catalogue.details[row] if catalogue.details else ""
    titles, brands = catalogue.titles, catalogue.brands
    return product_text(titles[row], brands[row], catalogue.descriptions[row], details)


def key_details(attributes: Mapping[str, object]) -> str:
    """Return what a product's attributes, the fields of its feed, say in words of what it is."""
    named = [f"{key}: {attributes[key]}" for key in KEY_FIELDS if attributes.get(key)]
    listed = _LISTED.findall(str(attributes.get(LISTED, "")))
    # Numbers, and what is merely so or not, fill the line and say little.
    worded = [f"{name}: {value}" for name, value in listed if _says_something(value)]
    return "; ".join(named + worded)[:DETAILS]


def _says_something(value: str) -> bool:
    return any(map(str.isalpha, value)) and value not in {"True", "False"}


def _line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
