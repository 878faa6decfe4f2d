"""What each stage of the ranking adds: the stages one after another, on pages left out.

`pools` gathers what is ordered, `stages` orders it stage by stage, `table` says how good each
order is and whether it beats the one before.
"""

from ranking.learning.ablation.pools import Pool, Seen, make_pools
from ranking.learning.ablation.signals import Worth, worth_of_signals
from ranking.learning.ablation.stages import Stage, Stages, make_stages
from ranking.learning.ablation.table import Row, tabled

__all__ = (
    "Pool",
    "Row",
    "Seen",
    "Stage",
    "Stages",
    "Worth",
    "make_pools",
    "make_stages",
    "tabled",
    "worth_of_signals",
)
