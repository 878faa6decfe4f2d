"""The cross-encoder on 200 candidates of a page, beside naive ways of reading them.

`python -m tests.bench.rerank [FOLDER]`. One thread; all ways take turns in one process, and medians
of processor time count: on a machine at rest the same as time. FOLDER is that of a model that
has learned; without one MiniLM is read with, which takes as long but whose order means nothing.
Texts are Icecat's where they are at hand, or else the demo's.
"""

from __future__ import annotations

import csv
import gzip
import sys
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import torch
from torch.nn.functional import pad

from ranking.pipeline.data import (
    NO_PARENT,
    NOTHING_JUDGED,
    UNFILED,
    Catalogue,
    Doubles,
    Ints,
    Tree,
)
from ranking.pipeline.disambiguate import NO_TEXTS, Lines, Texts
from ranking.pipeline.profile import Profile, profile
from ranking.pipeline.rerank.batches import one_thread
from ranking.pipeline.rerank.model import PairModel
from ranking.pipeline.rerank.reader import HeldOut, PairReader, product_tokens
from ranking.pipeline.rerank.scores import Scores
from ranking.pipeline.rerank.texts import key_details, page_text, product_text_at
from ranking.pipeline.shelf import Shelf
from ranking.tokens import KeptTokens
from tests.commands import DATA

FEED = DATA / "icecat" / "products.tsv.gz"
PATH = "Electronics > Print, Copy, Scan & Fax > Printer Accessories > Toner & Inkjet Cartridges"
CANDIDATES = 200
BATCH = 32  # of the naive ways
REPEATS = 3
PAGE, SIBLING = 1, 2
# What taxonomists write about such a page.
ABOUT = ("cartridges and toner that hold ink or powder for a printer",)
RATHER = ("filled with ink or toner", "named by colour, yield and the printers they fit")

Way = Callable[[], Doubles]


@dataclass(frozen=True)
class Page:
    """A page, its candidates and a model that reads them in full precision."""

    shelf: Shelf
    texts: Texts
    model: PairModel
    folder: Path  # for what is kept

    @cached_property
    def rows(self) -> Ints:
        return np.arange(len(self.shelf.catalogue))

    @cached_property
    def about(self) -> Profile:
        return profile(PAGE, self.shelf, NOTHING_JUDGED)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """What is read of page and products, in the order in which they arrive."""
        of_page = page_text(self.shelf.tree, self.texts, PAGE)
        return [(of_page, product_text_at(self.shelf.catalogue, row)) for row in self.rows]

    @cached_property
    def longest(self) -> int:
        """Tokens of the longest of these pairs, products being cut as ours are."""
        page = len(self.model.tokenizer(self.pairs[0][0])["input_ids"])
        return page + self.model.reading.product_tokens - 1

    @property
    def limit(self) -> int:
        """Tokens of the longest pair that the model is set to."""
        return self.model.reading.page_tokens + self.model.reading.product_tokens - 1

    def naively(self, model: PairModel, width: int = 0) -> Doubles:
        """Read whole pairs in the order of their arrival, each batch padded to its longest or to
        `width`."""
        scores = []
        with torch.inference_mode():
            for start in range(0, len(self.pairs), BATCH):
                inputs = model.tokenizer(
                    self.pairs[start : start + BATCH],
                    padding=True,
                    truncation="only_second",
                    max_length=self.longest,
                    return_tensors="pt",
                )
                room = max(0, width - inputs["input_ids"].shape[1])
                wide = {name: pad(ids, (0, room)) for name, ids in inputs.items()}
                scores.append(model.bert(**wide).logits.float())
        return torch.cat(scores).double().numpy()[:, -1]

    def by_library(self, model: PairModel) -> Doubles:
        """Read whole pairs as sentence-transformers does: sorted by length."""
        model.cross_encoder.max_seq_length = self.longest
        scores: Doubles = model.cross_encoder.predict(
            self.pairs, batch_size=BATCH, convert_to_numpy=True, show_progress_bar=False
        )
        return scores[:, -1]

    def by_reader(self, model: PairModel, scores: Scores | None = None) -> Way:
        """Return our way: ids of products' tokens kept before, the page read once."""
        tokens = KeptTokens(self.folder / "tokens", product_tokens(model))
        lines = [product for _, product in self.pairs]
        tokens.store.append(tokens.keys(lines), tokens.tokens(lines))
        nothing = HeldOut.load(self.folder / "nowhere")
        reader = PairReader(
            "", model, self.shelf, self.texts, nothing, tokens=tokens, scores=scores
        )
        return lambda: reader.reranked(self.about, self.rows)


