"""Stage 1, encode: pictures and texts become unit vectors of one space.

This module is light, so that any process may import it; torch and open_clip are loaded by
`load_encoder` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBEDDED = "seestocks-minilm"


class EncoderError(Exception):
    """An encoder cannot be loaded; the message says why in a sentence."""


class Encoder(Protocol):
    """A model that puts pictures and texts into one space.

    `name` stands for the model and its weights and can be a folder's name: vectors of equal
    names may be compared. `dimensions` is D.
    """

    name: str
    dimensions: int

    def images(self, paths: Sequence[Path]) -> NDArray[np.float32]:
        """Return (N, D) unit rows; NaN where a picture is missing or cannot be opened."""
        ...

    def texts(self, lines: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, D) unit rows; what is too long for the model is cut off at its end."""
        ...


def load_encoder(name: str = EMBEDDED, weights: str = "", threads: int = 1) -> Encoder:
    """Return the encoder of that name, ready to encode on `threads` cores.

    `name` is "seestocks-minilm" (the embedded default; `weights` may be a file that
    train_image_tower made of one's own photographs), `local-dir:/path` (a folder as open_clip
    saves it), or any of open_clip's models; then `weights` is one of its pretrained tags or the
    path of a checkpoint. Sets torch's number of threads for the whole process. Raises
    EncoderError when the weights are missing, damaged or of another model.
    """
    import torch

    from ranking.pipeline.torchvision_guard import guard_torchvision

    guard_torchvision()
    torch.set_num_threads(threads)
    if name == EMBEDDED:
        from ranking.pipeline.embedded_encoder import load_embedded

        return load_embedded(weights)
    from ranking.pipeline.open_clip_encoder import load_open_clip

    return load_open_clip(name, weights)
