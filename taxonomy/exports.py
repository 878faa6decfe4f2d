"""How products, rows, the tree and its texts are written for other programs."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from django.db.models import Count, F

from taxonomy.imports.rejects import neutralised
from taxonomy.models import (
    FIRST_SHOP_ID,
    HOME_LOCALE,
    Category,
    CategoryName,
    Import,
    ImportKind,
    Product,
    Revision,
    RevisionState,
)
from taxonomy.queries.updates import version_in_force

TEXT_COLUMNS = ("category_id", "sibling_id", "text", "state", "note", "author", "made_at")


def csv_line(cells: Iterable[object]) -> str:
    """Return one line of CSV, its end included."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


class TrecNames:
    """What products are called in TREC's formats, where a name must be one word and unique.

    That is the offer id; where several retailers use the same one, the retailer's name and a
    slash before it. White space is written as %20 and the like, and so are a percent sign and a
    slash of theirs, so that `trec_name_read` finds the two again.
    """

    def __init__(self) -> None:
        offers = Product.objects.order_by().values("offer_id").annotate(n=Count("id"))
        self._shared = set(offers.filter(n__gt=1).values_list("offer_id", flat=True))

    def of(self, product: Product) -> str:
        """Return the product's name; its retailer must be loaded."""
        return self.written(product.offer_id, product.retailer.name)

    def written(self, offer_id: str, retailer: str) -> str:
        """Return the name of what the retailer offers under this id."""
        name = _one_word(offer_id)
        return f"{_one_word(retailer)}/{name}" if offer_id in self._shared else name


def trec_name_read(name: str) -> tuple[str, str]:
    """Return the offer id and the retailer of a name in TREC's formats; "" where it has none."""
    retailer, _, offer_id = name.rpartition("/")
    return unquote(offer_id), unquote(retailer)


def _one_word(text: str) -> str:
    return "".join(quote(one, safe="") if one.isspace() or one in "%/" else one for one in text)


def tree_lines(locale: str = HOME_LOCALE, *, part: str = "") -> Iterator[str]:
    """Yield the lines of the live tree in Google's format, by path, as Google orders its file.

    `part` is "google" or "shop", or nothing for both. Google's part alone has the header with
    the version that was imported last, so that it reads back as Google's file. In another
    locale than the home one, those without a name in it are left out.
    """
    if part == "google" and (version := _version(locale)):
        yield f"# Google_Product_Taxonomy_Version: {version}\n"
    # By code points, as Python sorts and not every database does.
    for path, pk in sorted(_paths(locale)):
        if not part or (part == "shop") == (pk >= FIRST_SHOP_ID):
            yield f"{pk} - {path}\n"


def _paths(locale: str) -> Iterable[tuple[str, int]]:
    if locale == HOME_LOCALE:
        return Category.objects.live().order_by().values_list("path", "id")
    named = CategoryName.objects.filter(locale=locale, category__retired_at=None)
    return named.values_list("path", "category_id")


def _version(locale: str) -> str:
    if locale == HOME_LOCALE and (applied := version_in_force()):
        return applied
    imports = Import.objects.filter(kind=ImportKind.TAXONOMY, locale=locale).exclude(version="")
    return imports.order_by("-id").values_list("version", flat=True).first() or ""


def texts_as_csv(*, history: bool = False) -> Iterator[str]:
    """Yield the lines of a CSV that `import_texts` reads back, in an order that stays.

    For each pair the live text and the draft that waits, or all that was ever said.
    """
    yield csv_line(TEXT_COLUMNS)
    places = ("discriminator__category", F("discriminator__sibling").asc(nulls_first=True))
    said = Revision.objects.select_related("discriminator", "author").order_by(*places, "number")
    for _, group in itertools.groupby(said, key=lambda revision: revision.discriminator_id):
        for revision in group if history else _standing(list(group)):
            yield csv_line(_text_cells(revision))


def _standing(revisions: list[Revision]) -> list[Revision]:
    live = [one for one in revisions if one.state == RevisionState.LIVE][-1:]
    draft = [one for one in revisions[-1:] if one.state == RevisionState.DRAFT]
    return [one for one in live if one.text] + draft


def _text_cells(revision: Revision) -> tuple[object, ...]:
    return (
        revision.discriminator.category_id,
        revision.discriminator.sibling_id or "",
        neutralised(revision.text),
        revision.state,
        neutralised(revision.note),
        neutralised(revision.author.get_username()) if revision.author else "",
        revision.made_at.isoformat(),
    )
