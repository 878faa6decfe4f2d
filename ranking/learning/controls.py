"""Texts that should help less than those written: what is left of a gain when meaning is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ranking.pipeline.words import tokens

Pair = tuple[int, int]
Said = dict[Pair, tuple[str, ...]]  # what speaks for a category rather than its sibling

# The ensemble of Radford et al. (2021, CLIP), as far as it fits things for sale.
TEMPLATES = (
    "{name}",
    "a photo of a {name}",
    "a picture of {name}",
    "this is a {name}",
    "{name} for sale",
    "a product photo of {name}",
    "a good {name}",
    "a close-up photo of a {name}",
)
SEEDS = (1, 2, 3, 4, 5)  # what is random is measured with each, and averaged


def random_words(
    said: Mapping[Pair, tuple[str, ...]], names: Mapping[int, str], titles: Sequence[str], seed: int
) -> Said:
    """Return as many lines, each the category's name and random words of titles in the place of
    its own: a word for a word (Roth et al. 2023, "Waffling around for Performance")."""
    vocabulary = sorted({word for title in titles for word in tokens(title)})
    draw = np.random.default_rng(seed)

    def babble(category: int, line: str) -> str:
        known = set(tokens(names[category]))
        count = sum(word not in known for word in tokens(line))
        return f"{names[category]}: {' '.join(draw.choice(vocabulary, count))}"

    if not vocabulary:
        return dict(said)
    return {
        (category, sibling): tuple(babble(category, line) for line in lines)
        for (category, sibling), lines in sorted(said.items())
    }


def shuffled(said: Mapping[Pair, tuple[str, ...]], parent_of: Mapping[int, int], seed: int) -> Said:
    """Return the same texts, those of each parent's children dealt out anew among their pairs."""
    draw = np.random.default_rng(seed)
    dealt: Said = {}
    for parent in sorted({parent_of[category] for category, _ in said}):
        pairs = sorted(pair for pair in said if parent_of[pair[0]] == parent)
        texts = [said[pair] for pair in pairs]
        dealt |= {
            pair: texts[place]
            for pair, place in zip(pairs, draw.permutation(len(texts)).tolist(), strict=True)
        }
    return dealt


def templates(said: Mapping[Pair, tuple[str, ...]], names: Mapping[int, str]) -> Said:
    """Return the category's name in many sentences in the place of each text."""
    return {
        (category, sibling): tuple(template.format(name=names[category]) for template in TEMPLATES)
        for category, sibling in said
    }
