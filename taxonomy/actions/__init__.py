"""Writes of the taxonomy app that span rows."""

from taxonomy.actions.applying import TaxonomyFigures
from taxonomy.actions.pages import PageFigures, activate_pages
from taxonomy.actions.products import ProductFigures, import_products
from taxonomy.actions.taxonomy import import_taxonomy

__all__ = [
    "PageFigures",
    "ProductFigures",
    "TaxonomyFigures",
    "activate_pages",
    "import_products",
    "import_taxonomy",
]
