"""Token ids of products' texts, as rows of one length that can be kept in a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TokenIds = NDArray[np.uint16] | NDArray[np.uint32]


class Tokens:
    """Cuts lines into a tokenizer's ids; equal names give equal ids."""

    def __init__(self, tokenizer: Any, length: int) -> None:
        """Use a Hugging Face tokenizer; cut what is longer than `length` tokens."""
        self._tokenizer, self.length = tokenizer, length
        self.dtype = np.dtype(np.uint16 if len(tokenizer) <= 1 << 16 else np.uint32)
        rules = json.loads(tokenizer.backend_tokenizer.to_str())
        # How lines were cut last is among them, but no rule.
        told = json.dumps(rules | {"truncation": None, "padding": None}).encode()
        self.name = f"{hashlib.sha256(told).hexdigest()[:12]}-{length}"

    def of_one(self, line: str) -> list[int]:
        """Return the ids of one line, from [CLS] to [SEP]."""
        ids: list[int] = self._tokenizer(line, truncation=True, max_length=self.length)["input_ids"]
        return ids

    def __call__(self, lines: Sequence[str]) -> TokenIds:
        """Return (N, length) ids of lines, padded behind."""
        if not lines:
            return np.empty((0, self.length), self.dtype)
        cut = self._tokenizer(
            list(lines),
            truncation=True,
            max_length=self.length,
            padding="max_length",
            return_tensors="np",
        )
        ids: TokenIds = cut["input_ids"].astype(self.dtype)
        return ids
