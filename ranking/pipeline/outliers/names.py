"""What may be odd about a product on a page, by name. Loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Oddity:
    """One oddity, from 0 for usual to 1 for as odd as can be; unknown counts for nothing.

    `weight` is what it adds to the log-odds of being wrong before anything was learned, and `most`
    what it may add at most once something was.
    """

    key: str
    label: str
    meaning: str
    reason: str  # said of a product that is removed for it
    weight: float
    most: float


# By hand, for shops without judgments. On the demo shop learning lowers those of picture and text,
# most of which its confidence knows already; on Icecat nothing surely beats them. A price may not
# prove more than this: a wrong price is no wrong product.
ODDITIES = (
    Oddity(
        "price",
        "Price far from the usual",
        "How far the price lies from what products of this page usually cost",
        "Its price is far from what products of this page cost",
        weight=0.5, most=1.0,
    ),
    Oddity(
        "picture",
        "Picture unlike the page's surest",
        "How far the picture lies from its nearest ones among the page's surest products",
        "Its picture is unlike those of the page's surest products",
        weight=1.0, most=4.0,
    ),
    Oddity(
        "text",
        "Text unlike the page's surest",
        "How far title and description lie from their nearest among the page's surest products",
        "Its text is unlike those of the page's surest products",
        weight=1.0, most=4.0,
    ),
    Oddity(
        "misfiled",
        "Seems to belong elsewhere",
        "The chance that a person would name another category for it",
        "It seems to belong to another category",
        weight=1.0, most=4.0,
    ),
)  # fmt: skip

KEYS = tuple(oddity.key for oddity in ODDITIES)
