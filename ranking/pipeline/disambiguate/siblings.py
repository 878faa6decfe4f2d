"""How likely each of a parent's children is for a product, before any text is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints, Judged
from ranking.pipeline.disambiguate.head import Head
from ranking.pipeline.profile import ANCHOR, Profile, profile, trimmed
from ranking.pipeline.shelf import Shelf


@dataclass(frozen=True, eq=False)
class Siblings:
    """S children of one parent and what each is about; ids ascending."""

    parent: int  # id, or NO_PARENT for roots
    ids: Ints  # (S,)
    profiles: Sequence[Profile]
    shelf: Shelf

    @classmethod
    def of(cls, parent: int, shelf: Shelf, judged: Judged, also: Sequence[int] = ()) -> Siblings:
        """Return the parent's live children that are in use: pages, or with known products;
        and those of `also` that are its children."""
        children = shelf.tree.ids[shelf.tree.parents == parent].tolist()
        profiles = [profile(child, shelf, judged) for child in children]
        wanted = {*shelf.tree.pages, *also}
        used = [each for each in profiles if len(each.known) or each.page in wanted]
        return cls(parent, np.array([each.page for each in used], np.int64), used, shelf)

    def __len__(self) -> int:
        return len(self.ids)

    def logits(self, rows: Ints, head: Head) -> Doubles:
        """Return (N, S) log probabilities of the children for the N rows of the catalogue.

        A product is not compared with itself where it is known to belong. What is unknown of a
        product speaks for no child; rows of which nothing is known are even.
        """
        catalogue = self.shelf.catalogue
        likeness = head.text * self._likeness(rows, catalogue.text)
        likeness = likeness + head.picture * self._likeness(rows, catalogue.picture)
        return log_softmax(likeness)

    def _likeness(self, rows: Ints, vectors: Floats) -> Doubles:
        """(N, S) cosines with each child's middle, itself left out; 0 where unknown."""
        columns = [_cosines(each, rows, vectors) for each in self.profiles]
        if not columns:
            return np.zeros((len(rows), 0))
        likeness: Doubles = np.nan_to_num(np.round(np.stack(columns, axis=1), 6))
        return likeness


def _cosines(about: Profile, rows: Ints, vectors: Floats) -> Doubles:
    kept = trimmed(about.prompt, about.known, vectors)
    total = np.nan_to_num(ANCHOR * about.prompt.astype(np.float64)) + vectors[kept].sum(axis=0)
    length2 = float(total @ total)
    products = np.einsum("nd,d->n", vectors[rows].astype(np.float64), total)
    own = np.isin(rows, kept).astype(np.float64)
    # total - x is what the others make; x has unit length.
    others = np.sqrt(np.maximum(length2 - own * (2 * products - 1), 1e-12))
    cosines: Doubles = (products - own) / others
    return cosines


def log_softmax(logits: Doubles) -> Doubles:
    """Return the logarithms of the probabilities (N, S) that log-odds make, without overflow."""
    if not logits.shape[1]:
        return logits
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: Doubles = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
