"""A layer of BERT over tokens that see a prefix: the part of the input that is read once.

Works on Hugging Face's own modules, so that what is learned here is saved in their format.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, cat
from torch.nn.functional import linear, scaled_dot_product_attention

KeysValues = tuple[Tensor, Tensor]  # (1, heads, L, D / heads) each


def keys_values(layer: Any, hidden: Tensor) -> KeysValues:
    """Return what tokens of (N, L, D) show to others in this layer."""
    mine = layer.attention.self
    return _heads(layer, mine.key(hidden)), _heads(layer, mine.value(hidden))


def read(
    layer: Any,
    hidden: Tensor,
    prefix: KeysValues | None = None,
    mask: Tensor | None = None,
    queries: int | None = None,
) -> Tensor:
    """Return (N, L, D) after the layer, or (N, queries, D) of the first tokens only.

    Tokens see the prefix and those of their own row where `mask`, which broadcasts to (N, heads,
    L, prefix + L), is true; everything where it is None.
    """
    query, own = _projected(layer, hidden, queries)
    if prefix is not None:
        size = (len(hidden), -1, -1, -1)
        before = prefix[0].expand(size), prefix[1].expand(size)
        own = cat([before[0], own[0]], 2), cat([before[1], own[1]], 2)
    mine = layer.attention.self
    rate = mine.dropout.p if layer.training else 0.0
    seen = scaled_dot_product_attention(query, *own, attn_mask=mask, dropout_p=rate)
    seen = seen.transpose(1, 2).flatten(2)
    attended = layer.attention.output(seen, hidden[:, :queries])
    read: Tensor = layer.output(layer.intermediate(attended), attended)
    return read


def _projected(layer: Any, hidden: Tensor, queries: int | None) -> tuple[Tensor, KeysValues]:
    """The queries of the first tokens; the keys and values of all."""
    mine = layer.attention.self
    if queries is not None:
        return _heads(layer, mine.query(hidden[:, :queries])), keys_values(layer, hidden)
    parts = (mine.query, mine.key, mine.value)
    weight, bias = cat([part.weight for part in parts]), cat([part.bias for part in parts])
    query, key, value = linear(hidden, weight, bias).chunk(3, dim=-1)
    return _heads(layer, query), (_heads(layer, key), _heads(layer, value))


def _heads(layer: Any, hidden: Tensor) -> Tensor:
    """(N, L, D) as (N, heads, L, D / heads)."""
    count, length, _ = hidden.shape
    heads = layer.attention.self.num_attention_heads
    return hidden.view(count, length, heads, -1).transpose(1, 2)
