"""A tiny cross-encoder for tests: two layers of 32 dimensions that know a few words."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase, digits

import torch

from ranking.pipeline.rerank.model import PairModel, Reading

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("home", "lighting", "table", "desk", "lamp", "lamps", "bags", "candles", "acme", "item")


def make_bert(folder: Path) -> str:
    """Write a BERT that has learned nothing; return its folder."""
    from transformers import BertConfig, BertModel, BertTokenizer

    pieces = [*ascii_lowercase, *digits, *(f"##{letter}" for letter in ascii_lowercase + digits)]
    folder.mkdir(parents=True)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join([*SPECIAL, *WORDS, *pieces, ">", ":", ",", ".", "-"]))
    tokenizer = BertTokenizer(vocab=str(vocabulary))
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=0,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def make_model(folder: Path, reading: Reading | None = None) -> PairModel:
    """Return a tiny model whose grades differ much from product to product."""
    model = PairModel.start(make_bert(folder), reading or Reading(), seed=1).eval()
    with torch.random.fork_rng([]), torch.no_grad():
        torch.manual_seed(2)
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return model
