"""Words and phrases of many short texts, counted once a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from ranking.learning.suggestions.family import Products
from ranking.learning.suggestions.log_odds import Said
from ranking.pipeline.data import Bools, Ints
from ranking.pipeline.words import TOKEN, model_letters, stem, tokens

Spoken = tuple[str, str]  # a term as it is counted, and as it is written
# Lists made for prose hold words that tell products apart: whole, front, top, system.
FUNCTION_WORDS = frozenset(
    tokens(
        "an and are as at be by for from has in into is it no not of on or per that the their"
        " this to up with without your"
    )
)
YES, NO = {"true", "yes", "y"}, {"false", "no", "n"}
MOST_WORDS = 4  # of a detail: longer ones are prose
MEASURED = 0.8  # share of a word's uses that follow a number, above which it is a unit
OWNED = 0.5  # share of a word's uses that are a brand's, from which on it is the brand's name


def stems(text: str) -> list[str]:
    """Return the text's words as they are counted."""
    return [stem(word) for word in tokens(text)]


class Terms:
    """The words and two-word phrases of N texts, those of `banned` left out."""

    def __init__(self, spoken: Sequence[list[Spoken]]) -> None:
        self._spoken = spoken
        vectorizer = CountVectorizer(analyzer=_counted, binary=True, dtype=np.int32)
        # One more text with one word, so that there is always something to count.
        self._holds: Any = vectorizer.fit_transform([*spoken, [("\0", "\0")]])[:-1].tocsc()
        self.names: list[str] = vectorizer.get_feature_names_out().tolist()

    def said(self, texts: Bools) -> Said:
        """Return how many of the marked texts (N,) hold each term."""
        counts = np.asarray(self._holds[texts].sum(axis=0), np.float64).ravel()
        return Said(counts, int(texts.sum()))

    @cached_property
    def said_by_all(self) -> Said:
        """How many of all texts hold each term."""
        return self.said(np.ones(len(self._spoken), bool))

    def holders(self, term: int) -> Ints:
        """Return the texts that hold the term, ascending."""
        start, end = self._holds.indptr[term : term + 2]
        holders: Ints = np.sort(self._holds.indices[start:end]).astype(np.int64)
        return holders

    def words(self, term: int) -> frozenset[str]:
        """Return the one or several words of the term, as they are counted."""
        return self._words[term]

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [frozenset(name.split()) for name in self.names]

    def written(self, term: int) -> str:
        """Return the term as the texts write it most often."""
        return self._written[self.names[term]].most_common(1)[0][0]

    @cached_property
    def _written(self) -> dict[str, Counter[str]]:
        written: dict[str, Counter[str]] = {}
        for text in self._spoken:
            for term, form in text:
                written.setdefault(term, Counter())[form] += 1
        return written


def _counted(text: list[Spoken]) -> list[str]:
    return [term for term, _ in text]


def of_titles(products: Products, banned: set[str]) -> Terms:
    """Return the words and two-word phrases of the titles, sizes and their units left out."""
    banned = banned | _units(products.titles)
    return Terms([list(_phrases(title, banned)) for title in products.titles])


def of_details(products: Products, banned: set[str]) -> Terms:
    """Return what the details name: each one's value, or its name where that says yes or how
    much."""
    return Terms(
        [
            [spoken for detail in details for spoken in _detail(detail, banned)]
            for details in products.details
        ]
    )


def names_of_sellers(products: Products) -> set[str]:
    """Return the words by which retailers and brands are called.

    A brand's word that titles mostly use otherwise ("Orange" on fruit) is none.
    """
    sellers = {word for name in set(products.retailers) for word in stems(name)}
    said, owned = Counter[str](), Counter[str]()
    for title, brand in zip(products.titles, products.brands, strict=True):
        words = set(stems(title))
        said.update(words)
        owned.update(words & set(stems(brand)))
    return sellers | {word for word, count in owned.items() if count >= OWNED * said[word]}


def _units(titles: Sequence[str]) -> set[str]:
    """The words that mostly follow a number: cm, ml, pieces."""
    said, measured = Counter[str](), Counter[str]()
    for title in titles:
        words = stems(title)
        said.update(words)
        measured.update(word for before, word in pairwise(words) if _is_size(before))
    return {word for word, count in measured.items() if count > MEASURED * said[word]}


def _phrases(text: str, banned: set[str]) -> Iterator[Spoken]:
    for letters in model_letters(text):
        yield letters, letters.upper()
    words = [_word(written) for written in TOKEN.findall(text)]
    good = [term not in banned and not _is_noise(term) for term, _ in words]
    for (term, form), says in zip(words, good, strict=True):
        if says:
            yield term, form
    for (one, other), (first, second) in zip(pairwise(words), pairwise(good), strict=True):
        if first and second and one[0] != other[0]:
            yield f"{one[0]} {other[0]}", f"{one[1]} {other[1]}"


def _detail(detail: str, banned: set[str]) -> Iterator[Spoken]:
    name, _, value = detail.partition(":")
    said = tokens(value)
    if not said or said[0] in NO:
        return
    about = name if said[0] in YES or all(_is_size(word) for word in said) else value
    words = [_word(written) for written in TOKEN.findall(about)]
    terms = {term for term, _ in words}
    if len(words) <= MOST_WORDS and not terms & banned and not all(map(_is_noise, terms)):
        yield " ".join(term for term, _ in words), " ".join(form for _, form in words)


def _word(written: str) -> Spoken:
    """The word as it is counted, and as it is shown: capitals only inside, as in iPhone, USB."""
    shown = written if written[1:] != written[1:].lower() else written.lower()
    return stem(written.lower()), shown


def _is_noise(term: str) -> bool:
    return len(term) < 2 or term in FUNCTION_WORDS or _is_size(term)


def _is_size(word: str) -> bool:
    """Whether a word is a number, with a unit or without: 500, 40mm, 128gb, 1400rpm, 2x3."""
    return word[0].isdigit()
