"""What the demo shop knows about a category, and about the siblings it is confused with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One category as the shop sells it; `price` is its median in EUR.

    `spread` is the standard deviation of the logarithm of the price. What is empty in a kind
    is the family's: its materials, colours and sizes.
    """

    id: int
    nouns: tuple[str, ...]  # what a title calls it, in the singular
    shape: str  # what its picture shows
    price: float
    spread: float
    tells: tuple[str, ...]  # words that set it apart from its siblings
    use: str  # a sentence for descriptions
    materials: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """Siblings that are easily confused, and the words, makers and looks that they share."""

    name: str
    brands: tuple[str, ...]
    words: tuple[str, ...]  # said of any of the siblings
    colours: tuple[str, ...]
    kinds: tuple[Kind, ...]
    materials: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ("plain",)
    colour_in_title: bool = True
    # Pairs whose products are still acceptable on each other's page.
    twins: frozenset[frozenset[int]] = field(default_factory=frozenset)


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a text that are separated by bars: ``"oak|steel"`` → two words."""
    return tuple(part.strip() for part in text.split("|")) if text else ()


def kind(
    number: int,
    nouns: str,
    shape: str,
    price: float,
    spread: float,
    tells: str,
    use: str,
    *,
    materials: str = "",
    colours: str = "",
    sizes: str = "",
) -> Kind:
    """Return one row of a family's table; lists are written with bars between their parts."""
    return Kind(
        number,
        listed(nouns),
        shape,
        price,
        spread,
        listed(tells),
        use,
        listed(materials),
        listed(colours),
        listed(sizes),
    )


def family(
    name: str,
    *kinds: Kind,
    brands: str,
    words: str,
    colours: str,
    materials: str = "",
    sizes: str = "",
    patterns: str = "plain",
    colour_in_title: bool = True,
    twins: tuple[tuple[int, int], ...] = (),
) -> Family:
    """Return a family from its rows; lists are written with bars between their parts."""
    return Family(
        name,
        listed(brands),
        listed(words),
        listed(colours),
        kinds,
        listed(materials),
        listed(sizes),
        listed(patterns),
        colour_in_title,
        frozenset(frozenset(pair) for pair in twins),
    )
