"""How a retailer's feed writes about a product: the habits of real titles and descriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

TITLE_LENGTH = 150  # as Merchant Center allows
SHORT = {
    "black": "blk",
    "white": "wht",
    "grey": "gry",
    "brown": "brn",
    "stainless steel": "s/s",
    "professional": "prof.",
    "recycled polyester": "rec. poly",
    "pieces": "pcs",
    "with ": "w/ ",
    " and ": " & ",
    "without": "w/o",
}


@dataclass(frozen=True)
class Wording:
    """What a retailer chose to say of a product; what it leaves unsaid is empty."""

    noun: str
    brand: str
    series: str
    said: tuple[str, ...]  # features, in the order they are named
    look: str  # colour, pattern and material as one phrase: "striped black cotton"
    size: str
    use: str


Style = Callable[[Wording], str]


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """Return the parts that are not empty, with `between` between them."""
    return between.join(part for part in parts if part)


def shortened(title: str) -> str:
    """Return the title cut after a whole word, at most 150 characters long."""
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH + 1].rsplit(" ", 1)[0]


def capital(text: str) -> str:
    """Return the text with its first letter large and the others as they were."""
    return text[:1].upper() + text[1:]


def small(noun: str) -> str:
    """Return the noun in small letters, abbreviations such as RC or LED left alone."""
    return " ".join(word if word[1:2].isupper() else word.lower() for word in noun.split())


def brand_first(told: Wording) -> str:
    """Lumenaut Alva Desk Lamp, jointed arm, black metal, 40 cm."""
    name = joined((told.brand, told.series, told.noun), " ")
    return joined((name, *told.said, told.look, told.size))


def noun_first(told: Wording) -> str:
    """Desk Lamp Alva – jointed arm, black metal – 40 cm – Lumenaut."""
    name = joined((told.noun, told.series), " ")
    return joined((name, joined((*told.said, told.look)), told.size, told.brand), " – ")


def with_dashes(told: Wording) -> str:
    """Lumenaut - Desk Lamp Alva - Jointed arm - Black metal - 40 cm."""
    name = joined((told.noun, told.series), " ")
    parts = (told.brand, name, *(capital(word) for word in told.said), capital(told.look))
    return joined((*parts, told.size), " - ")


def with_keywords(told: Wording) -> str:
    """Desk Lamp black metal | Jointed arm | 40 cm | Lumenaut."""
    name = joined((told.noun, told.look), " ")
    return joined((name, *(capital(word) for word in told.said), told.size, told.brand), " | ")


def abbreviated(told: Wording) -> str:
    """LUMENAUT desk lamp jointed arm blk metal 40cm."""
    words = joined((small(told.noun), *told.said, told.look, told.size.replace(" ", "")), " ")
    for long, short in SHORT.items():
        words = words.replace(long, short)
    return f"{told.brand.upper()} {words}"


def as_a_phrase(told: Wording) -> str:
    """Alva desk lamp in black metal by Lumenaut, jointed arm (40 cm)."""
    look = f"in {told.look}" if told.look else ""
    name = joined((told.series, small(told.noun), look, f"by {told.brand}"), " ")
    size = f" ({told.size})" if told.size else ""
    return joined((capital(name), *told.said)) + size


def in_sentences(told: Wording) -> str:
    """Return what it is for, what it is made of, and who makes it."""
    name = joined((told.series, small(told.noun)), " ")
    made = f"The {name} comes in {told.look}." if told.look else ""
    said = f"{capital(joined(told.said))}." if told.said else ""
    amount = f"{told.size}." if told.size[:1].isdigit() else f"Size {told.size}."
    size = amount if told.size else ""
    return joined((told.use, made, said, size, f"By {told.brand}."), " ")


def in_points(told: Wording) -> str:
    """Return the facts as points, with a bullet between them."""
    return joined((*(capital(word) for word in told.said), capital(told.look), told.size), " • ")


def in_a_few_words(told: Wording) -> str:
    """Return the shortest description a feed accepts; some products get none at all."""
    return joined((capital(joined(told.said)), told.size)) if told.look or told.said else ""
