"""Comparisons, the quality of runs over time, and notes on runs, as JSON: as on their pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from ranking.actions import jobs
from ranking.actions.compare import ask_for_comparison
from ranking.actions.notes import LONGEST, BadNote, write_note
from ranking.models import Comparison, Run, RunNote, State
from ranking.queries import comparisons as reads
from ranking.queries.notes import notes_of
from ranking.queries.sides import BadSides, side_of
from ranking.queries.timeline import Measured, timeline
from taxonomy.described import NUMBER, described
from taxonomy.rest import Conflict, JsonView, May, SignedInRequest, found_or_404, listed
from taxonomy.sent import sent

ORDERS = tuple(order for order in reads.PAGE_ORDERS if order)


class MayCompare(May):
    """Reading takes what the page of comparisons takes; writing, what asking for one does."""

    to_read = "ranking.view_comparison"
    to_write = "ranking.add_comparison"


class MayWriteNotes(May):
    """Reading takes what the page of comparisons takes; writing, what writing notes does."""

    to_read = "ranking.view_comparison"
    to_write = "ranking.add_runnote"


class ComparisonFields(serializers.Serializer[Comparison]):
    """A comparison as a line of their list; `sides` as they are asked for, the one held against
    first, and `run` where it decides a run's gate."""

    id = serializers.IntegerField()
    sides = serializers.SerializerMethodField()
    run = serializers.IntegerField(source="run_id", allow_null=True)
    state = serializers.CharField()
    stage = serializers.CharField()
    stage_done = serializers.IntegerField()
    stage_total = serializers.IntegerField()
    asked_by = serializers.CharField(source="asked_by.username", allow_null=True, default=None)
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()

    def get_sides(self, comparison: Comparison) -> list[str]:
        return [str(side) for side in reads.sides_of(comparison)]


class WholeComparisonFields(ComparisonFields):
    """A comparison with its figures; shares from 0 to 1, null where they are unknown.

    `is_old`: something else has been published since it was measured.
    """

    figures = serializers.DictField()
    is_old = serializers.SerializerMethodField()

    def get_is_old(self, comparison: Comparison) -> bool:
        return reads.is_old(comparison)


class PageChangeFields(serializers.Serializer[Mapping[str, Any]]):
    """What changed on a page: `jaccard` of both first ten, `change` with the first places counting
    most, what came in and left, and by what share more of the judged first ten is `right`."""

    page = serializers.IntegerField()
    shown = serializers.IntegerField()
    was = serializers.IntegerField()
    jaccard = serializers.FloatField()
    change = serializers.FloatField()
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    right = serializers.FloatField(allow_null=True)


class MeasuredFields(serializers.Serializer[Measured]):
    """A full run as it was measured when it had ended; `published` are the releases' moments."""

    run = serializers.IntegerField(source="run.pk")
    as_of = serializers.DateTimeField(source="run.as_of")
    comparison = serializers.IntegerField()
    pages = serializers.IntegerField()
    figures = serializers.DictField()
    published = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()

    def get_published(self, measured: Measured) -> list[str]:
        return [release.at.isoformat() for release in measured.releases]

    def get_notes(self, measured: Measured) -> list[str]:
        return [note.text for note in measured.notes]


