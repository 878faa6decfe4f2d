"""Runs that are published and compared, for tests of the gate and of what people see."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ranking.actions.compare import ask_for_comparison, ask_for_gate
from ranking.actions.job_pieces import work_here
from ranking.actions.publish import publish_run
from ranking.models import Comparison, Release, Run
from ranking.queries.shown import newest_release
from ranking.queries.sides import Side, side_of
from taxonomy.models import Category, Product
from tests.factories import make_category, make_judgment, make_product
from tests.ranking.rankings import make_ranking, make_run


def make_page(branch: Category, name: str = "") -> Category:
    return make_category(name, parent=branch, is_page=True)


def judged(page: Category, grade: int, number: int) -> list[Product]:
    """Return new products that Ann gave this grade on the page."""
    products = [make_product() for _ in range(number)]
    for product in products:
        make_judgment(page, product, grade)
    return products


def rank(pages: Mapping[Category, Sequence[Product]], **fields: Any) -> Run:
    """Return a run that is done and shows these products, in their order."""
    run = make_run(**fields)
    for page, products in pages.items():
        make_ranking(page, shown=products, run=run)
    return run


def publish(run: Run) -> Release:
    """Publish it, whatever the gate says."""
    newest = newest_release()
    return publish_run(
        run,
        by=None,
        token=uuid.uuid4(),
        based_on=newest.pk if newest else None,
        note="A test.",
        against_gate=True,
    )


def measured(run: Run) -> Comparison:
    """Return the run's gate, measured by a worker."""
    return worked_at(ask_for_gate(run, here=True))


def compared(*sides: str | Run) -> Comparison:
    """Return the comparison of these sides, as a worker measured it."""
    return worked_at(ask_for_comparison([_side(side) for side in sides], here=True))


def worked_at(comparison: Comparison) -> Comparison:
    work_here(comparison)
    comparison.refresh_from_db()
    return comparison


def _side(side: str | Run) -> Side:
    return side_of(side) if isinstance(side, str) else Side("run", side.pk)
