"""Which words one group of products says more than another, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ranking.pipeline.data import Doubles

# Products that the background counts as much as, if it has twice as many. With 10, words of
# colours and cloths that a few products share told categories apart.
PRIOR = 100.0
RAREST = 1e-4  # share that no word falls below, whatever was not seen


@dataclass(frozen=True, eq=False)
class Said:
    """How many of a group's products say each of T words."""

    counts: Doubles  # (T,)
    products: int

    @property
    def shares(self) -> Doubles:
        """(T,) the share of the products, 0 to 1."""
        shares: Doubles = self.counts / max(self.products, 1)
        return shares


@dataclass(frozen=True, eq=False)
class LogOdds:
    """How much more one group says each of T words than the other."""

    difference: Doubles  # (T,) of the log-odds; above 0 where the first says it more
    error: Doubles  # (T,) its standard error

    @property
    def z(self) -> Doubles:
        """(T,) standard errors that each difference is away from even."""
        scores: Doubles = self.difference / self.error
        return scores


def log_odds(first: Said, second: Said, background: Said) -> LogOdds:
    """Return the log-odds of each word in the first group's products rather than the second's.

    With an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words",
    Political Analysis 16): how common a word is in all that is alike, the background, keeps
    words that are said a few times only from standing out. A product says a word or does not,
    so that each word's odds are its own. Swapping the groups turns the sign.
    """
    share = np.clip(background.shares, RAREST, 1 - RAREST)
    prior = min(PRIOR, max(1.0, background.products / 2))
    yes, no = prior * share, prior * (1 - share)
    groups = [(said.counts + yes, said.products - said.counts + no) for said in (first, second)]
    logits = [np.log(some) - np.log(others) for some, others in groups]
    error = np.sqrt(sum(1 / some + 1 / others for some, others in groups))
    return LogOdds(logits[0] - logits[1], error)
