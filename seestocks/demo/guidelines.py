"""How the demo's people are told to judge: for all pages, and for two branches that need more."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE_TREE, SPICES, SHOES = None, 4608, 187


@dataclass(frozen=True)
class Advice:
    """The guideline of a branch; of each page named, one product is shown as an example."""

    branch: int | None
    text: str
    examples: tuple[tuple[int, str], ...] = ()  # page, and why its product is exact there


ADVICE = (
    Advice(
        WHOLE_TREE,
        """Judge **what the product is**, not how it was filed or how well it sells.

- **Exact**: a shopper who opened this page came for it.
- **Acceptable**: most would still be glad to see it here.
- **Related**: it belongs next door.
- **Wrong**: it has no place here.

The picture and the title count more than the description. Where they contradict each other, say
that you *cannot tell*.""",
    ),
    Advice(
        SPICES,
        """One ingredient, or a blend?

- *Pepper*, *Salt* and *Herbs & Spices* hold **single** ingredients, whole or ground.
- As soon as several are mixed, it is a **seasoning mix**, whatever the title puts first: lemon
  pepper is a mix.
- What pours is a **sauce** or a **marinade**.""",
        (
            (6199, "One ingredient: it stays pepper however it is ground."),
            (900001, "Several ingredients, already mixed."),
        ),
    ),
    Advice(
        SHOES,
        """Look at the **sole** and the **fastening**, not at the colour or the use.

- A *moccasin* is sewn round from below and soft; a *loafer* has a sole of its own and a heel. One
  on the other's page is **acceptable**.
- *Slippers* are for indoors: they have no outdoor sole.
- Boots end above the ankle. With a lugged sole they are *hiking boots*.""",
        (
            (900011, "A sole of its own, and a heel."),
            (900013, "A soft sole for indoors."),
        ),
    ),
)