class NoteFields(serializers.Serializer[RunNote]):
    """What somebody wrote about a run."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    at = serializers.DateTimeField()


class ToCompare(serializers.Serializer[Comparison]):
    """What is to be compared: "published", "run:5", "release:3", the one held against first."""

    sides = serializers.ListField(child=serializers.CharField(), min_length=2)
    token = serializers.UUIDField(required=False)


class NoteToWrite(serializers.Serializer[RunNote]):
    """What is to be written about a run."""

    text = serializers.CharField(max_length=LONGEST)


class ComparisonView(JsonView):
    """What the addresses of comparisons share."""

    permission_classes = [MayCompare]


class Comparisons(ComparisonView):
    """All comparisons; asking for one."""

    @described(ComparisonFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the comparisons, newest first, without their figures."""
        return listed(request, reads.comparisons().defer("figures", "by_page"), ComparisonFields)

    @described(
        WholeComparisonFields,
        codes=(200, 201),
        takes=ToCompare,
        example={"sides": ["published", "run:5"]},
    )
    def post(self, request: SignedInRequest) -> Response:
        """Have sides compared: 201, or 200 when the token's comparison is there.

        What is published, and a run after it, also decides that run's gate.
        """
        wanted = sent(ToCompare(data=request.data))
        token: uuid.UUID | None = wanted.get("token")
        known = token is not None and Comparison.objects.filter(token=token).exists()
        try:
            sides = [side_of(text) for text in wanted["sides"]]
            asked = ask_for_comparison(sides, by=request.user, token=token)
        except BadSides as error:
            raise ParseError(str(error)) from error
        answer = _answer(asked.pk)
        if not known:
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = reverse("api_comparison", args=(asked.pk,))
        return answer


class OneComparison(ComparisonView):
    """One comparison."""

    @described(WholeComparisonFields)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Return the comparison; its figures are empty until it is done."""
        return _answer(pk)


class ComparedPages(ComparisonView):
    """The pages that changed."""

    @described(
        PageChangeFields,
        listed=True,
        asks={"of": NUMBER, "sort": {"type": "string", "enum": list(ORDERS)}},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Return the pages that the side `?of=` (1: the second one) shows otherwise than the first.

        Those that changed most first, or by `?sort=`.
        """
        found = found_or_404(Comparison.objects.filter(state=State.DONE), pk, "finished comparison")
        of, order = request.query_params.get("of", "1"), request.query_params.get("sort", "")
        if not (of.isdecimal() and len(of) <= 18) or order not in reads.PAGE_ORDERS:
            raise ParseError(f'"of" is a number, "sort" one of {", ".join(ORDERS)}.')
        return listed(request, reads.changed_pages(found, int(of), order), PageChangeFields)


class Cancellation(ComparisonView):
    """Cancelling a comparison."""

    @described(WholeComparisonFields, refuses=(409,))
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Ask the comparison to stop: 409 when it has ended."""
        try:
            jobs.cancel(found_or_404(reads.comparisons(), pk, "comparison"), by=request.user)
        except jobs.AlreadyFinished as error:
            raise Conflict(str(error)) from error
        return _answer(pk)


class Resumption(ComparisonView):
    """Trying a comparison again."""

    @described(WholeComparisonFields)
    def post(self, request: Request, pk: int) -> Response:  # noqa: ARG002  DRF passes it
        """Have a comparison that failed or was cancelled tried again."""
        jobs.resume(found_or_404(reads.comparisons(), pk, "comparison"))
        return _answer(pk)


class Quality(ComparisonView):
    """How good runs were, one after another."""

    @described(MeasuredFields, listed=True)
    def get(self, request: Request) -> Response:
        """Return the newest full runs with their quality, the oldest first."""
        return listed(request, timeline(), MeasuredFields)


class Notes(JsonView):
    """What people wrote about a run; writing more."""

    permission_classes = [MayWriteNotes]

    @described(NoteFields, listed=True)
    def get(self, request: Request, pk: int) -> Response:
        """Return the notes on the run, the oldest first."""
        return listed(request, notes_of(found_or_404(Run.objects.all(), pk, "run")), NoteFields)

    @described(NoteFields, codes=(201,), takes=NoteToWrite, example={"text": "A new feed."})
    def post(self, request: SignedInRequest, pk: int) -> Response:
        """Write about the run; the same text twice in a row is one note."""
        run = found_or_404(Run.objects.all(), pk, "run")
        try:
            note = write_note(run, sent(NoteToWrite(data=request.data))["text"], by=request.user)
        except BadNote as error:
            raise ParseError(str(error)) from error
        return Response(NoteFields(note).data, status=status.HTTP_201_CREATED)


def _answer(pk: int) -> Response:
    return Response(WholeComparisonFields(found_or_404(reads.comparisons(), pk, "comparison")).data)
