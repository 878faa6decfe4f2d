"""The words of texts, and BM25 over many of them."""

from __future__ import annotations

import logging
import re

import bm25s
import numpy as np

from ranking.pipeline.data import Doubles, Floats, Ints

# It sets itself to DEBUG and writes to stderr at each index.
logging.getLogger("bm25s").setLevel(logging.WARNING)

TOKEN = re.compile(r"\w+")
ASKED = re.compile(r"(\w+)(…|\*)?")  # a word, or the beginning of a model number
MODEL = re.compile(r"([^\W\d_]{2,4})\d")  # a model number's first letters


def tokens(text: str) -> list[str]:
    """Return the words in lower case, numbers and single letters included."""
    return TOKEN.findall(text.lower())


def stem(word: str) -> str:
    """Return the word without its plural ending (the S stemmer of Harman, 1991)."""
    if len(word) <= 3 or word.endswith(("us", "ss")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word.removesuffix("s")


def model_letters(text: str) -> list[str]:
    """Return what the text's model numbers begin with: "ww…" for WW80J5555.

    Makers give kinds of things such beginnings, and a line that says "WW…" means them all.
    """
    return [f"{found[1]}…" for word in tokens(text) if (found := MODEL.match(word))]


def said(title: str) -> set[str]:
    """Return what a title says, to be held against `asked`: stemmed words and model letters."""
    return {*map(stem, tokens(title)), *model_letters(title)}


def asked(line: str) -> set[str]:
    """Return what a line asks a title for: its words, stemmed, and beginnings, as in "WW…"."""
    words = ASKED.findall(line.lower())
    return {f"{word}…" if begins else stem(word) for word, begins in words}


class Words:
    """The words of P texts, ready to be asked how well each answers a query."""

    def __init__(self, texts: list[str], *, stemmed: bool = True) -> None:
        self._stem = stem if stemmed else str
        self._count = len(texts)
        self._bm25 = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        # bm25s refuses a corpus without any word; the extra text is cut off again in `score`.
        self._bm25.index([*map(self._terms, texts), ["-"]], show_progress=False)

    def score(self, query: str) -> Doubles:
        """Return (P,) the BM25 score of each text for the query, from 0."""
        return self._scores(query, np.arange(self._count))

    def _scores(self, query: str, rows: Ints) -> Doubles:
        """(N,) what `bm25s.BM25.get_scores` gives the rows, without looking at all others."""
        scores = np.zeros(len(rows), np.float32)
        for term in self._terms(query):
            holders, values = self._column(term)
            if len(holders):
                at = np.minimum(np.searchsorted(holders, rows), len(holders) - 1)
                scores += np.where(holders[at] == rows, values[at], np.float32(0))
        return scores.astype(np.float64)

    def _column(self, term: str) -> tuple[Ints, Floats]:
        """The rows that hold a term, ascending, and what it scores in each."""
        column = self._bm25.vocab_dict.get(term)
        if column is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        index = self._bm25.scores
        part = slice(index["indptr"][column], index["indptr"][column + 1])
        return index["indices"][part], index["data"][part]

    def _terms(self, text: str) -> list[str]:
        return [self._stem(word) for word in tokens(text)]
