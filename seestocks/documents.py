"""What programs can ask for, described for themselves and for those who write them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from seestocks.documentation import groups
from seestocks.schema import REFUSALS, description
from taxonomy.rest import JsonView
from taxonomy.web import respond


class OpenApi(JsonView):
    """The description in OpenAPI 3."""

    permission_classes = [IsAuthenticated]
    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:  # noqa: ARG002  DRF passes it
        """Return it as JSON, or with `?format=yaml` as YAML."""
        return Response(description())


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """All addresses, what each takes and answers, and the command that asks for it."""
    search = request.GET.get("q", "").strip()[:100]
    site = f"{request.scheme}://{request.get_host()}"
    found = groups(search)
    context = {
        "groups": [(one, [(each, each.command(site)) for each in one.operations]) for one in found],
        "search": search,
        "total": sum(len(one.operations) for one in found),
        "schema": reverse("api_schema"),
        "refusals": REFUSALS.items(),
    }
    return respond(request, "seestocks/api.html", context)
