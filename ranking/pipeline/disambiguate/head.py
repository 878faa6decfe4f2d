"""The numbers by which likeness and texts become log-odds; kept as a file beside the blend."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Head:
    """How much each way of comparing counts; the defaults are the plain average of the texts.

    Weights stand before differences between two siblings, and there is no constant: swapping
    the siblings turns the sign of every margin and nothing else.
    """

    # Log-odds for a difference of 1 in how like a product is to what two siblings are about, and
    # in how much of their names its title says. Fitted to the demo shop, Icecat's details and
    # PriceRunner's titles, likeness is worth 15 to 28 and a name 1.5 to 5.
    text: float = 20.0
    picture: float = 20.0
    name: float = 2.0
    # Log-odds between the two likeliest below which a product is uncertain: less than 82 to 18.
    gate: float = 1.5
    before: float = 1.0  # weight of the margin without texts
    weights: tuple[float, ...] = (5.0, 15.0, 2.0)  # of CHANNELS
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    @property
    def likeness(self) -> tuple[float, ...]:
        """The weights of `Siblings.likeness`."""
        return (self.text, self.picture, self.name)

    @cached_property
    def digest(self) -> str:
        """Of all that the margins depend on."""
        return blake2b(json.dumps(self._numbers()).encode(), digest_size=32).hexdigest()

    def save(self, path: Path) -> None:
        """Write the head as JSON."""
        path.write_text(json.dumps({**self._numbers(), "about": self.about}, indent=1))

    @classmethod
    def load(cls, path: Path) -> Head:
        """Read what `save` wrote."""
        read = json.loads(path.read_text())
        return cls(**{**read, "weights": tuple(read["weights"])})

    def _numbers(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "about"}


UNTRAINED = Head()