def ways(page: Page) -> dict[str, Way]:
    """Return each way by name; the first two are those that the others are compared with."""
    full, half = page.model, deepcopy(page.model).to(torch.bfloat16)
    last = len(full.layers) - 1
    students = {
        count: half.student(np.linspace(0, last, count).round().astype(int).tolist())
        for count in (3, 2)
        if count <= last
    }
    return {
        "naive: fp32, padded to the limit": lambda: page.naively(full, page.limit),
        "naive: fp32, padded to the batch": lambda: page.naively(full),
        "sorted by length, fp32": lambda: page.by_library(full),
        "sorted by length, bf16": lambda: page.by_library(half),
        f"ours: fp32, {len(full.layers)} layers": page.by_reader(full),
        f"ours: bf16, {len(full.layers)} layers": page.by_reader(half),
        **{
            f"ours: bf16, {count} layers": page.by_reader(student)
            for count, student in students.items()
        },
        "ours, read before": page.by_reader(half, Scores(page.folder / "scores")),
    }


def measure(page: Page) -> None:
    """Let all ways take turns, and print what each takes for all candidates."""
    known, said = ways(page), dict[str, Doubles]()
    seconds: dict[str, list[float]] = {name: [] for name in known}
    for turn in range(REPEATS + 1):  # the first only warms up
        for name, way in known.items():
            began = process_time()
            said[name] = way()
            if turn:
                seconds[name].append(process_time() - began)
    middle = {name: median(taken) for name, taken in seconds.items()}
    naive, milder, *_ = middle.values()
    for name, taken in middle.items():
        print(f"{name:36}{1000 * taken:8.0f} ms {naive / taken:7.1f} x {milder / taken:7.1f} x")
    tell_tokens(page, middle)
    full, half = (said[name] for name in said if name.endswith(f"{len(page.model.layers)} layers"))
    print(f"rank correlation of bf16 with fp32: {rank_correlation(full, half):.4f}")


def tell_tokens(page: Page, seconds: dict[str, float]) -> None:
    """Print how many tokens of products there are, and how many are read in a second."""
    ids = product_tokens(page.model)([product for _, product in page.pairs])
    count = int((ids != page.model.config.pad_token_id).sum())
    fastest = seconds[f"ours: bf16, {len(page.model.layers)} layers"]
    rate = f"{count / fastest:,.0f} a second at full depth"
    pairs = f"{len(ids)} products of {count / len(ids):.0f} tokens, pairs of up to {page.longest}"
    print(f"{pairs}: {rate}")


def rank_correlation(one: Doubles, other: Doubles) -> float:
    """Spearman's, without ties."""
    ranks = [np.argsort(np.argsort(scores)).astype(float) for scores in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def offers() -> Iterator[dict[str, str]]:
    """Yield what products' texts are made of: 200 from all over the feed."""
    if FEED.exists():
        with gzip.open(FEED, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        yield from rows[:: len(rows) // CANDIDATES][:CANDIDATES]
        return
    from seestocks.demo.products import sound_offers

    made_up = sound_offers(seed=0)
    for offer in made_up[:: len(made_up) // CANDIDATES][:CANDIDATES]:
        yield {"title": offer.title, "brand": offer.item.brand, "description": offer.description}


def make_shelf() -> Shelf:
    """Return the offers beside one page, with no vectors: nothing here looks at them."""
    rows = list(offers())
    unknown = np.full((len(rows), 1), np.nan, np.float32)
    catalogue = Catalogue(
        ids=np.arange(len(rows)),
        titles=[row["title"] for row in rows],
        descriptions=[row["description"] for row in rows],
        brands=[row["brand"] for row in rows],
        text=unknown,
        picture=unknown,
        filed_under=np.full(len(rows), UNFILED, np.int64),
        filing_confidence=unknown[:, 0],
        log_price=unknown[:, 0].astype(np.float64),
        currencies=[""] * len(rows),
        days_unseen=unknown[:, 0],
        days_silent=unknown[:, 0],
        retailer=np.ones(len(rows), np.int64),
        in_stock=np.ones(len(rows), bool),
        group=np.arange(len(rows)),
        details=[key_details(row) for row in rows],
    )
    beside = "Printer Consumables"
    names, paths = [PATH.rpartition(" > ")[2], beside], [PATH, beside]
    ids, parents = np.array([PAGE, SIBLING]), np.full(2, NO_PARENT)
    return Shelf(catalogue, Tree(ids, parents, names, paths, unknown[:2]))


def written() -> Texts:
    """Return the texts that tell the page from its sibling."""
    about, rather = (
        Lines(lines, np.zeros((len(lines), 1), np.float32)) for lines in (ABOUT, RATHER)
    )
    return Texts(of_pairs={(PAGE, SIBLING): rather}, alone={PAGE: about})


def main(folder: str = "") -> None:
    """Measure with the model in the folder, or with MiniLM that has not learned yet."""
    model = PairModel.load(Path(folder)) if folder else PairModel.start().eval()
    with tempfile.TemporaryDirectory() as scratch, one_thread():
        pages = {"a name and a path": NO_TEXTS, "texts of taxonomists": written()}
        for kind, texts in pages.items():
            print(f"a page with {kind}")
            measure(Page(make_shelf(), texts, model, Path(scratch)))


if __name__ == "__main__":
    main(*sys.argv[1:])
