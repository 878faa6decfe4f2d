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
    """What the stage has learned; the defaults are the plain average of the texts.

    Weights stand before differences between two siblings, and there is no constant: swapping
    the siblings turns the sign of every margin and nothing else.
    """

    text: float = 30.0  # log-odds for a difference of 1 in the cosine with what a child is about
    picture: float = 10.0
    gate: float = 2.2  # log-odds between the two likeliest below which a product is uncertain
    before: float = 1.0  # weight of the margin without texts
    weights: tuple[float, ...] = (15.0, 15.0, 1.0)  # by CHANNELS
    about: dict[str, Any] = field(default_factory=lambda: {"kind": "default"}, compare=False)

    @cached_property
    def digest(self) -> str:
        """Of all that the margins depend on."""
        return blake2b(self._numbers().encode(), digest_size=32).hexdigest()

    def save(self, path: Path) -> None:
        """Write the head as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, path: Path) -> Head:
        """Read what `save` wrote."""
        read = json.loads(path.read_text())
        return cls(**{**read, "weights": tuple(read["weights"])})

    def _numbers(self) -> str:
        return json.dumps({key: value for key, value in asdict(self).items() if key != "about"})


UNTRAINED = Head()
