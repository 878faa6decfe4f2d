"""Runs and ranked pages as JSON: the queries, actions and permissions of their pages."""

from __future__ import annotations

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking import actions
from ranking.models import PageRun, RankedProduct, Run
from ranking.queries import browse, overview
from taxonomy.described import TRUTH, described
from taxonomy.models import Category
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent


class MayStart(May):
    """Reading takes what the pages of rankings take; writing, what starting a run takes."""

    to_read = "ranking.view_run"
    to_write = "ranking.add_run"


class MayCancel(MayStart):
    """Writing takes what cancelling a run takes."""

    to_write = "ranking.cancel_run"


class RunFields(serializers.Serializer[Run]):
    """A run of `browse.runs`."""

    id = serializers.IntegerField()
    state = serializers.CharField()
    stage = serializers.CharField()
    pages = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    carried = serializers.IntegerField()  # of the done ones: nothing of them had changed
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    # The run that it builds on, or in a sentence why it was asked to and does not.
    base = serializers.IntegerField(source="base_id", allow_null=True)
    anew = serializers.CharField(source="settings.anew", default="")
    thinned_at = serializers.DateTimeField(allow_null=True)
    started_by = serializers.CharField(source="started_by.username", allow_null=True)
    as_of = serializers.DateTimeField()
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    blend = serializers.CharField(source="blend.kind", allow_null=True)  # null until it is known
    # What it ranks with: null for a blend learned in the run, and for no cross-encoder.
    blend_version = serializers.IntegerField(source="blend.version", allow_null=True, default=None)
    reranker = serializers.IntegerField(source="blend.reranker", allow_null=True, default=None)
    # Versions that it was to use and could not, and why.
    notes = serializers.ListField(source="blend.notes", default=list)
    # The newest revision of any text that it knows; null in runs from before there were texts.
    texts_until = serializers.IntegerField(
        source="settings.discriminators_until", allow_null=True, default=None
    )
    error = serializers.CharField()


class RunToStart(serializers.Serializer[Run]):
    """What may be said when a run is started."""

    pages = serializers.ListField(
        child=serializers.IntegerField(), allow_empty=False, required=False
    )
    branch = serializers.IntegerField(required=False)
    stale = serializers.BooleanField(required=False)
    incremental = serializers.BooleanField(required=False)
    token = serializers.UUIDField(required=False)


class RankingFields(serializers.Serializer[PageRun]):
    """A page's part in the run whose ranking it shows."""

    run = serializers.IntegerField(source="run_id")
    shown = serializers.IntegerField()
    removed = serializers.IntegerField()
    relaxed = serializers.CharField()
    finished_at = serializers.DateTimeField()


class PageFields(serializers.Serializer[overview.PageLine]):
    """A page, and its ranking if it has one."""

    id = serializers.IntegerField(source="page.pk")
    name = serializers.CharField(source="page.name")
    path = serializers.CharField(source="page.path")
    stale = serializers.BooleanField()
    ranking = RankingFields(source="page_run", allow_null=True)


class RankedProductFields(serializers.Serializer[RankedProduct]):
    """A product shown on a page, or removed from it; prices are decimals, written as texts."""

    position = serializers.IntegerField(allow_null=True)
    product = serializers.IntegerField(source="product_id")
    offer_id = serializers.CharField(source="product.offer_id")
    retailer = serializers.CharField(source="product.retailer.name")
    made_up = serializers.BooleanField(source="product.retailer.made_up")
    title = serializers.CharField(source="product.title")
    price = serializers.DecimalField(
        source="product.price", max_digits=14, decimal_places=3, allow_null=True
    )
    currency = serializers.CharField(source="product.currency")
    confidence = serializers.FloatField()
    misfiled = serializers.FloatField(allow_null=True)  # null where it is unknown, as of old runs
    chance_wrong = serializers.FloatField(allow_null=True)  # likewise
    oddities = serializers.DictField(child=serializers.FloatField())
    why = serializers.CharField()
    removed_by = serializers.CharField()
    signals = serializers.DictField(child=serializers.FloatField(allow_null=True))
    contributions = serializers.DictField(child=serializers.FloatField())


class RankingView(JsonView):
    """What all addresses share."""

    permission_classes = [MayStart]


class Runs(RankingView):
    """All runs; starting one."""

    @described(RunFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the runs, newest first."""
        return listed(request, browse.runs(), RunFields)

    @described(RunFields, codes=(200, 201), takes=RunToStart, example={"pages": [1]})
    def post(self, request: SignedInRequest) -> Response:
        """Start a run of all pages, of some, of a branch, or of the stale ones among them.

        An incremental one builds on the run before it and ranks only what has changed.
        Answers 201, or 200 when the token's run has begun.
        """
        wanted = sent(RunToStart(data=request.data))
        known = "token" in wanted and Run.objects.filter(token=wanted["token"]).exists()
        try:
            run = actions.start_run(**wanted, by=request.user)
        except (actions.NothingToRank, actions.NotAPage, actions.NotABranch) as error:
            raise ParseError(str(error)) from error
        answer = _answer(run.pk)
        if not known:
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = reverse("api_run", args=(run.pk,))
        return answer


class OneRun(RankingView):
    """One run."""

    @described(RunFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        return _answer(pk)


class Cancellation(RankingView):
    """Cancelling a run."""

    permission_classes = [MayCancel]

    @described(RunFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Ask the run to stop: 409 when it has ended."""
        try:
            actions.cancel_run(found_or_404(Run.objects.all(), pk, "run"), by=request.user)
        except actions.AlreadyFinished as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class Resumption(RankingView):
    """Going on with a run."""

    @described(RunFields, asks={"only_failed": TRUTH})
    def post(self, request: Request, pk: int) -> Response:
        """Put the run's failed and cancelled pages back to work, or the failed ones alone."""
        only_failed = _asked_for(request, "only_failed")
        actions.resume_run(found_or_404(Run.objects.all(), pk, "run"), only_failed=only_failed)
        return _answer(pk)


class Pages(RankingView):
    """All pages."""

    @described(PageFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the active pages in the order of the tree, each with its ranking, if any."""
        return listed(request, overview.pages_overview(), PageFields, overview.page_lines)


class Candidates(RankingView):
    """What a run made of a page's candidates."""

    @described(
        RankedProductFields,
        listed=True,
        beside={"page": serializers.IntegerField(), "ranking": RankingFields()},
        asks={"removed": TRUTH},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return the products shown, by position, or with `?removed=true` those removed."""
        page = found_or_404(Category.objects.filter(is_page=True), pk, "page")
        page_run = browse.shown_page_run(page)
        if page_run is None:
            raise NotFound(f"Page {pk} has not been ranked yet.")
        products = browse.removed if _asked_for(request, "removed") else browse.ranking
        # More than a tile needs, its signals, but still not all that the feed said of it.
        whole = products(page_run).defer(None).defer("product__description", "product__attributes")
        rows = listed(request, whole, RankedProductFields)
        about = {"page": page.pk, "ranking": RankingFields(page_run).data}
        return Response(about | rows.data)


def _answer(pk: int) -> Response:
    return Response(RunFields(found_or_404(browse.runs(), pk, "run")).data)


def _asked_for(request: Request, name: str) -> bool:
    asked = request.query_params.get(name, "false")
    if asked not in ("true", "false"):
        raise ParseError(f'"{name}" is true or false.')
    return asked == "true"
