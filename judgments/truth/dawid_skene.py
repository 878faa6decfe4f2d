"""Dawid and Skene's model: truth, and how each person mistakes it, learned from each other.

A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates using the EM
algorithm, Applied Statistics 28 (1), 1979. Letters: N pairs, W words, A people, G = 4 grades.
For workers: loads numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from judgments.truth.rules import Word, decided
from judgments.truth.weighing import ADJUDICATOR, Rule

Key = TypeVar("Key")
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

GRADES = 4
ROUNDS = 100
NEAR = 1e-6  # the largest change of a probability after which nothing more is learned
# What is believed of a person before they speak, in words of each true grade: right twice, and
# each grade said once in four (Laplace's smoothing, heavier where they are right). So a
# stranger's lone word stands, and one grade is not taken for another throughout.
SEEN_RIGHT, SEEN = 2.0, 0.25


@dataclass(frozen=True, eq=False)
class Said:
    """W words of A people about N pairs, and the grades that are decided."""

    pairs: Ints  # (W,) from 0
    people: Ints  # (W,) from 0
    grades: Ints  # (W,)
    weights: Doubles  # (W,) how much each word counts, by its source
    known: Ints  # (N,) the decided grade, or -1


@dataclass(frozen=True, eq=False)
class Learned:
    """What the words come to."""

    chances: Doubles  # (N, G) of each grade; rows sum to 1
    confusions: Doubles  # (A, G, G) that a person says the last where the truth is the middle


def most_likely(words: Mapping[Key, Sequence[Word]], rule: Rule) -> dict[Key, float]:
    """Return the likeliest grade of each pair; of equally likely ones the lowest.

    Not the expected grade: that of a pair on which all agree would fall short of it by a hair,
    and on the wrong side of what counts as right. People's measured reliability is not used
    here, since their confusions say the same and more.
    """
    if not words:
        return {}
    likeliest = learn(_arrays(words, rule)).chances.round(9).argmax(axis=1)
    return dict(zip(words, map(float, likeliest.tolist()), strict=True))


def learn(said: Said) -> Learned:
    """Return the truth and people's confusions by EM, from shares of the words as a start."""
    chances = _first_guess(said)
    for _ in range(ROUNDS):
        confusions, shares = _confusions(said, chances), chances.mean(axis=0)
        before, chances = chances, _chances(said, confusions, shares)
        if np.abs(chances - before).max(initial=0) < NEAR:
            break
    return Learned(chances, _confusions(said, chances))


def _first_guess(said: Said) -> Doubles:
    """(N, G) the share of each pair's words that name each grade."""
    votes = np.full((len(said.known), GRADES), 1e-9)
    np.add.at(votes, (said.pairs, said.grades), said.weights)
    return _with_known(said, votes / votes.sum(axis=1, keepdims=True))


def _confusions(said: Said, chances: Doubles) -> Doubles:
    """(A, G, G) what each person is seen to say, on top of what is believed of all."""
    counts = np.zeros((said.people.max(initial=-1) + 1, GRADES, GRADES))
    heard = said.weights[:, None] * chances[said.pairs]
    for grade in range(GRADES):
        here = said.grades == grade
        np.add.at(counts[:, :, grade], said.people[here], heard[here])
    counts += SEEN + SEEN_RIGHT * np.eye(GRADES)
    confusions: Doubles = counts / counts.sum(axis=2, keepdims=True)
    return confusions


def _chances(said: Said, confusions: Doubles, shares: Doubles) -> Doubles:
    """(N, G) the chance of each grade, given who said what; in logarithms until the end."""
    logs = np.tile(np.log(shares + 1e-12), (len(said.known), 1))
    told = np.log(confusions)[said.people, :, said.grades]
    np.add.at(logs, said.pairs, said.weights[:, None] * told)
    logs -= logs.max(axis=1, keepdims=True, initial=-np.inf)
    chances = np.exp(logs)
    return _with_known(said, chances / chances.sum(axis=1, keepdims=True))


def _with_known(said: Said, chances: Doubles) -> Doubles:
    """The chances, with certainty where a grade is decided."""
    known = said.known >= 0
    chances[known] = np.eye(GRADES)[said.known[known]]
    return chances


def _arrays(words: Mapping[Key, Sequence[Word]], rule: Rule) -> Said:
    """The words as arrays; adjudicators, who know what others said, are not among the people."""
    known = [decided(of_pair) for of_pair in words.values()]
    rows = [
        (pair, word.annotator, word.grade, rule.sources.get(word.source, 1.0))
        for pair, of_pair in enumerate(words.values())
        for word in of_pair
        if word.source != ADJUDICATOR
    ]
    table = np.array(rows, np.float64).reshape(-1, 4)
    whole = table[:, :3].astype(np.int64)
    return Said(
        pairs=whole[:, 0],
        people=np.unique(whole[:, 1], return_inverse=True)[1].reshape(-1),
        grades=whole[:, 2],
        weights=table[:, 3],
        known=np.array([-1 if grade is None else grade for grade in known], np.int64),
    )
