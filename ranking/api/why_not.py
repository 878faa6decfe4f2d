"""What changed on a page and why a product is not on it, as JSON; and filing it by hand."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions.ask_why_not import ask_why_not
from ranking.models import PageRun, WhyNot
from ranking.queries.changes import Changes, Gone, Tile
from ranking.queries.look import look
from ranking.queries.why_not import ByHand, Stage, Whereabouts, by_hand, whereabouts
from taxonomy.actions.filing import RetiredCategory, file_by_hand
from taxonomy.described import described
from taxonomy.models import Category, Filing, Product
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404
from taxonomy.sent import sent


class MayAsk(May):
    """Asking takes what looking at rankings takes."""

    to_read = to_write = "ranking.view_run"


class MayFile(May):
    """Writing takes what filing takes."""

    to_read = to_write = "taxonomy.add_filing"


class EnteredFields(serializers.Serializer[Tile]):
    """A product that stands elsewhere than on the published page; `was` null: it is new."""

    product = serializers.IntegerField(source="product.pk")
    title = serializers.CharField(source="product.title")
    place = serializers.IntegerField()
    was = serializers.IntegerField(allow_null=True)
    why = serializers.CharField()


class GoneFields(serializers.Serializer[Gone]):
    """A product of the published page that is not shown; `product` null: it was deleted."""

    product = serializers.IntegerField(source="product.pk", allow_null=True, default=None)
    title = serializers.CharField()
    was = serializers.IntegerField()
    why = serializers.CharField()


class ChangesFields(serializers.Serializer[Changes]):
    """What the newest ranking shows that the published page does not, and the other way round."""

    entered = EnteredFields(many=True)
    left = GoneFields(many=True)
    moved = EnteredFields(many=True)  # among the first ten, now or then


class StageFields(serializers.Serializer[Stage]):
    """One thing that a product passes on its way to a page, and what became of it there."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=("passed", "lost", "ahead"))
    said = serializers.CharField()


class ByHandFields(serializers.Serializer[ByHand]):
    """A rule by hand that would bring it among the first products, and the place it would get."""

    kind = serializers.CharField()  # or "end": of the rule by hand that is there
    place = serializers.IntegerField()
    asked = serializers.IntegerField(allow_null=True)  # the place of a pin
    strength = serializers.CharField()


class WhereaboutsFields(serializers.Serializer[Whereabouts]):
    """Where a product stands on a page, null for nowhere, and every stage on its way."""

    product = serializers.IntegerField(source="product.pk")
    place = serializers.IntegerField(allow_null=True)
    stages = StageFields(many=True)
    by_hand = ByHandFields(many=True)


class WhyNotFields(serializers.Serializer[WhyNot]):
    """A question; `answer` once it is done: `nearness` and the `ways` in that were tried."""

    token = serializers.UUIDField()
    page = serializers.IntegerField(source="page_run.page_id")
    run = serializers.IntegerField(source="page_run.run_id")
    product = serializers.IntegerField(source="product_id")
    state = serializers.CharField()
    error = serializers.CharField()
    answer = serializers.DictField()


class FilingToMake(serializers.Serializer[Filing]):
    """Where a product belongs, by the id of the category."""

    category = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class FilingFields(serializers.Serializer[Filing]):
    """Somebody's word on where a product belongs."""

    product = serializers.IntegerField(source="product_id")
    category = serializers.IntegerField(source="category_id")
    source = serializers.CharField()  # type: ignore[assignment]  # DRF has one too
    author = serializers.CharField(source="author.username", allow_null=True, default=None)


class AskingView(JsonView):
    """What all addresses share."""

    permission_classes = [MayAsk]


class PageChanges(AskingView):
    """What changed on a page since it was published."""

    @described(ChangesFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return what the newest ranking changes: 404 where nothing is published or ranked."""
        changes = look(_page(pk)).changes
        if changes is None:
            raise NotFound(f"Page {pk} has no published ranking to compare with.")
        return Response(ChangesFields(changes).data)


class ProductOnPage(AskingView):
    """A product of the catalogue, and what became of it on its way to a page."""

    @described(WhereaboutsFields)
    def get(self, request: Request, pk: int, product: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return each stage, and which rule by hand would bring it among the first products."""
        page, found = _page(pk), _product(product)
        seen, size = look(page), settings.SEESTOCKS_PAGE_SIZE
        where = whereabouts(seen, page, found, size)
        tried = by_hand(seen, found, size) if where.lost_at else []
        told = {
            "product": found.pk,
            "place": where.place,
            "stages": [StageFields(stage).data for stage in where.stages],
            "by_hand": [ByHandFields(rule).data for rule in tried],
        }
        return Response(told)

    @described(WhyNotFields, codes=(202,))
    def post(self, request: SignedInRequest, pk: int, product: int) -> Response:
        """Ask a worker for the smallest changes that would bring it in.

        202, and the address that has the answer within a moment; 404 before the page is ranked.
        """
        page, found = _page(pk), _product(product)
        asked = ask_why_not(_newest(page), found, by=request.user)
        address = reverse("api_why_not", args=(asked.token,))
        return Response(
            WhyNotFields(asked).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": address},
        )


class OneWhyNot(AskingView):
    """One question."""

    @described(WhyNotFields)
    def get(self, request: Request, token: uuid.UUID) -> Response:  # noqa: ARG002  DRF passes it
        """Return it, with its answer once a worker has found it; kept for a day."""
        asked = WhyNot.objects.filter(token=token).select_related("page_run").first()
        if asked is None:
            raise NotFound("There is no such question; questions are kept for a day.")
        return Response(WhyNotFields(asked).data)


class Filings(JsonView):
    """Filing a product by hand."""

    permission_classes = [MayFile]

    @described(
        FilingFields,
        codes=(201,),
        takes=FilingToMake,
        refuses=(409,),
        example={"category": 2633},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Say where the product belongs; from the next run on this counts before its feed's word.

        409 for a category that is not in the tree any more.
        """
        wanted = sent(FilingToMake(data=request.data))
        product = _product(pk)
        category = found_or_404(Category.objects.all(), wanted["category"], "category")
        try:
            filing = file_by_hand(product, category, by=request.user)
        except RetiredCategory as error:
            raise Conflict(str(error)) from error
        return Response(FilingFields(filing).data, status=status.HTTP_201_CREATED)


def _page(pk: int) -> Category:
    return found_or_404(Category.objects.filter(is_page=True), pk, "page")


def _product(pk: int) -> Product:
    return found_or_404(Product.objects.select_related("retailer"), pk, "product")


def _newest(page: Category) -> PageRun:
    page_run = look(page).page_run
    if page_run is None:
        raise NotFound(f"Page {page.pk} has not been ranked yet.")
    return page_run
