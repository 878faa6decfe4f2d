"""Which listings are offers of the same product, as JSON."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.response import Response

from ranking.queries.duplicates import SameProduct, offers_of
from taxonomy.described import described
from taxonomy.models import Product
from taxonomy.rest import JsonView, May, SignedInRequest, found_or_404, listed


class MaySee(May):
    """Reading takes what looking at rankings takes."""

    to_read = to_write = "ranking.view_run"


class SameProductFields(serializers.Serializer[SameProduct]):
    """Another offer; `chance` that both are one is null where only others of the group say so."""

    product = serializers.IntegerField(source="product.pk")
    offer_id = serializers.CharField(source="product.offer_id")
    retailer = serializers.CharField(source="product.retailer.name")
    title = serializers.CharField(source="product.title")
    price = serializers.DecimalField(
        source="product.price", max_digits=14, decimal_places=3, allow_null=True
    )
    currency = serializers.CharField(source="product.currency")
    availability = serializers.CharField(source="product.availability")
    chance = serializers.FloatField(allow_null=True)
    why = serializers.CharField()


class Offers(JsonView):
    """A product's other offers."""

    permission_classes = [MaySee]

    @described(SameProductFields, listed=True, refuses=(404,))
    def get(self, request: SignedInRequest, pk: int) -> Response:
        """List the listings that are taken for the same product, the cheapest first."""
        product = found_or_404(Product.objects.all(), pk, "product")
        return listed(request, offers_of(product), SameProductFields)
