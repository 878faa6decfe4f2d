"""How a product's picture takes part in what the cross-encoder thinks."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor, nn

Way = Literal["none", "token", "late"]
WAYS: tuple[Way, ...] = get_args(Way)


class PictureInput(nn.Module):
    """Makes pictures' vectors of D dimensions fit a model of width H.

    A picture that is not known, a row of NaN, is a vector that is learned.
    """

    def __init__(self, dimensions: int, width: int) -> None:
        super().__init__()
        self.unknown = nn.Parameter(torch.zeros(dimensions))
        self.project = nn.Linear(dimensions, width)

    def tokens(self, vectors: Tensor) -> Tensor:
        """Return (N, H) for (N, D): one more token for each row."""
        # A unit vector's entries are small; the factor makes them as large as others' are.
        scaled = self._known(vectors) * vectors.shape[-1] ** 0.5
        tokens: Tensor = self.project(scaled)
        return tokens

    def agreement(self, page: Tensor, vectors: Tensor) -> Tensor:
        """Return (N, H) from how page (D,) and product (N, D) agree in each dimension."""
        agreement: Tensor = self.project(self._known(page) * self._known(vectors) * len(page))
        return agreement

    def start_silent(self) -> None:
        """Make `agreement` zero, so that learning starts from what the text says."""
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def _known(self, vectors: Tensor) -> Tensor:
        vectors = vectors.to(self.unknown.dtype)
        return torch.where(vectors.isnan(), self.unknown, vectors)
