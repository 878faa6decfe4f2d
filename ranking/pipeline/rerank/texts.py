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
_LETTER = re.compile(r"[^\W\d_]")
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
    said, length = list[str](), 0
    for part in _details(attributes):
        said.append(part)
        length += len(part) + 2
        if length > DETAILS:  # a feed's list may be long, and all products have one
            break
    return "; ".join(said)[:DETAILS]


def _details(attributes: Mapping[str, object]) -> Iterator[str]:
    for key in KEY_FIELDS:
        if attributes.get(key):
            yield f"{key}: {attributes[key]}"
    for found in _LISTED.finditer(str(attributes.get(LISTED, ""))):
        name, value = found.groups()
        # Numbers, and what is merely so or not, fill the line and say little.
        if value not in {"True", "False"} and _LETTER.search(value):
            yield f"{name}: {value}"


def _line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
