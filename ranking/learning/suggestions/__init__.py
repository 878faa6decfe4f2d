"""Lines that may tell a category from its sibling, from words, details and the tree alone.

No language model takes part: words are found by counting, and put into lines by templates.
"""

from ranking.learning.suggestions.family import NOBODY, Child, Family, Products
from ranking.learning.suggestions.mining import Line, Miner

__all__ = ("NOBODY", "Child", "Family", "Line", "Miner", "Products")
