"""Encodes with any open_clip model; imported by workers only, after the torchvision guard."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.hf_model import HFTextEncoder
from PIL import Image, ImageOps

from ranking.pipeline.encode import EncoderError
from ranking.pipeline.weights import digest, fast_precision

# Small batches stay in a core's cache: 64 texts at once are a fifth slower than 16.
TEXTS_AT_ONCE = 16
IMAGES_AT_ONCE = 64


class OpenClipEncoder:
    """An Encoder over an open_clip model, its tokenizer and its picture transform.

    Equal calls give equal vectors. The rest of a batch changes a vector's last bits only: its
    cosine with the same text or picture encoded alone stays above 0.9999.
    """

    def __init__(
        self,
        name: str,
        model: Any,
        tokenize: Callable[[list[str]], torch.Tensor],
        transform: Callable[[Image.Image], torch.Tensor],
        precision: torch.dtype,
    ) -> None:
        self.name = name
        self._model = model.eval()
        self._model.visual.to(memory_format=torch.channels_last)
        self._tokenize = tokenize
        self._transform = transform
        self._precision = precision
        # The attention mask of a Hugging Face tower hides padding, so that cutting it off
        # changes nothing; other towers count on their full length.
        self._padding_is_hidden = isinstance(getattr(model, "text", None), HFTextEncoder)
        self.dimensions = self.texts(["a"]).shape[1]

    def texts(self, lines: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, D) unit rows; what is too long for the model is cut off at its end."""
        if not lines:
            return np.empty((0, self.dimensions), np.float32)
        tokens = self._tokenize(list(lines))  # (N, context length)
        lengths = (tokens != 0).sum(1)
        order = lengths.argsort(stable=True)  # texts of like length share a batch
        rows = []
        for batch in torch.split(order, TEXTS_AT_ONCE):
            longest = int(lengths[batch].max()) if self._padding_is_hidden else None
            rows.append(self._encode(self._model.encode_text, tokens[batch, :longest]))
        vectors = np.concatenate(rows)
        vectors[order.numpy()] = vectors.copy()
        return vectors

    def images(self, paths: Sequence[Path]) -> NDArray[np.float32]:
        """Return (N, D) unit rows; NaN where a picture is missing or cannot be opened."""
        vectors = np.full((len(paths), self.dimensions), np.nan, np.float32)
        for start in range(0, len(paths), IMAGES_AT_ONCE):
            opened = {
                number: pixels
                for number, path in enumerate(paths[start : start + IMAGES_AT_ONCE], start)
                if (pixels := self._open(path)) is not None
            }
            if opened:
                batch = torch.stack(list(opened.values()))  # (N, 3, H, W)
                batch = batch.to(self._precision, memory_format=torch.channels_last)
                vectors[list(opened)] = self._encode(self._model.encode_image, batch)
        return vectors

    def _encode(self, tower: Any, batch: torch.Tensor) -> NDArray[np.float32]:
        with torch.inference_mode():
            # Lengths are taken in full precision: half of it would leave them 0.4 % off.
            features = torch.nn.functional.normalize(tower(batch).float(), dim=-1)
        return np.asarray(features.numpy())

    def _open(self, path: Path) -> torch.Tensor | None:
        """Return the picture as (3, H, W) for the image tower, or None."""
        try:
            return self._transform(open_picture(path, self._model.visual.image_size))
        except Exception:  # noqa: BLE001  # damaged files raise whatever their decoder meets
            return None


def open_picture(path: Path, size: int | tuple[int, int]) -> Image.Image:
    """Return the picture upright in RGB, what is see-through on white, as shops show it.

    JPEGs come reduced already while decoding, but to no less than twice `size` pixels.
    Raises what Pillow raises for damaged files.
    """
    height, width = (size, size) if isinstance(size, int) else size
    with Image.open(path) as picture:
        picture.draft("RGB", (2 * width, 2 * height))
        upright = ImageOps.exif_transpose(picture)
        if not upright.has_transparency_data:
            return upright.convert("RGB")
        upright = upright.convert("RGBA")
        white = Image.new("RGBA", upright.size, "white")
        return Image.alpha_composite(white, upright).convert("RGB")


def load_open_clip(name: str, weights: str) -> OpenClipEncoder:
    """Return the encoder of an open_clip model; see `load_encoder`."""
    if ":" not in name and not weights:
        raise EncoderError(f"The encoder {name} cannot be loaded without weights: name some.")
    precision = fast_precision()
    told = "bf16" if precision is torch.bfloat16 else "fp32"
    try:
        model, transform = open_clip.create_model_from_pretrained(
            name, weights or None, precision=told
        )
        tokenize = open_clip.get_tokenizer(name)
    except Exception as error:  # a wrong name, tag, file, folder or connection
        message = f"The encoder {name} cannot be loaded with the weights {weights!r}: {error}"
        raise EncoderError(message) from error
    return OpenClipEncoder(encoder_name(name, weights), model, tokenize, transform, precision)


def encoder_name(name: str, weights: str) -> str:
    """Return a folder's name for a model and its weights; files count by their content."""
    folder = name.removeprefix("local-dir:")
    if folder != name:
        return _slug(f"{Path(folder).name}-{digest(*sorted(Path(folder).iterdir()))}")
    if Path(weights).is_file():
        return _slug(f"{name}-{digest(Path(weights))}")
    return _slug(f"{name}-{weights}")


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
