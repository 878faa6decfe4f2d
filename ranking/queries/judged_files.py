"""Judgments in a file, as the pipeline's arrays: read, and not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, median

import numpy as np

from judgments.imports import BadOpinion, Opinion, Products, judgment_rows, parse_opinion
from judgments.queries.grades import Grade
from ranking.pipeline.data import Judged
from taxonomy.imports.rejects import Reject

Said = dict[str, Opinion]  # each annotator's last word
Words = dict[tuple[int, int], Said]  # of each page and product


def words_in(file: str | Path, tell: Callable[[str], object]) -> Words:
    """Return what each annotator says of each (page, product) in a file as `import_judgments`
    reads it.

    In the order in which the pairs first appear; an annotator's last word counts, and none
    that was taken back. Rows that cannot be read, or speak of a product that is not here, are
    told of and left out. Raises `Unreadable`.
    """
    opinions: list[Opinion] = []
    left_out: list[str] = []
    with judgment_rows(Path(file)) as rows:
        for row in rows:
            try:
                if isinstance(row, Reject):
                    raise BadOpinion("", row.reason)
                opinions.append(parse_opinion(row))
            except BadOpinion as fault:
                left_out.append(f"line {row.line}: {fault}")
    products, words = Products(opinions), Words()
    for opinion in opinions:
        try:
            key = (opinion.category_id, products.find(opinion))
            said = words.setdefault(key, {})
            said.pop(opinion.annotator, None)
            if not opinion.withdrawn:
                said[opinion.annotator] = opinion
        except BadOpinion as fault:
            left_out.append(f"line {opinion.row.line}: {fault}")
    if left_out:
        tell(f"{len(left_out)} rows were left out; the first: {left_out[0]}")
    return {key: said for key, said in words.items() if said}


def judged_in(words: Words) -> Judged:
    """Return the median grade of each (page, product) of which somebody says something."""
    pairs = np.array(list(words), np.int64).reshape(-1, 2)
    return Judged(
        pages=pairs[:, 0],
        products=pairs[:, 1],
        grades=np.array([_median(said) for said in words.values()], np.float64),
        annotators=np.array([len(said) for said in words.values()], np.int64),
        weights=np.array([len(said) for said in words.values()], np.float64),
        elsewhere=np.array([_elsewhere(said) for said in words.values()], np.float64),
    )


def grades_in(words: Words) -> list[Grade]:
    """Return every annotator's grade."""
    return [
        Grade(page, product, annotator, opinion.grade)
        for (page, product), said in words.items()
        for annotator, opinion in said.items()
    ]


def _median(said: Mapping[str, Opinion]) -> float:
    return median(opinion.grade for opinion in said.values())


def _elsewhere(said: Mapping[str, Opinion]) -> float:
    """The share of people who name another category."""
    return fmean(opinion.belongs_to not in (None, opinion.category_id) for opinion in said.values())
