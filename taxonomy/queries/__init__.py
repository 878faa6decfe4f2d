"""Reads of what exists."""

from taxonomy.queries.products import (
    attribute_lines,
    filed_products,
    products_by_picture_state,
    recent_imports,
    unfiled_products,
)
from taxonomy.queries.search import (
    Found,
    fold,
    search,
)
from taxonomy.queries.tree import (
    Branch,
    Subtree,
    TreeFigures,
    ancestors,
    branch,
    branches,
    pages_without_products,
    retired_with_products,
    siblings,
    subtrees,
    tree_figures,
)

__all__ = (
    "Branch",
    "Found",
    "Subtree",
    "TreeFigures",
    "ancestors",
    "attribute_lines",
    "branch",
    "branches",
    "filed_products",
    "fold",
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
