"""Have people judge what an evaluation found unjudged among the first ten of its pages."""

from __future__ import annotations

from django.contrib.auth.models import User

from judgments.actions.campaigns import start_campaign
from judgments.models import Campaign
from judgments.queries.pools import Candidate
from judgments.queries.shown import weight_of
from ranking.models import Evaluation
from ranking.queries.evaluations import token_of
from ranking.queries.pools import TOP
from taxonomy.models import Category, Product


class NothingToJudge(Exception):
    """All that the pages show first is judged, or gone."""


def judge_next(evaluation: Evaluation, *, by: User | None) -> Campaign:
    """Return the campaign that asks about it, those first whose answer may change most.

    Asked again, the same campaign. Raises NothingToJudge, and BadCampaign for a name that somebody
    else took.
    """
    rows = evaluation.figures.get("unjudged", [])
    pages = set(Category.objects.pages().values_list("id", flat=True))
    wanted = {row["product"] for row in rows}
    products = set(Product.objects.filter(id__in=wanted).values_list("id", flat=True))
    candidates = [
        Candidate(
            page=row["page"],
            product=row["product"],
            pool=TOP,
            expected_change=(1 - row["confidence"]) * weight_of(row["position"]),
        )
        for row in rows
        if row["page"] in pages and row["product"] in products
    ]
    if not candidates:
        raise NothingToJudge("There is nothing to judge: all that pages show first is known.")
    candidates.sort(key=lambda one: (-one.expected_change, one.page, one.product))
    return start_campaign(
        name=f"Shown first and not judged, evaluation {evaluation.pk}",
        by=by,
        token=token_of(evaluation),
        candidates=candidates,
    )
