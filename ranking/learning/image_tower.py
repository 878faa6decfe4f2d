"""Learns the embedded encoder's image tower against MiniLM's frozen text space."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from ranking.pipeline.embedded_encoder import build_model, tokenizer, transform
from ranking.pipeline.open_clip_encoder import OpenClipEncoder
from ranking.pipeline.weights import fast_precision

BATCH = 128
# Cosines are multiplied by this before the softmax; MiniLM's captions lie 0.1 to 0.6 apart.
SCALE = 20.0
# Contrast alone leaves pictures in a corner of their own; this pulls each onto its caption.
CLOSENESS = 4.0

# Pictures (N, 3, H, W), and what says how far their features (N, D) are from what they should be.
Step = tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]]


def train_image_tower(
    captions: Sequence[str],
    draw: Callable[[int, np.random.Generator], Image.Image],
    *,
    steps: int,
    seed: int,
    watch: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Any:
    """Return the image tower, trained on `steps` batches of 128 pictures that it sees once.

    `draw(n, chance)` returns a fresh picture that `captions[n]` describes; `watch` may show
    the steps' progress. The loss is InfoNCE in both directions (Radford et al. 2021, CLIP;
    with the text tower locked as in Zhai et al. 2022, LiT) plus the cosine distance to the
    caption. Equal seeds give equal towers on one machine and thread.
    """
    torch.manual_seed(seed)
    model = build_model()
    texts = torch.from_numpy(read_captions(model, captions))

    def batches(chance: np.random.Generator) -> Iterator[Step]:
        prepare = transform()
        for _ in watch(range(steps)):
            chosen = chance.choice(len(captions), size=BATCH, replace=len(captions) < BATCH)
            pixels = torch.stack([prepare(draw(int(number), chance)) for number in chosen])
            yield pixels, partial(caption_loss, texts=texts[torch.from_numpy(chosen)])

    return fit(model.visual, batches(np.random.default_rng(seed)), steps)


def read_captions(model: Any, captions: Sequence[str]) -> NDArray[np.float32]:
    """Return the unit vectors (N, D) that the model's frozen text tower makes of the captions."""
    precision = fast_precision()
    model.text.to(precision)
    return OpenClipEncoder("", model, tokenizer(), transform(), precision).texts(captions)


def fit(tower: Any, batches: Iterable[Step], steps: int) -> Any:
    """Return the tower, fitted to `steps` batches: pictures (N, 3, H, W), and the loss of their
    features (N, D)."""
    precision = fast_precision()
    tower.train()
    optimiser = torch.optim.AdamW(tower.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=3e-3, total_steps=steps, pct_start=0.15
    )
    for pixels, loss_of in batches:
        shown = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", precision, enabled=precision is torch.bfloat16):
            features = tower(shown)
        loss = loss_of(features.float())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        schedule.step()
    return tower.eval()


def caption_loss(features: torch.Tensor, texts: torch.Tensor) -> torch.Tensor:
    """Return the loss of (N, D) features of pictures against the unit vectors of their captions.

    Pictures with equal captions are no contrast to each other.
    """
    pictures = functional.normalize(features, dim=-1)
    own = torch.arange(len(texts))
    same = (texts @ texts.T > 0.999) & ~torch.eye(len(texts), dtype=torch.bool)
    logits = (SCALE * pictures @ texts.T).masked_fill(same, -torch.inf)  # (N, N)
    contrast = functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)
    return contrast / 2 + CLOSENESS * (1 - (pictures * texts).sum(-1).mean())


def save_image_tower(tower: Any, path: Path) -> None:
    """Write the weights in half precision as safetensors, and their SHA-256 beside them."""
    halved = {
        name: value.half() if value.is_floating_point() else value
        for name, value in tower.state_dict().items()
    }
    save_file({name: value.contiguous() for name, value in halved.items()}, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (path.parent / "SHA256SUMS").write_text(f"{sha256}  {path.name}\n")


def zero_shot_accuracy(
    pictures: NDArray[np.float32],
    truth: NDArray[np.int64],
    prompts: NDArray[np.float32],
    groups: NDArray[np.int64],
) -> tuple[float, float]:
    """Return how often a picture's nearest prompt is its own: among all, among its siblings.

    `pictures` is (N, D) and `prompts` (C, D), unit rows; `truth` (N,) says which prompt is a
    picture's own, `groups` (C,) which prompts are siblings. Both shares are in 0–1.
    """
    cosines = pictures @ prompts.T  # (N, C)
    siblings = groups[truth][:, None] == groups[None, :]
    among_siblings = np.where(siblings, cosines, -np.inf)
    return (
        float((cosines.argmax(1) == truth).mean()),
        float((among_siblings.argmax(1) == truth).mean()),
    )
