"""What forbids that two offers are the same, however alike they sound."""

from __future__ import annotations

from ranking.pipeline.duplicates.offers import Seen, compact
from ranking.pipeline.duplicates.signs import are_close

# Amounts that are part of what a thing is. Others, such as a processor's clock or a width, are
# told of different parts of it: they count among the signs.
FORBIDDING = {
    "storage": "storage",
    "volume": "volume",
    "pieces": "number of pieces",
    "pixels": "resolution",
    "charge": "charge",
}


def conflict(one: Seen, other: Seen) -> str:
    """Return why the two cannot be the same, in a few words; "" when nothing forbids it.

    Retailers list a thing once: two offers of one retailer are two things. Colours that only the
    titles name tell things apart unless both name the same model: makers sell one model in many.
    """
    if one.offer.retailer and one.offer.retailer == other.offer.retailer:
        return "same retailer"
    if _packs(one) != _packs(other):
        return "another number in the pack"
    if one.gtin and other.gtin:
        return "" if one.gtin == other.gtin else "another GTIN"
    return _maker(one, other) or _size(one, other) or _amounts(one, other) or _colour(one, other)


def _packs(seen: Seen) -> frozenset[float]:
    return seen.terms.amounts.get("pack", frozenset()) - {1.0}


def _maker(one: Seen, other: Seen) -> str:
    """What the feeds' own fields say; a name or number that is a part of the other is the same."""
    told = ((one.brand, other.brand, "another brand"), (one.mpn, other.mpn, "another model number"))
    for mine, its, what in told:
        if mine and its and mine not in its and its not in mine:
            return what
    return ""


def _size(one: Seen, other: Seen) -> str:
    mine, its = compact(one.offer.size), compact(other.offer.size)
    return "another size" if mine and its and mine != its else ""


def _amounts(one: Seen, other: Seen) -> str:
    for kind, name in FORBIDDING.items():
        mine, its = one.terms.amounts.get(kind), other.terms.amounts.get(kind)
        if mine and its and not are_close(mine, its):
            return f"another {name}"
    return ""


def _colour(one: Seen, other: Seen) -> str:
    mine, its = one.colours, other.colours
    if not mine or not its or mine & its:
        return ""
    told = bool(one.offer.colour and other.offer.colour)
    return "another colour" if told or not names_same_model(one, other) else ""


def names_same_model(one: Seen, other: Seen) -> bool:
    """Return whether both say the same model number, the same number after the same word, or the
    same storage after the same two words, as in "iPhone XS 64 GB"."""
    if (one.whole & other.whole).intersection(one.terms.codes, other.terms.codes):
        return True
    storage = one.terms.amounts.get("storage")
    if storage and storage == other.terms.amounts.get("storage") and one.pairs & other.pairs:
        return True
    return any(one.after[word] & other.after[word] for word in one.after.keys() & other.after)
