"""Reads of what exists."""

from taxonomy.queries.counts import Subtree, TreeFigures, subtrees, tree_figures
from taxonomy.queries.names import fold
from taxonomy.queries.products import (
    attribute_lines,
    filed_products,
    products_by_picture_state,
    recent_imports,
    unfiled_products,
)
from taxonomy.queries.search import Found, alike, meant, search
from taxonomy.queries.tree import (
    Branch,
    Column,
    ancestors,
    branch,
    branches,
    columns,
    siblings,
)
from taxonomy.queries.worklists import pages_without_products, retired_with_products

__all__ = (
    "Branch",
    "Column",
    "Found",
    "Subtree",
    "TreeFigures",
    "alike",
    "ancestors",
    "attribute_lines",
    "branch",
    "branches",
    "columns",
    "filed_products",
    "fold",
    "meant",
    "pages_without_products",
    "products_by_picture_state",
    "recent_imports",
    "retired_with_products",
    "search",
    "siblings",
    "subtrees",
    "tree_figures",
    "unfiled_products",
)
