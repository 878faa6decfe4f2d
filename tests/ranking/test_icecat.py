"""The judged products of 34 real pages: how well they are ordered, beside two simple rankers."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict

import numpy as np
import pytest

from ranking.evaluation import measure_scores, summarise
from ranking.learning.examples import examples
from ranking.learning.validation import bm25, cosine, leave_pages_out
from ranking.pipeline.data import NO_PARENT, UNFILED, Catalogue, Doubles, Floats, Ints, Judged, Tree
from ranking.pipeline.encode import Encoder, load_encoder
from ranking.pipeline.retrieve import TEMPLATES, product_line, prompts
from ranking.pipeline.shelf import Shelf
from tests.commands import real
from tests.ranking.shelves import unit

Offers = list[dict[str, str]]


@pytest.fixture(scope="module")
def offers() -> Offers:
    """Return all products in the feed's order; their ids are their places in it."""
    with gzip.open(real("icecat/products.tsv.gz"), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def judged(offers: Offers) -> Judged:
    """Return the medians of the three raters, in the order in which they judged."""
    number = {offer["id"]: place for place, offer in enumerate(offers)}
    grades: dict[tuple[int, int], list[int]] = defaultdict(list)
    with real("icecat/judgments.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            grades[int(row["category_id"]), number[row["offer_id"]]].append(int(row["grade"]))
    pairs = np.array(list(grades), np.int64)
    medians = np.array([np.median(said) for said in grades.values()])
    count = len(pairs)
    people, elsewhere = np.full(count, 3), np.full(count, np.nan)
    return Judged(pairs[:, 0], pairs[:, 1], medians, people, people.astype(float), elsewhere)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def make_catalogue(offers: Offers, ids: Ints, text: Floats) -> Catalogue:
    count = len(ids)
    return Catalogue(
        ids=ids,
        titles=[offers[place]["title"] for place in ids],
        descriptions=[offers[place]["description"] for place in ids],
        brands=[offers[place]["brand"] for place in ids],
        text=text,
        picture=np.full_like(text, np.nan),
        filed_under=np.full(count, UNFILED, np.int64),
        filing_confidence=np.zeros(count, np.float32),
        log_price=np.full(count, np.nan),
        currencies=[""] * count,
        days_unseen=np.zeros(count, np.float32),
        days_silent=np.zeros(count, np.float32),
        retailer=np.ones(count, np.int64),
        in_stock=np.ones(count, bool),
        group=ids,
    )


def page_names() -> dict[int, str]:
    lines = real("icecat/pages.txt").read_text(encoding="utf-8").splitlines()
    numbered = (line.split(" - ", 1) for line in lines if not line.startswith("#"))
    return {int(number): path.split(" > ")[-1] for number, path in numbered}


def make_tree(text: Floats) -> Tree:
    """Return the pages side by side: Google's tree around them would take long to encode."""
    names = page_names()
    none = np.full(len(names), NO_PARENT, np.int64)
    return Tree(np.array(list(names)), none, list(names.values()), list(names.values()), text)


def ndcg(judged: Judged, scores: Doubles) -> float:
    by_page = measure_scores(judged.pages, scores, judged.grades)
    assert len(by_page) == 34
    return summarise(list(by_page.values()))["ndcg@10"].mean


def test_bm25_reaches_what_others_measured(offers: Offers, judged: Judged) -> None:
    unknown = np.full((len(offers), 1), np.nan, np.float32)
    catalogue = make_catalogue(offers, np.arange(len(offers)), unknown)
    scores = bm25(Shelf(catalogue, make_tree(unknown[:34])), judged)
    assert ndcg(judged, scores) == pytest.approx(0.869, abs=0.0005)


@pytest.mark.long
def test_pages_left_out_are_ordered_better_than_by_bm25_and_minilm(
    offers: Offers, judged: Judged, encoder: Encoder
) -> None:
    """In a shop of the judged products alone; the whole one takes minutes to encode."""
    ids = np.unique(judged.products)
    lines = [product_line(offers[n]["title"], offers[n]["description"]) for n in ids]
    names = list(page_names().values())
    prompted = encoder.texts([line for name in names for line in prompts(name)])
    text = unit(prompted.reshape(len(names), len(TEMPLATES), -1).sum(axis=1))
    shelf = Shelf(make_catalogue(offers, ids, encoder.texts(lines)), make_tree(text))

    titles = encoder.texts([offers[n]["title"] for n in judged.products])
    of_page = dict(zip(page_names(), encoder.texts(names), strict=True))
    minilm = cosine(titles, np.stack([of_page[page] for page in judged.pages.tolist()]))

    assert ndcg(judged, minilm) == pytest.approx(0.839, abs=0.002)
    assert ndcg(judged, leave_pages_out(examples(shelf, judged))) > 0.93
