"""Files of offers or pairs of which people said what is the same."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ranking.pipeline.duplicates.offers import Offer

NEEDED = ("offer_id", "title", "retailer", "cluster_id")
COLUMNS = {"brand": "brand", "gtin": "gtin", "mpn": "mpn", "color": "colour", "colour": "colour"}
COLUMNS |= {"size": "size", "description": "description"}


class Unlabelled(Exception):
    """The file cannot be used; the message says why and where."""


def labelled_offers(path: Path) -> tuple[list[Offer], list[str]]:
    """Return the offers of a CSV, counted from 1 in the file's order, and each one's cluster.

    Raises Unlabelled.
    """
    offers, clusters = [], []
    with _opened(path) as file:
        rows = csv.DictReader(file)
        missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
        if missing:
            raise Unlabelled(f"{path}, line 1: there is no column {' or '.join(missing)}.")
        for number, row in enumerate(rows, 1):
            if None in row or None in row.values():
                raise Unlabelled(f"{path}, line {rows.line_num}: not as many fields as columns.")
            if not row["title"].strip() or not row["cluster_id"].strip():
                raise Unlabelled(f"{path}, line {rows.line_num}: no title or no cluster_id.")
            offers.append(_offer(number, row.get, row["retailer"]))
            clusters.append(row["cluster_id"].strip())
    if not offers:
        raise Unlabelled(f"{path} has no offers.")
    return offers, clusters


def column(path: Path, name: str) -> list[str]:
    """Return one column of a CSV, a text for each row. Raises Unlabelled."""
    with _opened(path) as file:
        rows = csv.DictReader(file)
        if name not in (rows.fieldnames or ()):
            raise Unlabelled(f"{path}, line 1: there is no column {name}.")
        return [row[name] for row in rows]


def labelled_pairs(path: Path) -> tuple[list[tuple[Offer, Offer]], list[bool]]:
    """Return the pairs of a file of JSON Lines, and whether each is one product.

    Raises Unlabelled.
    """
    pairs, same = [], []
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                told = json.loads(line)
                sides = [told["left"], told["right"]]
                titled = all(isinstance(side.get("title"), str) for side in sides)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise Unlabelled(f"{path}, line {number}: not a pair: {error}.") from error
            if not titled or told.get("same") not in (0, 1):
                raise Unlabelled(f"{path}, line {number}: no titles, or “same” is not 0 or 1.")
            first = 2 * number - 1
            pairs.append((_offer(first, sides[0].get), _offer(first + 1, sides[1].get)))
            same.append(bool(told["same"]))
    if not pairs:
        raise Unlabelled(f"{path} has no pairs.")
    return pairs, same


def _offer(pk: int, value: Callable[[str], Any], retailer: str = "") -> Offer:
    told = {name: str(value(column) or "") for column, name in COLUMNS.items() if value(column)}
    return Offer(id=pk, title=str(value("title")), retailer=retailer.strip(), **told)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open text, gzipped or not; what cannot be read is Unlabelled."""
    try:
        with path.open("rb") as raw:
            is_zipped = raw.read(2) == b"\x1f\x8b"
        open_it = gzip.open if is_zipped else open
        with open_it(path, "rt", encoding="utf-8", newline="") as file:
            yield file
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Unlabelled(f"{path} cannot be read: {error}.") from error
