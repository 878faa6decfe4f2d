"""Quality over time: which runs are on the line, and what was published when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ranking.actions.notes import write_note
from ranking.models import Run
from ranking.queries.timeline import chart, timeline
from taxonomy.models import Category
from tests.factories import make_category, make_user
from tests.ranking.comparing import judged, make_page, measured, publish, rank
from tests.ranking.conftest import HTMX, text_of

pytestmark = pytest.mark.django_db


def nights(page: Category, *shares: float) -> list[Run]:
    """Return runs of one night after another, with this share of right products each."""
    right, wrong = judged(page, 3, 10), judged(page, 0, 10)
    runs = []
    for night, share in enumerate(shares):
        good = round(10 * share)
        as_of = timezone.now() - timedelta(days=len(shares) - night)
        runs.append(rank({page: [*right[:good], *wrong[: 10 - good]]}, as_of=as_of))
        measured(runs[-1])
    return runs


def test_before_any_run_is_measured_the_page_says_when_the_line_begins(
    merchandiser: Client,
) -> None:
    assert "No run has been measured yet" in text_of(merchandiser, reverse("quality"))


def test_runs_stand_in_their_order_with_what_they_reached() -> None:
    runs = nights(make_page(make_category()), 0.5, 0.8, 0.7)
    line = timeline()
    assert [one.run for one in line] == runs
    assert [one.figures["right"]["mean"] for one in line] == [0.5, 0.8, 0.7]
    drawn = chart(line, "right")
    assert drawn is not None
    assert [point.x for point in drawn.points] == sorted(point.x for point in drawn.points)
    heights = [point.y for point in drawn.points]
    assert heights[1] < heights[2] < heights[0]  # downwards as screens count
    assert all(0 <= value <= 100 for point in drawn.points for value in (point.top, point.bottom))


def test_a_run_of_one_branch_is_not_on_the_line() -> None:
    pages = [make_page(make_category()) for _ in range(3)]
    products = judged(pages[0], 3, 3)
    whole = rank(dict.fromkeys(pages, products))
    for run in (whole, rank({pages[0]: products})):
        measured(run)
    assert [one.run for one in timeline()] == [whole]


def test_a_run_that_was_measured_twice_stands_once_with_the_newer_figures() -> None:
    page = make_page(make_category())
    (run,) = nights(page, 0.5)
    newer = measured(run)
    assert [one.comparison for one in timeline()] == [newer.pk]


def test_what_was_published_and_what_was_written_is_seen_beside_the_run(
    merchandiser: Client,
) -> None:
    first, second = nights(make_page(make_category()), 0.5, 0.8)
    release = publish(second)
    write_note(first, "The feed of shoes was missing.", by=make_user("merchandisers"))
    line = timeline()
    assert [one.releases for one in line] == [[], [release]]
    text = text_of(merchandiser, reverse("quality"))
    assert "The feed of shoes was missing." in text
    assert 'class="at out"' in text
    assert '<line class="published"' in text
    assert text.count('<line class="at') == 2


def test_another_figure_comes_as_a_part(merchandiser: Client) -> None:
    nights(make_page(make_category()), 0.5, 0.8)
    part = text_of(merchandiser, f"{reverse('quality')}?figure=wrong", **HTMX)
    assert "<html" not in part
    assert "The fewer the better." in part
    assert "known of no run" in text_of(merchandiser, f"{reverse('quality')}?figure=misfiled")


def test_runs_at_one_moment_do_not_divide_by_nothing() -> None:
    page = make_page(make_category())
    now = timezone.now()
    run = rank({page: judged(page, 3, 3)}, as_of=now)
    measured(run)
    drawn = chart(timeline(), "order")
    assert drawn is not None
    assert [point.x for point in drawn.points] == [50.0]
