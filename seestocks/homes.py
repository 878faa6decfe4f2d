"""What each kind of people finds on their home: what they came for, first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Paginator

from judgments.actions.judge import annotator_of
from judgments.models import CampaignState, GoldState, Participation, ParticipationState, Scope
from judgments.queries import judged_figures, pages_by_judgments
from judgments.queries.adjudication import disputed
from judgments.queries.agreement import agreements, finished_measurements, overall
from judgments.queries.campaigns import campaigns
from judgments.queries.gold import golds
from judgments.queries.own import own_work
from judgments.queries.queue import ASIDE, put_aside, queues
from ranking.labels import blend_words
from ranking.models import Run
from ranking.queries import browse, confusion, overview, stale
from ranking.queries.morning import morning
from ranking.queries.pace import pace
from taxonomy import queries as tree
from taxonomy.queries import discriminators as texts
from taxonomy.queries import history

A_FEW = 8


def for_merchandisers(_: User) -> dict[str, Any]:
    newest = browse.runs().first()
    counts = overview.page_state_counts()
    return {
        "morning": morning(A_FEW),
        "counts": [(key, label, counts[key]) for key, label in overview.PAGE_STATES.items()],
        "run": newest,
        "pace": pace(newest) if newest else None,
        "blend": blend_words(newest.blend) if newest else "",
        "weakest": overview.weakest_pages()[:A_FEW],
        "failed": overview.page_lines(list(overview.pages_overview("failed")[:A_FEW])),
        "relaxed": overview.page_lines(list(overview.pages_overview("relaxed")[:A_FEW])),
        "token": uuid.uuid4(),
    }


def for_taxonomists(_: User) -> dict[str, Any]:
    pairs = list(confusion.confused_pairs()[:A_FEW])
    drafts = texts.texts("draft")
    stale_pages = stale.stale_pages()
    shown = Paginator(stale_pages, A_FEW).get_page(1)
    return {
        "confused": confusion.pair_lines(pairs),
        "coverage": confusion.coverage(),
        "without_text": confusion.without_text(),
        "measured": Run.objects.filter(measured_at__isnull=False).exists(),
        "drafts": texts.text_states(drafts[:A_FEW]),
        "drafts_count": drafts.count(),
        "pages": shown,
        "lines": stale.stale_lines(shown),
        "stale_count": shown.paginator.count,
        "token": uuid.uuid4(),
        "events": history.events(history.moments(with_versions=False)[:A_FEW]),
        "figures": tree.tree_figures(),
        "imports": tree.recent_imports()[:3],
        "empty_pages": tree.pages_without_products()[:A_FEW],
        "empty_pages_count": tree.pages_without_products().count(),
        "retired": tree.retired_with_products()[:A_FEW],
        "unfiled": tree.unfiled_products(),
    }


def for_annotators(user: User) -> dict[str, Any]:
    annotator = annotator_of(user)
    mine = queues(annotator)
    open_to_me = [one for one in mine if one.state != ParticipationState.PAUSED]
    return {
        "queues": mine,
        "left": sum(queue.left for queue in open_to_me),
        "aside": {state: put_aside(annotator, state).count() for state in ASIDE},
        "work": own_work(annotator),
        "sitting": uuid.uuid4(),
    }


def for_leads(_: User) -> dict[str, Any]:
    measured = finished_measurements().first()
    by_page = agreements(measured, Scope.PAGE) if measured else None
    held_up = Participation.objects.exclude(state=ParticipationState.ACTIVE)
    return {
        "figures": judged_figures(),
        "campaigns": campaigns().exclude(state=CampaignState.FINISHED)[:A_FEW],
        "held_up": held_up.filter(campaign__state=CampaignState.RUNNING)
        .select_related("campaign", "annotator")
        .order_by("-state", "annotator__name")[:A_FEW],
        "proposed": golds(GoldState.PROPOSED).count(),
        "disputed": len(disputed()),
        "measured": measured,
        "everybody": overall(measured) if measured else None,
        "lowest": by_page.filter(coefficient__isnull=False).order_by("coefficient", "id")[:A_FEW]
        if by_page is not None
        else [],
        "fewest": pages_by_judgments()[:A_FEW],
    }


HOMES: dict[str, Callable[[User], dict[str, Any]]] = {
    "merchandisers": for_merchandisers,
    "taxonomists": for_taxonomists,
    "leads": for_leads,
    "annotators": for_annotators,
}
