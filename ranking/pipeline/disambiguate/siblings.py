"""How likely each of a parent's children is for a product, before any text is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints, Judged
from ranking.pipeline.disambiguate.head import Head
from ranking.pipeline.profile import ANCHOR, Profile, profile, trimmed
from ranking.pipeline.shelf import Shelf
from ranking.pipeline.words import asked, said


@dataclass(frozen=True, eq=False)
class Siblings:
    """S children of one parent and what each is about."""

    parent: int  # id, or NO_PARENT for the roots
    ids: Ints  # (S,) ascending
    profiles: Sequence[Profile]
    shelf: Shelf

    @classmethod
    def of(cls, parent: int, shelf: Shelf, judged: Judged, also: Collection[int] = ()) -> Siblings:
        """Return the parent's live children that are in use, and those among `also`.

        In use are pages and what products are known to belong to.
        """
        children = shelf.tree.ids[shelf.tree.parents == parent].tolist()
        profiles = [profile(child, shelf, judged) for child in children]
        wanted = shelf.tree.pages.union(also)
        used = [each for each in profiles if len(each.known) or each.page in wanted]
        return cls(parent, np.array([each.page for each in used], np.int64), used, shelf)

    def __len__(self) -> int:
        return len(self.ids)

    def logits(self, rows: Ints, head: Head) -> Doubles:
        """Return (N, S) log probabilities of the children for the N rows of the catalogue."""
        return log_softmax(self.likeness(rows) @ np.array(head.likeness))

    def likeness(self, rows: Ints) -> Doubles:
        """Return (N, S, 3) by how much each row is like each child: cosines of text and picture
        with what the child is about, -1 to 1, and how much of its name the title says, 0 to 1.

        A product is not compared with itself where it is known to belong. What is unknown of a
        product is 0, and speaks for no child.
        """
        catalogue = self.shelf.catalogue
        likeness = np.zeros((len(rows), len(self), 3))
        for channel, vectors in enumerate((catalogue.text, catalogue.picture)):
            asked_about = vectors[rows].astype(np.float64)
            for column, middle in enumerate(self._middles[channel]):
                likeness[:, column, channel] = _cosines(middle, rows, asked_about)
        likeness[:, :, 2] = self._said([catalogue.titles[row] for row in rows.tolist()])
        return np.nan_to_num(np.round(likeness, 6))

    @cached_property
    def _middles(self) -> list[list[_Middle]]:
        """What each child is about, in text and in pictures; found once, however many are asked."""
        catalogue = self.shelf.catalogue
        return [
            [_middle(about, vectors) for about in self.profiles]
            for vectors in (catalogue.text, catalogue.picture)
        ]

    def _said(self, titles: Sequence[str]) -> Doubles:
        """(N, S) the share of each child's name in each title; words of fewer siblings' names
        count for more."""
        shares = [[_share(name, words) for name in self._names] for words in map(said, titles)]
        return np.array(shares, np.float64).reshape(len(titles), len(self))

    @cached_property
    def _names(self) -> list[dict[str, float]]:
        """The words of each child's name, with weights that sum to 1."""
        tree = self.shelf.tree
        names = [asked(tree.names[about.row]) for about in self.profiles]
        held = Counter(chain.from_iterable(names))
        rare = {word: np.log((len(names) + 1) / count) for word, count in held.items()}
        sums = [sum(rare[word] for word in name) for name in names]
        return [
            {word: rare[word] / total for word in sorted(name)}
            for name, total in zip(names, sums, strict=True)
        ]


def _share(name: dict[str, float], words: set[str]) -> float:
    return sum(weight for word, weight in name.items() if word in words)


_Middle = tuple[Ints, Doubles]  # the known rows that count, and (D,) their sum with the prompts


def _middle(about: Profile, vectors: Floats) -> _Middle:
    kept = trimmed(about.prompt, about.known, vectors)
    anchor = np.nan_to_num(ANCHOR * about.prompt.astype(np.float64))
    return kept, anchor + vectors[kept].sum(axis=0, dtype=np.float64)


def _cosines(middle: _Middle, rows: Ints, vectors: Doubles) -> Doubles:
    """(N,) cosines of the rows' vectors (N, D) with the middle of the prompts and the known
    products but the row itself."""
    kept, total = middle
    products = np.einsum("nd,d->n", vectors, total)
    own = np.isin(rows, kept)
    # total - x is what the others make; x has unit length.
    length2 = float(total @ total) - own * (2 * products - 1)
    cosines: Doubles = (products - own) / np.sqrt(np.maximum(length2, 1e-12))
    return cosines


def log_softmax(logits: Doubles) -> Doubles:
    """Return the logarithms of the probabilities (N, S) that log-odds make, without overflow."""
    if not logits.shape[1]:
        return logits
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: Doubles = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
