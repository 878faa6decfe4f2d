"""Making versions of the tree in tests, and looking at the rows that they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from taxonomy.actions import import_taxonomy
from taxonomy.actions.applying import apply_update
from taxonomy.actions.updates import upload
from taxonomy.models import Category, Filing, TreeUpdate
from taxonomy.queries.updates import difference

HEADER = "# Google_Product_Taxonomy_Version: 2021-09-21\n"
ANIMALS = "1 - Animals\n2 - Animals > Birds\n3 - Animals > Birds > Cages\n4 - Animals > Fish\n"
NO_CAGES = "1 - Animals\n2 - Animals > Birds\n4 - Animals > Fish\n"
AQUARIA = NO_CAGES + "5 - Animals > Fish > Aquaria\n"
COLUMNS = ("id", "parent", "name", "path", "lineage", "is_page", "retired_at", "successor")


def draft(lines: str, *, by: User | None = None) -> TreeUpdate:
    """Return a draft of Google's file with these lines."""
    return upload("taxonomy.txt", (HEADER + lines).encode(), by=by)


def apply(update: TreeUpdate, *, by: User | None = None) -> TreeUpdate:
    """Apply a draft as it stands now."""
    now = TreeUpdate.objects.get(pk=update.pk)  # with what was chosen since
    return apply_update(now, fingerprint=difference(now).fingerprint, by=by)


def applied(lines: str, *, by: User | None = None) -> TreeUpdate:
    """Apply Google's file with these lines."""
    return apply(draft(lines, by=by), by=by)


def import_lines(lines: str) -> None:
    """Import Google's file with these lines, as the command does."""
    path = Path(settings.DATA) / "file.txt"
    path.write_text(HEADER + lines)
    import_taxonomy(path)


def kinds(update: TreeUpdate) -> dict[int, str]:
    """Return what a draft would do to each category."""
    return {pk: kind.value for pk, kind in difference(update).growth.kinds.items()}


def tree_rows() -> dict[int, dict[str, Any]]:
    """Return all that versions may change of each category."""
    return {row["id"]: row for row in Category.objects.order_by("id").values(*COLUMNS)}


def filed() -> dict[int, tuple[int, int, str]]:
    """Return each filing's product, category and source."""
    rows = Filing.objects.order_by("id").values_list("id", "product", "category", "source")
    return {pk: (product, category, source) for pk, product, category, source in rows}
