"""Writes of the taxonomy app that span rows."""

from taxonomy.actions.taxonomy import TaxonomyFigures, import_taxonomy

__all__ = ["TaxonomyFigures", "import_taxonomy"]
