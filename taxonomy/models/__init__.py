"""What exists: categories, retailers, products, filings, discriminators; and what was done."""

from taxonomy.models.categories import (
    FIRST_SHOP_ID,
    HOME_LOCALE,
    Category,
    CategoryName,
    CategoryQuerySet,
)
from taxonomy.models.changes import (
    CategoryChange,
    ChangeKind,
    Comment,
    TreeUpdate,
    UpdateState,
)
from taxonomy.models.discriminators import Discriminator, Revision, RevisionState
from taxonomy.models.imports import Import, ImportKind
from taxonomy.models.products import Filing, FilingSource, PictureState, Product, Retailer

__all__ = (
    "FIRST_SHOP_ID",
    "HOME_LOCALE",
    "Category",
    "CategoryChange",
    "CategoryName",
    "CategoryQuerySet",
    "ChangeKind",
    "Comment",
    "Discriminator",
    "Filing",
    "FilingSource",
    "Import",
    "ImportKind",
    "PictureState",
    "Product",
    "Retailer",
    "Revision",
    "RevisionState",
    "TreeUpdate",
    "UpdateState",
)
