"""Two people at the same product of the same page, at the same moment."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence

import pytest
from django.db import connections

from ranking.actions.hand import Done, DraftedMeanwhile, NotNow, Wish, draft, go_live
from ranking.actions.wrong_here import wrong_here
from ranking.models import HandRule, HandState
from taxonomy.models import Category, Product
from tests.factories import make_product, make_user
from tests.ranking.conftest import products
from tests.ranking.published import publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What each act came to: what it returned, or the refusal."""
    start, outcomes = threading.Barrier(len(acts)), list[object]()

    def go(act: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes.append(act())
        except (DraftedMeanwhile, NotNow) as refused:
            outcomes.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def drafted(page: Category, product: Product, based_on: int | None, place: int) -> HandRule:
    wish, token = Wish("pin", place=place), uuid.uuid4()
    return draft(page, product, wish, by=None, token=token, based_on=based_on)


def test_of_those_who_draft_at_once_one_is_kept_and_the_others_are_told(pepper: Category) -> None:
    product = make_product()
    outcomes = at_once([lambda n=n: drafted(pepper, product, None, n) for n in (1, 2, 3)])  # type: ignore[misc]  # a default for each
    rule = HandRule.objects.get()
    refused = [one for one in outcomes if isinstance(one, DraftedMeanwhile)]
    assert rule in outcomes
    assert [one.newest for one in refused] == [rule, rule]


def test_a_draft_is_changed_or_published_and_never_both(pepper: Category) -> None:
    shown = products(2)
    publish(pepper, shown)
    first = drafted(pepper, shown[1], None, 1)
    outcomes = at_once(
        [
            lambda: drafted(pepper, shown[1], first.pk, 2),
            lambda: go_live(pepper, [first.pk], by=None),
        ]
    )
    first.refresh_from_db()
    went_live = any(isinstance(one, Done) for one in outcomes)
    assert first.state == (HandState.LIVE if went_live else HandState.DISCARDED)
    assert sum(isinstance(one, DraftedMeanwhile | NotNow) for one in outcomes) == 1


def test_two_clicks_on_publish_make_one_release(pepper: Category) -> None:
    shown = products(2)
    publish(pepper, shown)
    rule = drafted(pepper, shown[1], None, 1)
    outcomes = at_once([lambda: go_live(pepper, [rule.pk], by=None)] * 3)
    releases = [one.release for one in outcomes if isinstance(one, Done) and one.release]
    assert len(releases) == 1
    assert HandRule.objects.get().state == HandState.LIVE


def test_two_clicks_on_wrong_here_make_one_draft(pepper: Category) -> None:
    mira, product, token = make_user("merchandisers"), make_product(), uuid.uuid4()
    outcomes = at_once([lambda: wrong_here(pepper, product, by=mira, token=token)] * 3)
    assert outcomes == [HandRule.objects.get()] * 3
