"""What people's words come to: the grades that are learned from, and what each counts."""

from __future__ import annotations

from collections import defaultdict

from django.conf import settings
from django.db.models import QuerySet

from judgments.models import Judgment, Scope
from judgments.queries.agreement import agreements, finished_measurements
from judgments.queries.judgments import COUNTS_FOR, counting, current_judgments
from judgments.truth import Rule, Truth, Word, settled
from judgments.truth.weighing import clipped

Pair = tuple[int, int]  # page, product


def rule_now() -> Rule:
    """Return the rule that is set, with people's reliability as it was measured last."""
    return Rule(
        settings.SEESTOCKS_TRUTH,
        settings.SEESTOCKS_SOURCE_WEIGHTS,
        reliabilities(),
    )


def reliabilities() -> dict[int, float]:
    """Return each measured person's alpha with the others, no less than 0.05, by their id."""
    newest = finished_measurements().first()
    if newest is None:
        return {}
    measured = agreements(newest, Scope.PERSON).filter(coefficient__isnull=False)
    rows = measured.values_list("annotator_id", "coefficient")
    return {person: clipped(alpha) for person, alpha in rows}


def truths(until: int | None = None, rule: Rule | None = None) -> dict[Pair, Truth]:
    """Return the truth about each judged pair, by page and product, in ascending order.

    By today's rule unless told; `until` is the last judgment's id that counts. What people judged
    for a category that was retired counts for the one in its place.
    """
    return settled(words_of(counting(current_judgments(until)), COUNTS_FOR), rule or rule_now())


def words_of(judgments: QuerySet[Judgment], page: str = "page") -> dict[Pair, list[Word]]:
    """Return the words of each pair, by page and product; of a person the latest on each."""
    words: dict[Pair, dict[int, Word]] = defaultdict(dict)
    columns = (page, "product", "annotator", "grade", "source", "id", "belongs_to")
    for at, product, annotator, grade, source, number, belongs_to in (
        judgments.order_by("id").values_list(*columns).iterator(chunk_size=5_000)
    ):
        elsewhere = belongs_to not in (None, at)
        words[at, product][annotator] = Word(annotator, grade, source, number, elsewhere)
    return {pair: list(words[pair].values()) for pair in sorted(words)}
