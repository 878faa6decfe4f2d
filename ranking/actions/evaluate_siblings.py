"""Measure what the texts that tell siblings apart are worth. For workers: loads models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from statistics import fmean
from typing import Any

import numpy as np
from django.conf import settings
from django.utils import timezone

from ranking.actions.evaluate import NothingToMeasure
from ranking.actions.prepare import Beat, encode_missing, fill, the_encoder
from ranking.learning.controls import SEEDS, Said, random_words, shuffled, templates
from ranking.learning.sibling_errors import Outcome, Truth, outcome, unlearned
from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.shelf import Shelf
from ranking.queries.inputs import load_judged, load_shelf, vector_store
from ranking.queries.texts import load_lines, load_texts
from ranking.vectors import VectorStore, text_key

ALONE = 0  # in the place of a sibling: what is said of a category alone
TITLES = 5_000  # whose words are random ones


@dataclass(frozen=True)
class Worth:
    """What became of the products with the texts, and in the mean with each control."""

    outcome: Outcome
    controls: dict[str, float]  # error after, among the uncertain

    def figures(self) -> dict[str, Any]:
        """Return them by name."""
        controls = {name: round(error, 4) for name, error in self.controls.items()}
        return {**self.outcome.figures(), "controls": controls}


def evaluate_siblings(known: Mapping[int, int], beat: Beat) -> Worth:
    """Measure the live texts on products whose categories are known, by product id.

    Nothing is learned from these products: what is filed and judged of them takes no part, and
    nor does the truth. Raises NothingToMeasure.
    """
    beat("Loading the encoder", 0, 0)
    encoder = the_encoder(settings.SEESTOCKS_ENCODER, settings.SEESTOCKS_ENCODER_WEIGHTS)
    store, now = vector_store(encoder.name, encoder.dimensions), timezone.now()
    encode_missing(lambda: encoder, store, now, beat)
    whole = load_shelf(store, now, until=0)
    truth = _truth(whole, known)
    shelf, judged = unlearned(whole, load_judged(), truth)
    texts = load_texts(store)
    controls = _controls(texts, shelf)
    lines = {
        line for deals in controls.values() for said in deals for line in chain(*said.values())
    }
    fill(store, "Reading controls", sorted(lines), text_key, encoder.texts, beat)

    def error_after(said: Said) -> float:
        return outcome(shelf, judged, _saying(said, texts, store), truth).error_after()

    beat("Placing products", 0, 0)
    return Worth(
        outcome(shelf, judged, texts, truth),
        {name: fmean(map(error_after, deals)) for name, deals in controls.items()},
    )


def _truth(shelf: Shelf, known: Mapping[int, int]) -> Truth:
    """The products that are here, by id."""
    products = np.array(sorted(known), np.int64)
    rows = shelf.catalogue.rows(products)
    here = rows >= 0
    if not here.any():
        raise NothingToMeasure("None of the products whose category is known is here.")
    categories = np.array([known[product] for product in products.tolist()], np.int64)
    return Truth(rows[here], categories[here])


def _controls(texts: Texts, shelf: Shelf) -> dict[str, list[Said]]:
    """The texts of each control; of what is random, one draw for each seed."""
    tree, titles = shelf.tree, shelf.catalogue.titles
    said: Said = {pair: lines.texts for pair, lines in texts.of_pairs.items()}
    said |= {(category, ALONE): lines.texts for category, lines in texts.alone.items()}
    names = dict(zip(tree.ids.tolist(), tree.names, strict=True))
    some = titles[:: -(-len(titles) // TITLES) or 1]
    return {
        "random_words": [random_words(said, names, some, seed) for seed in SEEDS],
        "shuffled": [shuffled(said, tree.parent_of, seed) for seed in SEEDS],
        "templates": [templates(said, names)],
    }


def _saying(said: Said, texts: Texts, store: VectorStore) -> Texts:
    """The texts with something else said in each place."""
    lines = {place: load_lines(store, text) for place, text in said.items()}
    return Texts(
        of_pairs={place: lines[place] for place in lines if place[1] != ALONE},
        alone={place[0]: lines[place] for place in lines if place[1] == ALONE},
        names=texts.names,
    )
