"""The screens of comparing: what a merchandiser sees of two runs, and of one page side by side."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ranking.actions.compare import ask_for_comparison
from ranking.models import Comparison, HandRule, NightPlan, Run, State
from ranking.queries.gate import FEWEST
from ranking.queries.sides import Side
from taxonomy.models import Category
from tests.factories import make_category, make_product
from tests.ranking.comparing import compared, judged, make_page, measured, publish, rank
from tests.ranking.conftest import HTMX, text_of
from tests.ranking.rankings import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def boots() -> Category:
    return make_page(make_category("Shoes"), "Boots")


def waiting() -> Comparison:
    sides = [Side("run", make_run().pk) for _ in range(2)]
    return ask_for_comparison(sides, here=True)


def ask(client: Client, *sides: str, **more: str) -> str:
    """Return where the form leads."""
    form = {"token": str(uuid.uuid4()), "side": list(sides)} | more
    response = client.post(reverse("ask_comparison"), form)
    assert response.status_code == 302
    return response.headers["Location"]


# Choosing


def test_without_a_run_the_page_says_what_could_be_compared(merchandiser: Client) -> None:
    assert "There is nothing to compare yet" in text_of(merchandiser, reverse("compare"))


def test_runs_and_releases_can_be_chosen(merchandiser: Client, boots: Category) -> None:
    release = publish(rank({boots: [make_product()]}))
    make_run(State.RUNNING)
    text = text_of(merchandiser, reverse("compare"))
    for value in ("published", f"run:{release.run_id}", f"release:{release.pk}"):
        assert f'<option value="{value}"' in text
    assert text.count("<option ") == 3


def ticked(client: Client) -> tuple[list[str], list[str]]:
    """Return what the form holds against, and which boxes are ticked."""
    text = text_of(client, reverse("compare"))
    return re.findall(r'value="([^"]*)" selected', text), re.findall(
        r'value="([^"]*)" checked', text
    )


def test_the_form_comes_with_what_one_compares_in_the_morning(
    merchandiser: Client, boots: Category
) -> None:
    first, second = (rank({boots: [make_product()]}) for _ in range(2))
    assert ticked(merchandiser) == ([f"run:{first.pk}"], [f"run:{second.pk}"])
    before = publish(first)
    assert ticked(merchandiser) == (["published"], [f"run:{second.pk}"])
    publish(second)  # the night has done it
    assert ticked(merchandiser) == ([f"release:{before.pk}"], ["published"])
    make_run(State.RUNNING)
    assert ticked(merchandiser) == ([f"release:{before.pk}"], ["published"])


def test_what_somebody_chose_stays_ticked_beside_a_refusal(
    merchandiser: Client, boots: Category
) -> None:
    run = rank({boots: [make_product()]})
    rank({boots: [make_product()]})
    refused = merchandiser.get(f"{reverse('compare')}?side=run:{run.pk}")
    assert refused.status_code == 422
    assert " checked" not in refused.content.decode()


def test_sides_in_the_address_lead_to_their_comparison(
    merchandiser: Client, boots: Category
) -> None:
    publish(rank({boots: [make_product()]}))
    run = rank({boots: [make_product()]})
    address = f"{reverse('compare')}?side=published&side=run:{run.pk}"
    text = text_of(merchandiser, address)
    assert f'value="run:{run.pk}" checked' in text
    comparison = measured(run)
    led = merchandiser.get(address)
    assert led.headers["Location"] == reverse("comparison", args=(comparison.pk,))


def test_a_comparison_with_what_is_published_no_longer_is_not_led_to(
    merchandiser: Client, boots: Category
) -> None:
    publish(rank({boots: [make_product()]}))
    run = rank({boots: [make_product()]})
    comparison = measured(run)
    publish(rank({boots: [make_product()]}))
    assert merchandiser.get(f"/compare/?side=published&side=run:{run.pk}").status_code == 200
    text = text_of(merchandiser, reverse("comparison", args=(comparison.pk,)))
    assert "Something else has been published since" in text


def test_what_cannot_be_compared_is_told_in_a_sentence(merchandiser: Client) -> None:
    run = make_run()
    for query, status in (
        (f"side=run:{run.pk}", 422),
        (f"side=run:{run.pk}&side=published", 422),
        ("side=run:abc", 400),
    ):
        assert merchandiser.get(f"/compare/?{query}").status_code == status


def test_the_form_asks_once_and_finds_what_is_there(merchandiser: Client, boots: Category) -> None:
    first, other = (rank({boots: [make_product()]}) for _ in range(2))
    sides = (f"run:{first.pk}", f"run:{first.pk}", f"run:{other.pk}")  # the box was ticked too
    led = ask(merchandiser, *sides)
    assert ask(merchandiser, *sides) == led
    assert Comparison.objects.get().settings["sides"] == [{"run": first.pk}, {"run": other.pk}]
    assert ask(merchandiser, *sides, anew="1") != led


# While it is measured, and afterwards


def test_its_progress_is_seen_and_it_can_be_cancelled_and_tried_again(merchandiser: Client) -> None:
    comparison = waiting()
    address = reverse("comparison", args=(comparison.pk,))
    assert "Waiting for a worker" in text_of(merchandiser, address)
    later = timezone.now() + timedelta(minutes=1)
    at_work = {"state": State.RUNNING, "stage": "Reading Run 2", "stage_total": 2}
    Comparison.objects.filter(pk=comparison.pk).update(lease_until=later, **at_work)
    headers = HTMX | {"HX-Target": "measuring"}
    part = merchandiser.get(address, headers=headers)
    assert "Reading Run 2: 0 of 2" in part.content.decode()
    assert "<html" not in part.content.decode()
    merchandiser.post(reverse("cancel_comparison", args=(comparison.pk,)))
    assert "Stopping." in text_of(merchandiser, address)
    Comparison.objects.update(state=State.CANCELLED, lease_until=None)
    assert merchandiser.get(address, headers=headers).headers["HX-Refresh"] == "true"
    assert "The comparison was cancelled" in text_of(merchandiser, address)
    merchandiser.post(reverse("resume_comparison", args=(comparison.pk,)))
    comparison.refresh_from_db()
    assert comparison.state == State.WAITING


def test_how_good_the_sides_are_is_told_with_intervals(
    merchandiser: Client, boots: Category
) -> None:
    right, wrong = judged(boots, 3, 3), judged(boots, 0, 1)
    comparison = compared(rank({boots: right}), rank({boots: [*wrong, *right]}))
    text = text_of(merchandiser, reverse("comparison", args=(comparison.pk,)))
    assert "100.0\xa0%" in text
    assert "75.0\xa0%" in text
    assert "−25.0" in text
    assert "Shoes" in text
    assert "Boots" in text
    assert "nobody has judged what it shows" not in text


def test_the_pages_that_changed_most_come_first_or_those_that_lost_most(
    merchandiser: Client,
) -> None:
    branch = make_category("Shoes")
    little, much, same = (make_page(branch, name) for name in ("Little", "Much", "Same"))
    right, wrong = judged(little, 3, 4), judged(little, 0, 4)
    others = [make_product() for _ in range(8)]
    first = rank({little: right, much: others[:4], same: others})
    other = rank({little: [*right[:3], wrong[0]], much: others[4:], same: others})
    address = reverse("comparison", args=(compared(first, other).pk,))
    text = text_of(merchandiser, address, **HTMX)
    assert text.index("Much") < text.index("Little")
    assert "Same" not in text
    by_loss = text_of(merchandiser, f"{address}?sort=right", **HTMX)
    assert by_loss.index("Little") < by_loss.index("Much")
    assert "not judged" in by_loss


def test_of_three_sides_one_after_another_is_looked_at(
    merchandiser: Client, boots: Category
) -> None:
    products = [make_product() for _ in range(4)]
    runs = [rank({boots: products}), rank({boots: products}), rank({boots: products[::-1]})]
    address = reverse("comparison", args=(compared(*runs).pk,))
    assert "No page shows anything else" in text_of(merchandiser, address)
    text = text_of(merchandiser, f"{address}?of=2")
    assert "1 page changed" in text
    assert f"By branch: Run {runs[2].pk}" in text


def test_a_gate_that_is_shut_says_why_on_the_run_and_on_its_comparison(
    merchandiser: Client,
) -> None:
    pages = [make_page(make_category("Shoes")) for _ in range(1)]
    branch = pages[0].parent
    pages += [make_page(branch) for _ in range(FEWEST)] if branch else []
    right = {page: judged(page, 3, 3) for page in pages}
    publish(rank(right))
    run = rank({page: [*judged(page, 0, 3), *shown] for page, shown in right.items()})
    comparison = measured(run)
    for address in (
        reverse("run", args=(run.pk,)),
        reverse("comparison", args=(comparison.pk,)),
    ):
        text = text_of(merchandiser, address)
        assert "Shoes is worse: of what is judged among the first ten, 50.0 % is right" in text
    NightPlan.objects.update(bound=0.6)
    assert "shut" in text_of(merchandiser, reverse("run", args=(run.pk,)))


def test_a_run_that_was_not_compared_can_be_from_its_page(
    merchandiser: Client, boots: Category
) -> None:
    publish(rank({boots: [make_product()]}))
    run = rank({boots: [make_product()]})
    assert "It has not been compared" in text_of(merchandiser, reverse("run", args=(run.pk,)))
    asked = merchandiser.post(reverse("measure_gate", args=(run.pk,)), {"token": uuid.uuid4()})
    comparison = Comparison.objects.get(run=run)
    assert asked.headers["Location"] == reverse("comparison", args=(comparison.pk,))
    assert "See how far it is" in text_of(merchandiser, reverse("run", args=(run.pk,)))


# Side by side


def beside(client: Client, comparison: Comparison, page: Category, query: str = "") -> str:
    return text_of(client, reverse("compare_page", args=(comparison.pk, page.pk)) + query)


def test_a_page_side_by_side_says_what_moved_came_and_went(
    merchandiser: Client, boots: Category
) -> None:
    stays, falls, rises, goes, comes = (
        make_product(name) for name in ("Stays", "Falls", "Rises", "Goes", "Comes")
    )
    first = rank({boots: [stays, falls, rises, goes]})
    other = rank({boots: [stays, rises, falls, comes]})
    text = beside(merchandiser, compared(first, other), boots)
    left, right = text.split('<section class="side-of right"')
    assert f'id="left-{goes.pk}"' in left
    assert left.count('product alone"') == right.count('product alone"') == 1
    for product, words in ((rises, "▲ 1"), (falls, "▼ 1"), (stays, "="), (comes, "new")):
        tile = right.split(f'id="right-{product.pk}"')[1].split("</li>")[0]
        assert words in tile
    assert "→ 2" in left.split(f'id="left-{rises.pk}"')[1].split("</li>")[0]


def test_the_keys_lead_to_the_pages_that_changed_more_and_less(merchandiser: Client) -> None:
    branch = make_category("Shoes")
    pages = [make_page(branch, name) for name in ("Most", "Middle", "Least")]
    products = [make_product() for _ in range(12)]
    orders = ([*products[6:]], [*products[2:8]], [products[1], products[0], *products[2:6]])
    first = rank(dict.fromkeys(pages, products[:6]))
    comparison = compared(first, rank(dict(zip(pages, orders, strict=True))))
    text = beside(merchandiser, comparison, pages[1], "?sort=")
    assert "2 of 3 that changed" in text
    before, after = text.split('rel="next"')
    assert f"/pages/{pages[0].pk}/" in before
    assert 'data-key="ArrowLeft"' in before
    assert f"/pages/{pages[2].pk}/" in after.split(">")[0]


def test_what_was_published_is_shown_as_it_was_told_though_the_shop_shows_something_else_now(
    merchandiser: Client, boots: Category
) -> None:
    publish(rank({boots: [make_product("Winter boots")]}))
    run = rank({boots: [make_product("Summer boots")]})
    comparison = measured(run)
    publish(run)
    left, right = beside(merchandiser, comparison, boots).split('<section class="side-of right"')
    assert "Winter boots" in left
    assert "Summer boots" in right


def test_rules_that_went_live_since_are_told(merchandiser: Client, boots: Category) -> None:
    products = [make_product() for _ in range(2)]
    comparison = compared(rank({boots: products}), rank({boots: products[::-1]}))
    assert "went live or ended" not in beside(merchandiser, comparison, boots)
    HandRule.objects.create(
        page=boots, product=products[0], kind="hide", state="live", live_at=timezone.now()
    )
    assert "went live or ended" in beside(merchandiser, comparison, boots)


def test_products_that_were_let_go_since_are_told(merchandiser: Client, boots: Category) -> None:
    first, other = (rank({boots: [make_product()]}) for _ in range(2))
    comparison = compared(first, other)
    Run.objects.get(pk=first.pk).page_runs.get().products.all().delete()
    assert "is no longer kept" in beside(merchandiser, comparison, boots)


def test_a_page_that_one_of_the_two_does_not_have_is_not_there(
    merchandiser: Client, boots: Category
) -> None:
    other = make_page(make_category(), "Other")
    runs = [rank({boots: [make_product()]}), rank({boots: [], other: [make_product()]})]
    comparison = compared(*runs)
    address = reverse("compare_page", args=(comparison.pk, other.pk))
    assert merchandiser.get(address).status_code == 404
    assert merchandiser.get(f"{address}?of=7").status_code == 404


def test_looking_at_a_comparison_takes_few_queries(
    merchandiser: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    branch = make_category("Shoes")
    pages = [make_page(branch) for _ in range(30)]
    products = [make_product() for _ in range(3)]
    comparison = compared(
        rank(dict.fromkeys(pages, products)), rank(dict.fromkeys(pages, products[::-1]))
    )
    with django_assert_max_num_queries(30):  # type: ignore[operator]  # a function
        text_of(merchandiser, reverse("comparison", args=(comparison.pk,)))


def test_the_home_leads_in_one_click_to_what_last_nights_run_would_change(
    merchandiser: Client, boots: Category
) -> None:
    products = judged(boots, 3, 2)
    publish(rank({boots: products}))
    assert "see what changed" not in text_of(merchandiser, reverse("home"))
    comparison = measured(rank({boots: products[::-1]}))
    text = text_of(merchandiser, reverse("home"))
    assert f'href="{reverse("comparison", args=(comparison.pk,))}">see what changed' in text
