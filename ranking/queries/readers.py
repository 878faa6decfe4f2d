"""What a cross-encoder needs to read for pages. Loads a model only where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ranking.pipeline.disambiguate import Texts
from ranking.pipeline.rerank import Reader
from ranking.pipeline.rerank.texts import key_details, product_text
from ranking.pipeline.shelf import Shelf
from taxonomy.models import Product


def load_reader(version: int | None, shelf: Shelf, texts: Texts) -> Reader | None:
    """Return the cross-encoder of that version (a Training's id) over this shelf and its texts.

    None without a version. Raises RerankerError when its files are missing or damaged.
    """
    if version is None:
        return None
    from ranking.queries.cross_encoders import pair_reader

    return pair_reader(version, shelf, texts)


def product_texts(as_of: datetime) -> Iterator[str]:
    """Yield what is read of each product known at that moment, by id."""
    products = Product.objects.filter(first_seen__lte=as_of).order_by("id")
    columns = products.values_list("title", "brand", "description", "attributes")
    for title, brand, description, attributes in columns.iterator(chunk_size=5000):
        yield product_text(title, brand, description, key_details(attributes))
