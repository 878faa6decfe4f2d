"""Acts of publishing: what happened when, and what the shop showed after each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet

from ranking.models import Cause, Comparison, Publication, Release, Run, Shown, State
from ranking.queries.gate import Gate, gate, gate_comparison
from ranking.queries.sides import DECIDING
from taxonomy.models import Category


def releases() -> QuerySet[Release]:
    """Return all releases, newest first, each with `changed`: how many pages show another thing."""
    about = ("by", "run", "back_to")
    counted = Release.objects.select_related(*about).annotate(changed=Count("publications"))
    return counted.order_by("-id")


def shown_after(release: Release) -> dict[int, Publication]:
    """Return what the shop showed after the release: by the page's id, each with its page run."""
    until = Publication.objects.filter(release__lte=release.pk).order_by()
    newest = until.values("page").annotate(newest=Max("id")).values_list("newest", flat=True)
    lean = ("release", "page", "listing", "page_run__carried_from")
    found = Publication.objects.filter(pk__in=newest).select_related("page_run").only(*lean)
    shown = {one.page_id: one for one in found}
    for pk, pages in _withdrawals(release):
        for page in pages:
            if page in shown and shown[page].release_id < pk:
                del shown[page]
    return shown


def _withdrawals(until: Release) -> list[tuple[int, list[int]]]:
    """Releases that let pages show nothing any more, oldest first, and these pages."""
    rows = Release.objects.filter(pk__lte=until.pk).exclude(withdrawn=[]).order_by("id")
    return list(rows.values_list("id", "withdrawn"))


@dataclass(frozen=True)
class Waiting:
    """A run that may be published: how much it would change, and what the gate says."""

    run: Run
    pages: int  # that it ranked and that are switched on
    changed: int  # of them, those whose order the machine changed
    failed: int
    cancelled: int
    gate: Gate
    comparison: Comparison | None  # which the gate goes by
    rolled_back: Release | None  # what took it back after it was published


@dataclass(frozen=True)
class Standing:
    """What the shop shows now."""

    published: int
    pages: int  # switched on
    runs: list[tuple[int, int]]  # a run, and how many pages show what it found; most first


@dataclass(frozen=True)
class PageChange:
    """What a release did to one page."""

    publication: Publication
    top: int  # products among the first ten
    new: int  # of them, those that were not among the first ten before
    is_reordered: bool


def standing() -> Standing:
    """Return how many pages are published, and by which runs."""
    shown = Shown.objects.filter(page__in=Category.objects.pages()).order_by()
    by_run = shown.values_list("publication__page_run__run").annotate(n=Count("page"))
    runs = sorted(by_run, key=lambda row: (-row[1], -row[0]))
    return Standing(sum(n for _, n in runs), Category.objects.pages().count(), runs)


def waiting_run() -> Run | None:
    """Return the newest run that came to its end, if it is newer than the one that the shop shows:
    one that was not published, or that was rolled back."""
    done = Run.objects.filter(state=State.DONE, thinned_at=None, id__gt=_run_in_force() or 0)
    return done.select_related("started_by").order_by("-id").first()


def rolled_back(run: Run) -> Release | None:
    """Return the roll-back to before the run was published last; None where there was none, or
    the run is in force again."""
    published = run.releases.filter(cause=Cause.RUN).order_by("-id").first()
    if published is None or _run_in_force() == run.pk:
        return None
    back = Release.objects.filter(cause=Cause.ROLL_BACK, id__gt=published.pk)
    undone = back.filter(back_to__lt=published.pk).select_related("by")
    return undone.order_by("id").first()


def roll_back_in_force() -> Release | None:
    """Return the roll-back that nothing was published after: somebody's word, which no night
    undoes. None where a run was published last."""
    acts = Release.objects.filter(cause__in=DECIDING).select_related("by")
    act = acts.order_by("-id").first()
    return act if act and act.cause == Cause.ROLL_BACK else None


def _run_in_force() -> int | None:
    """The run that was published last, roll-backs heeded; None before any was."""
    acts = Release.objects.filter(cause__in=DECIDING).order_by("-id")
    act = acts.first()
    while act and act.cause == Cause.ROLL_BACK:
        act = acts.filter(id__lte=act.back_to_id).first()
    return act.run_id if act else None


def waiting(run: Run) -> Waiting:
    """Return what publishing the run would come to."""
    active = run.page_runs.filter(page__in=Category.objects.pages()).order_by()
    counts = dict(active.values_list("state").annotate(n=Count("id")))
    done = active.filter(state=State.DONE)
    machine = Shown.objects.filter(page=OuterRef("page"))
    same = machine.filter(publication__page_run__listing=OuterRef("listing"))
    return Waiting(
        run=run,
        pages=counts.get(State.DONE, 0),
        changed=done.exclude(Exists(same)).count(),
        failed=counts.get(State.FAILED, 0),
        cancelled=counts.get(State.CANCELLED, 0),
        gate=gate(run),
        comparison=gate_comparison(run),
        rolled_back=rolled_back(run),
    )


def changed_pages(release: Release) -> QuerySet[Publication]:
    """Return what the release let pages show, those that changed most first, new pages last."""
    about = ("page", "page_run", "listing", "before__listing")
    bodies = ("listing__body", "before__listing__body")
    of_release = release.publications.select_related(*about).defer(*bodies)
    return of_release.order_by(F("overlap").asc(nulls_last=True), "page__path", "page")


def page_changes(publications: Iterable[Publication]) -> list[PageChange]:
    """Return rows of `changed_pages` with how many of their first products are new."""
    return [_change(one) for one in publications]


def named_pages(ids: Iterable[int]) -> QuerySet[Category]:
    """Return these categories in the order of the tree."""
    return Category.objects.filter(pk__in=list(ids)).order_by("path", "id")


def _change(publication: Publication) -> PageChange:
    first: list[int] = publication.listing.first
    before: list[int] = publication.before.listing.first if publication.before else []
    new = len(set(first) - set(before))
    return PageChange(publication, len(first), new, is_reordered=first != before)
