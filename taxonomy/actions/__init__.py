"""Writes of the taxonomy app that span rows."""

from taxonomy.actions.products import ProductFigures, import_products
from taxonomy.actions.taxonomy import TaxonomyFigures, import_taxonomy

__all__ = ["ProductFigures", "TaxonomyFigures", "import_products", "import_taxonomy"]
