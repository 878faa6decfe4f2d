"""Stage 3, disambiguate: what people's texts say of products on the fence between siblings.

`Siblings` gives the probabilities of a parent's children before any text; `Fence` reads the
texts of one pair; `disambiguate` brings both together for products of one parent.
"""

from ranking.pipeline.disambiguate.fence import CHANNELS, Fence
from ranking.pipeline.disambiguate.guide import Guide
from ranking.pipeline.disambiguate.head import UNTRAINED, Head
from ranking.pipeline.disambiguate.lines import NO_TEXTS, Lines, Texts
from ranking.pipeline.disambiguate.siblings import Siblings
from ranking.pipeline.disambiguate.stage import Placed, disambiguate

__all__ = (
    "CHANNELS",
    "NO_TEXTS",
    "UNTRAINED",
    "Fence",
    "Guide",
    "Head",
    "Lines",
    "Placed",
    "Siblings",
    "Texts",
    "disambiguate",
)
