"""What merchandisers see and do by hand on a page, with and without JavaScript."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from judgments.queries.judgments import current_judgments
from ranking.models import HandRule, HandState
from ranking.queries.shown import shown_publication
from taxonomy.models import Category, Product
from tests.factories import make_product, make_user
from tests.ranking.conftest import HTMX, products, text_of
from tests.ranking.published import publish
from tests.ranking.rankings import make_ranking

pytestmark = pytest.mark.django_db
Shown = list[Product]
IN_DRAWER = HTMX | {"HX-Target": "hand-form"}


@pytest.fixture
def shown(pepper: Category) -> Shown:
    """Return the three products of the published page of pepper."""
    made = products(3)
    publish(pepper, made)
    return made


def form(**said: object) -> dict[str, object]:
    return {"token": str(uuid.uuid4()), "based_on": ""} | said


def drafted(client: Client, product: Product, **said: object) -> HandRule:
    response = client.post(f"/pages/7/hand/{product.pk}/draft/", form(**said))
    assert response.status_code == 302
    return HandRule.objects.latest("id")


def test_each_tile_offers_to_pin_it_and_to_say_that_it_is_wrong(
    merchandiser: Client, shown: Shown
) -> None:
    page = text_of(merchandiser, "/pages/7/")
    assert page.count("Wrong here</button>") == 3
    assert f'href="/pages/7/hand/{shown[0].pk}/"' in page


def test_who_may_only_look_is_offered_nothing(client: Client, shown: Shown) -> None:
    client.force_login(make_user("taxonomists"))
    assert "Wrong here" not in text_of(client, "/pages/7/")
    form_page = text_of(client, f"/pages/7/hand/{shown[0].pk}/")
    assert "Save as draft" not in form_page


def test_the_form_starts_from_where_the_product_stands(merchandiser: Client, shown: Shown) -> None:
    page = text_of(merchandiser, f"/pages/7/hand/{shown[2].pk}/")
    assert "position 3" in page
    assert 'name="place" inputmode="numeric" min="1" max="1000" value="3"' in page


def test_a_pin_is_drafted_until_the_end_of_a_day_with_a_note(
    merchandiser: Client, shown: Shown
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    rule = drafted(merchandiser, shown[2], kind="pin", place=1, until=day, note="For the fair")
    assert (rule.words, rule.state, rule.note) == ("Pin to 1", HandState.DRAFT, "For the fair")
    assert rule.until
    assert timezone.localtime(rule.until).isoformat()[:19] == f"{day + timedelta(days=1)}T00:00:00"
    page = text_of(merchandiser, f"/pages/7/hand/{shown[2].pk}/")
    assert f'value="{day}"' in page
    assert "For the fair" in page


def test_the_page_tells_what_its_drafts_would_change(merchandiser: Client, shown: Shown) -> None:
    drafted(merchandiser, shown[2], kind="pin", place=1)
    drafted(merchandiser, shown[0], kind="hide")
    page = text_of(merchandiser, "/pages/7/")
    assert "2 rules by hand, not published: 2 products would stand elsewhere" in page
    assert "3 → 1 · Pinned to 1." in page
    assert "1 → not shown · Hidden." in page
    assert "draft: pin to 1" in page


def test_a_pin_without_a_place_is_refused_beside_its_field(
    merchandiser: Client, shown: Shown
) -> None:
    address = f"/pages/7/hand/{shown[0].pk}/draft/"
    response = merchandiser.post(address, form(kind="pin", note="Keep this"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "A pin has a place from 1 to 1,000." in page
    assert 'value="Keep this"' in page
    assert not HandRule.objects.exists()


def test_a_day_that_is_over_is_refused(merchandiser: Client, shown: Shown) -> None:
    address = f"/pages/7/hand/{shown[0].pk}/draft/"
    response = merchandiser.post(address, form(kind="hide", until="2020-02-02"))
    assert response.status_code == 422
    assert "is to come" in response.content.decode()


def test_whoever_is_late_sees_the_other_draft_and_keeps_what_they_wrote(
    merchandiser: Client, shown: Shown
) -> None:
    drafted(merchandiser, shown[0], kind="hide")
    address = f"/pages/7/hand/{shown[0].pk}/draft/"
    response = merchandiser.post(address, form(kind="pin", place=2, note="Mine"), headers=HTMX)
    assert response.status_code == 409
    part = response.content.decode()
    assert "Theirs: <b>Hide</b>" in part
    assert 'value="Mine"' in part
    assert "<html" not in part


def test_saved_in_the_drawer_it_answers_with_the_tile_and_the_drafts(
    merchandiser: Client, shown: Shown
) -> None:
    address = f"/pages/7/hand/{shown[2].pk}/draft/"
    response = merchandiser.post(address, form(kind="pin", place=1), headers=IN_DRAWER)
    part = response.content.decode()
    assert response.status_code == 200
    assert f'id="by-hand-{shown[2].pk}"' in part
    assert 'id="drafts"' in part
    assert part.count("hx-swap-oob") == 2
    assert "On the draft: pin to 1." in part


def test_wrong_here_is_one_click_and_undone_by_another(merchandiser: Client, shown: Shown) -> None:
    token = {"token": str(uuid.uuid4())}
    response = merchandiser.post(f"/pages/7/hand/{shown[1].pk}/wrong/", token, headers=HTMX)
    part = response.content.decode()
    assert "draft: hide" in part
    assert "2 people are asked to check." in part
    rule = HandRule.objects.get()
    undone = merchandiser.post(f"/hand/{rule.pk}/discard/", headers=HTMX).content.decode()
    assert "Wrong here</button>" in undone
    assert not current_judgments().exists()


def test_wrong_here_works_without_javascript(merchandiser: Client, shown: Shown) -> None:
    token = {"token": str(uuid.uuid4())}
    response = merchandiser.post(f"/pages/7/hand/{shown[1].pk}/wrong/", token, follow=True)
    assert "Two people are asked to check" in response.content.decode()


def test_one_form_s_token_serves_all_tiles(merchandiser: Client, shown: Shown) -> None:
    token = {"token": str(uuid.uuid4())}
    for product in shown[:2]:
        merchandiser.post(f"/pages/7/hand/{product.pk}/wrong/", token)
    assert HandRule.objects.count() == 2


def test_the_draft_stands_beside_the_live_page(merchandiser: Client, shown: Shown) -> None:
    drafted(merchandiser, shown[2], kind="pin", place=1)
    page = text_of(merchandiser, "/pages/7/draft/")
    assert page.index("With the draft") < page.rindex("Peppercorns no. 3")
    assert page.count('class="differs"') == 2
    assert "Publish it</button>" in page


@pytest.mark.usefixtures("shown")
def test_without_drafts_it_says_where_they_come_from(merchandiser: Client) -> None:
    assert "Nothing is drafted" in text_of(merchandiser, "/pages/7/draft/")


def test_published_drafts_are_in_the_shop(merchandiser: Client, shown: Shown) -> None:
    rule = drafted(merchandiser, shown[2], kind="pin", place=1)
    response = merchandiser.post("/pages/7/draft/publish/", {"rule": [rule.pk]}, follow=True)
    assert "and the shop shows it" in response.content.decode()
    publication = shown_publication(7)
    assert publication
    assert publication.listing.first[0] == shown[2].pk
    assert "Pinned by hand" in response.content.decode()


def test_a_draft_that_was_discarded_meanwhile_is_not_published(
    merchandiser: Client, shown: Shown
) -> None:
    rule = drafted(merchandiser, shown[2], kind="pin", place=1)
    merchandiser.post(f"/hand/{rule.pk}/discard/")
    response = merchandiser.post("/pages/7/draft/publish/", {"rule": [rule.pk]}, follow=True)
    assert "changed the drafts meanwhile" in response.content.decode()


@pytest.mark.usefixtures("shown")
def test_publishing_names_its_drafts(merchandiser: Client) -> None:
    assert merchandiser.post("/pages/7/draft/publish/").status_code == 400


def test_a_live_rule_is_ended_where_all_rules_of_the_page_are(
    merchandiser: Client, shown: Shown
) -> None:
    rule = drafted(merchandiser, shown[2], kind="pin", place=1)
    merchandiser.post("/pages/7/draft/publish/", {"rule": [rule.pk]})
    assert "Pinned to 1." in text_of(merchandiser, "/pages/7/rules/")
    response = merchandiser.post(f"/hand/{rule.pk}/end/", follow=True)
    page = response.content.decode()
    assert "The rule is ended, and the shop shows it" in page
    assert "Nobody has pinned" in page


def test_all_rules_of_a_page_are_grouped_by_where_they_come_from(
    merchandiser: Client, pepper: Category
) -> None:
    page_run = make_ranking(pepper, products(2), [make_product("Salt")])
    moved = {"rule": "freshness", "reason": "Old.", "places": -1}
    page_run.ranked.filter(position=2).update(moves=[moved])
    page = text_of(merchandiser, "/pages/7/rules/")
    for heading in ("By hand, live", "The machine’s", "The defaults"):
        assert heading in page
    assert '<a class="link" href="/pages/7/removed/?rule=minimum%20confidence">1</a>' in page


@pytest.mark.usefixtures("pepper")
def test_a_page_that_was_never_ranked_has_rules_all_the_same(merchandiser: Client) -> None:
    assert "has not been ranked yet" in text_of(merchandiser, "/pages/7/rules/")
    assert "has not been ranked yet" in text_of(merchandiser, "/pages/7/draft/")


def test_a_product_that_is_no_candidate_can_be_pinned(merchandiser: Client, shown: Shown) -> None:
    stranger = make_product("Pepper mill")
    assert "not shown" in text_of(merchandiser, f"/pages/7/hand/{stranger.pk}/")
    drafted(merchandiser, stranger, kind="pin", place=2)
    page = text_of(merchandiser, "/pages/7/?show=draft")
    assert "Pepper mill" in page
    assert "shown without a score" in page


@pytest.mark.parametrize("address", ["/pages/7/hand/99/", "/pages/8/draft/", "/pages/8/rules/"])
@pytest.mark.usefixtures("pepper")
def test_what_is_not_there_is_not_found(merchandiser: Client, address: str) -> None:
    assert merchandiser.get(address).status_code == 404


def test_a_wrong_here_without_its_token_is_refused(merchandiser: Client, shown: Shown) -> None:
    assert merchandiser.post(f"/pages/7/hand/{shown[0].pk}/wrong/").status_code == 400


def test_undone_what_only_the_draft_brought_to_the_page_is_gone(
    merchandiser: Client, shown: Shown
) -> None:
    rule = drafted(merchandiser, make_product("Pepper mill"), kind="pin", place=1)
    assert shown
    response = merchandiser.post(f"/hand/{rule.pk}/discard/", headers=HTMX)
    assert response.status_code == 200
    assert "by-hand-" not in response.content.decode()
