"""Publishing, rolling back, and who is told, as JSON: as on their pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import publish
from ranking.models import Publication, Release, Run
from ranking.queries import releases as reads
from ranking.queries.gate import gate
from taxonomy.described import described, shape
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayPublish(May):
    """Reading takes what the page of the shop takes; writing, what publishing takes."""

    to_read = "ranking.view_release"
    to_write = "ranking.add_release"


class MaySee(MayPublish):
    """Reading takes the same; there is nothing to write."""

    to_write = MayPublish.to_read


class ReleaseFields(serializers.Serializer[Release]):
    """An act of publishing; `changed` counts the pages that show another thing since."""

    id = serializers.IntegerField()
    cause = serializers.CharField()
    run = serializers.IntegerField(source="run_id", allow_null=True)
    back_to = serializers.IntegerField(source="back_to_id", allow_null=True)
    based_on = serializers.IntegerField(source="based_on_id", allow_null=True)
    changed = serializers.IntegerField()
    against_gate = serializers.BooleanField()
    by = serializers.CharField(source="by.username", allow_null=True, default=None)
    at = serializers.DateTimeField()
    note = serializers.CharField()


class WholeReleaseFields(ReleaseFields):
    """A release with what the gate said, and the pages that keep what they showed, by why."""

    gate = serializers.JSONField()
    figures = serializers.JSONField()
    withdrawn = serializers.ListField(child=serializers.IntegerField())


class PageChangeFields(serializers.Serializer[Publication]):
    """What a release let one page show; `overlap` of the first ten with those before, 0 to 1."""

    page = serializers.IntegerField(source="page_id")
    name = serializers.CharField(source="page.shown_name")
    run = serializers.IntegerField(source="page_run.run_id")
    products = serializers.IntegerField(source="listing.products")
    listing = serializers.CharField(source="listing_id")
    overlap = serializers.FloatField(allow_null=True)  # null: it was published the first time


class GateFields(serializers.Serializer[Any]):
    """What the gate says of a run."""

    is_open = serializers.BooleanField()
    is_measured = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    figures = serializers.JSONField()


class ToRollBack(serializers.Serializer[Release]):
    """What is said when the shop is to show what it showed after a release."""

    token = serializers.UUIDField()
    based_on = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ToPublish(ToRollBack):
    """What is said when a run is published: the release that was seen last, null for none."""

    run = serializers.IntegerField()
    against_gate = serializers.BooleanField(required=False)


REFUSED = shape(
    "ReleaseRefused",
    detail=serializers.CharField(),
    reasons=serializers.ListField(child=serializers.CharField(), required=False),
    gate=GateFields(required=False),
    newest=ReleaseFields(required=False, allow_null=True),
)


class ReleaseView(JsonView):
    """What all addresses share."""

    permission_classes = [MayPublish]


class Releases(ReleaseView):
    """All releases; publishing a run."""

    @described(ReleaseFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the releases, newest first."""
        return listed(request, reads.releases(), ReleaseFields)

    @described(
        WholeReleaseFields,
        codes=(200, 201),
        takes=ToPublish,
        refuses={409: REFUSED},
        example={"run": 1, "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a94", "based_on": None},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Publish a run: 201, or 200 when the token's release is there.

        409 when the gate is shut, with its reasons; when somebody published meanwhile, with what
        they did; and when there is nothing to publish.
        """
        told = sent(ToPublish(data=request.data))
        run = found_or_404(Run.objects.all(), told.pop("run"), "run")
        known = Release.objects.filter(token=told["token"]).exists()
        try:
            made = publish.publish_run(run, by=request.user, **told)
        except publish.GateShut as error:
            shut = {"detail": "The gate is shut.", "gate": GateFields(gate(run)).data}
            return Response(shut | {"reasons": error.reasons}, status.HTTP_409_CONFLICT)
        except publish.PublishedMeanwhile as error:
            return _meanwhile(error)
        except (publish.NotFinished, publish.NoteMissing, publish.NothingToPublish) as error:
            raise Conflict(str(error)) from error
        return _made(made, known=known)


class OneRelease(ReleaseView):
    """One release."""

    permission_classes = [MaySee]

    @described(WholeReleaseFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return it with what the gate said."""
        return Response(WholeReleaseFields(_release(pk)).data)


class ReleasePages(ReleaseView):
    """The pages that a release changed."""

    permission_classes = [MaySee]

    @described(PageChangeFields, listed=True)
    def get(self, request: Request, pk: int) -> Response:
        """Return them, those that changed most first and those published the first time last."""
        return listed(request, reads.changed_pages(_release(pk)), PageChangeFields)


class RollBack(ReleaseView):
    """Rolling back."""

    @described(
        WholeReleaseFields,
        codes=(200, 201),
        takes=ToRollBack,
        refuses={409: REFUSED},
        example={"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a95", "based_on": 2},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Show again what was shown after this release: 201, or 409 as with publishing."""
        told = sent(ToRollBack(data=request.data))
        known = Release.objects.filter(token=told["token"]).exists()
        try:
            made = publish.roll_back(_release(pk), by=request.user, **told)
        except publish.PublishedMeanwhile as error:
            return _meanwhile(error)
        except publish.NothingToPublish as error:
            raise Conflict(str(error)) from error
        return _made(made, known=known)


class RunGate(ReleaseView):
    """The gate before a run."""

    permission_classes = [MaySee]

    @described(GateFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return whether the run may be published, and why not."""
        return Response(GateFields(gate(found_or_404(Run.objects.all(), pk, "run"))).data)


def _release(pk: int) -> Release:
    return found_or_404(reads.releases(), pk, "release")


def _made(release: Release, *, known: bool) -> Response:
    answer = Response(WholeReleaseFields(_release(release.pk)).data)
    if not known:
        answer.status_code = status.HTTP_201_CREATED
        answer["Location"] = reverse("api_release", args=(release.pk,))
    return answer


def _meanwhile(error: publish.PublishedMeanwhile) -> Response:
    newest = ReleaseFields(_release(error.newest.pk)).data if error.newest else None
    return Response({"detail": str(error), "newest": newest}, status.HTTP_409_CONFLICT)
