"""The judging screen as the server draws it: what is on it, what is not, and at what cost."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from judgments.actions.judge import annotator_of
from judgments.models import (
    Adjudication,
    Annotator,
    Answer,
    Campaign,
    Gold,
    Guideline,
    GuidelineRevision,
    Judgment,
    Sitting,
)
from judgments.queries.anchors import anchors_of
from taxonomy.models import Category, Filing
from tests.factories import (
    make_campaign,
    make_category,
    make_item,
    make_judgment,
    make_product,
    make_text,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def pepper() -> Category:
    return make_category("Pepper", parent=make_category("Spices"), is_page=True)


@pytest.fixture
def campaign(pepper: Category) -> Campaign:
    campaign = make_campaign("Spices again", overlap=2)
    for number in range(1, 6):
        make_item(campaign, pepper, make_product(f"Corns no. {number}"))
    return campaign


@pytest.fixture
def ana() -> User:
    return make_user("annotators", username="ana")


@pytest.fixture
def client(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def sit(client: Client, view: str = "focus", **fields: Any) -> str:
    """Sit down; return the address of the screen."""
    started = client.post("/judge/start/", {"id": uuid.uuid4(), "view": view, **fields})
    assert started.status_code == 302
    return str(started["Location"])


def said(client: Client, screen: str, said: str, **fields: Any) -> Any:
    """Press a button of the form without scripts; return the page that comes then."""
    context = client.get(screen).context
    form = {
        "token": context["token"],
        "sequence": context["progress"].sequence + 1,
        "seat": context["leased"].seats[0].pk if context["leased"].seats else "",
        "undoes": context["last"].token if context["last"] else "",
        "said": said,
    }
    return client.post(f"{screen}answer/", form | fields, follow=True)


def test_who_has_nothing_to_judge_is_told_what_to_do_next(client: Client) -> None:
    page = client.get("/judge/").content.decode()
    assert "There is nothing to judge" in page
    assert "A lead or a taxonomist starts one" in page
    lead = Client()
    lead.force_login(make_user("leads"))
    assert "To the campaigns" in lead.get("/judge/").content.decode()


def test_a_queue_says_what_is_left_and_what_one_has_done(
    client: Client, campaign: Campaign
) -> None:
    page = client.get("/judge/").content.decode()
    assert "Spices again" in page
    assert '<span class="large-price num">5</span>' in page
    assert "Where you left off" not in page
    screen = sit(client)
    said(client, screen, "exact")
    page = client.get("/judge/").content.decode()
    assert "4 products kept for you" in page
    assert f'href="{screen}">Go on' in page
    assert '<span class="num">1</span> judged by you' in page
    assert "One page or the other" not in page  # there is nothing of that kind


def test_the_menu_says_how_many_questions_are_open(client: Client, campaign: Campaign) -> None:
    assert "Judge<b>5</b>" in client.get("/judge/").content.decode()


def test_the_screen_shows_page_guideline_and_what_it_is_not_to_be_mistaken_for(
    client: Client, campaign: Campaign, pepper: Category
) -> None:
    mixes = make_category("Seasoning mixes", parent=pepper.parent)
    make_text(mixes, pepper, "a blend for one dish")
    spices = Guideline.objects.create(category=pepper.parent)
    GuidelineRevision.objects.create(
        guideline=spices, number=4, text="Only **whole** corns <script>", state="live"
    )
    page = client.get(sit(client)).content.decode()
    assert "Does it belong on “Pepper”?" in page
    assert "<strong>whole</strong> corns &lt;script&gt;" in page
    assert "revision 4" in page
    assert "a blend for one dish" in page


def test_the_screen_shows_the_guidelines_examples_with_their_grade_and_why(
    client: Client, campaign: Campaign, pepper: Category
) -> None:
    revision = GuidelineRevision.objects.create(
        guideline=Guideline.objects.create(category=pepper), number=1, text="Corns.", state="live"
    )
    revision.examples.create(product=make_product("Lemon pepper"), grade=1, why="it is a mix")
    page = client.get(sit(client)).content.decode()
    examples = page[page.index('aria-label="Examples"') :]
    assert (
        examples.index("Lemon pepper") < examples.index("related") < examples.index("it is a mix")
    )
    assert "Lemon pepper" in client.get(sit(client, "grid")).content.decode()


def test_examples_of_a_branch_above_have_reasons_here_and_no_grade(
    client: Client, campaign: Campaign, pepper: Category
) -> None:
    # What is exact on its own page is not exact on this one.
    revision = GuidelineRevision.objects.create(
        guideline=Guideline.objects.create(category=pepper.parent), number=1, text="A", state="live"
    )
    revision.examples.create(product=make_product("Lemon pepper"), grade=3, why="it is a mix")
    revision.examples.create(product=make_product("Curry"), grade=3)
    page = client.get(sit(client)).content.decode()
    examples = page[page.index('aria-label="Examples"') :]
    examples = examples[: examples.index("</ul>")]
    assert "it is a mix" in examples
    assert "exact" not in examples
    assert "Curry" not in page


def test_siblings_that_no_text_tells_apart_are_named_all_the_same(
    client: Client, campaign: Campaign, pepper: Category
) -> None:
    make_category("Seasoning mixes", parent=pepper.parent)
    page = client.get(sit(client)).content.decode()
    named = page[page.index("Not to be mistaken for") :]
    assert named.index("Seasoning mixes") < named.index("No text says yet how they differ.")


def test_nothing_on_the_screen_bends_a_judgment(
    client: Client, campaign: Campaign, pepper: Category
) -> None:
    first = campaign.items.get(rank=0)
    make_judgment(pepper, first.product, 3, who="Somebody")
    Filing.objects.create(product=first.product, category=pepper, source="model", confidence=0.87)
    campaign.items.update(pool="removed", expected_change=0.4321)
    screen = sit(client)
    drawn = client.get(screen).content.decode() + client.get(f"{screen}cards/").content.decode()
    for word in ("Somebody", "0.87", "removed", "0.4321", "expected", "gold", "rank"):
        assert word not in drawn, word


def test_the_next_cards_come_as_parts_and_those_at_hand_do_not_come_again(
    client: Client, campaign: Campaign
) -> None:
    screen = sit(client)
    first = client.get(f"{screen}cards/?count=3").json()
    assert [len(first[part]) for part in ("seats", "cards", "pages")] == [3, 3, 1]
    assert "Corns no. 1" in first["cards"][0]["html"]
    again = client.get(f"{screen}cards/?has={','.join(map(str, first['seats']))}").json()
    assert again["seats"][:3] == first["seats"]
    assert [card["seat"] for card in again["cards"]] == again["seats"][3:]
    assert (again["left"], again["stopped"]) == (5, "")


def test_the_cost_of_cards_does_not_grow_with_their_number(
    client: Client, campaign: Campaign
) -> None:
    for number in range(12):
        page = make_category(f"Page {number}", is_page=True)
        make_item(campaign, page, make_product())
    screen = sit(client)
    client.get(f"{screen}cards/?count=17")  # claimed, and the anchors are known
    costs = []
    for count in (3, 17):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{screen}cards/?count={count}")
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 20


def test_another_persons_sitting_is_closed(client: Client, campaign: Campaign) -> None:
    screen = sit(client)
    other = Client()
    other.force_login(make_user("leads"))
    for address in (screen, f"{screen}cards/"):
        assert other.get(address).status_code == 403
    assert other.post(f"{screen}answer/").status_code == 403
    assert client.get(f"/judge/{uuid.uuid4()}/").status_code == 404


def test_a_form_that_is_sent_twice_counts_once(client: Client, campaign: Campaign) -> None:
    screen = sit(client)
    context = client.get(screen).context
    form = {
        "token": context["token"],
        "sequence": 1,
        "seat": context["leased"].seats[0].pk,
        "said": "exact",
    }
    for _ in range(2):
        assert client.post(f"{screen}answer/", form).status_code == 302
    assert Judgment.objects.count() == 1
    other = client.post(f"{screen}answer/", form | {"token": uuid.uuid4()}, follow=True)
    assert "no longer the newest one" in other.content.decode()
    assert Judgment.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"said": "elsewhere"}, "Say where it belongs."),
        ({"said": "elsewhere", "belongs_to": "Moon"}, "There is no category “Moon”."),
        ({"said": "elsewhere", "belongs_to": "Bags"}, "Several are called “Bags”"),
        ({"said": "cannot_tell"}, "Say why you can’t tell."),
        ({"said": "undo", "undoes": ""}, "There is nothing to take back."),
        ({"said": "exact", "seat": ""}, "There is nothing to judge in this form."),
        ({"said": "magnificent"}, "Select a valid choice"),
    ],
)
def test_what_a_form_lacks_is_said_in_a_sentence(
    client: Client, campaign: Campaign, fields: dict[str, str], reason: str
) -> None:
    for _ in range(2):
        make_category("Bags", parent=make_category())
    assert reason in said(client, sit(client), **fields).content.decode()
    assert Answer.objects.count() == 0


def test_a_category_is_found_by_whoever_judges(client: Client, pepper: Category) -> None:
    make_category("Peppermills", retired_at="2026-01-01T00:00Z")
    found = client.get("/judge/categories/?q=pepp").json()["options"]
    assert found == [{"id": pepper.pk, "name": "Pepper", "above": "Spices"}]


class TestAnchors:
    """Products that certainly belong, and are nobody's question any more."""

    def shown(self, pepper: Category, annotator: Annotator) -> list[tuple[str, str]]:
        cache.clear()
        found = anchors_of([pepper], annotator)[pepper.pk]
        return [(anchor.product.title, anchor.why) for anchor in found]

    @pytest.fixture
    def annotator(self, ana: User) -> Annotator:
        return annotator_of(ana)

    def test_they_are_what_most_people_call_exact(
        self, pepper: Category, annotator: Annotator
    ) -> None:
        sure, doubtful = make_product("Sure"), make_product("Doubtful")
        for who, grade in (("Ann", 3), ("Ben", 3), ("Cem", 2)):
            make_judgment(pepper, sure, grade, who)
        for who, grade in (("Ann", 3), ("Ben", 1)):
            make_judgment(pepper, doubtful, grade, who)
        assert self.shown(pepper, annotator) == [("Sure", "exact, say 2 of 3 people")]

    @pytest.mark.parametrize(
        ("people", "why"),
        [
            (("Bot 1",), "exact, says one simulated person"),
            (("Bot 1", "Bot 2"), "exact, say 2 of 2 simulated people"),
            (("Bot 1", "Ann"), "exact, say 2 of 2 people"),
        ],
    )
    def test_whom_nobody_is_behind_is_called_simulated(
        self, pepper: Category, annotator: Annotator, people: tuple[str, ...], why: str
    ) -> None:
        product = make_product("Sure")
        for who in people:
            make_judgment(pepper, product, 3, who)
        Annotator.objects.filter(name__startswith="Bot").update(simulated=True)
        assert self.shown(pepper, annotator) == [("Sure", why)]

    def test_then_what_was_decided_then_what_a_person_filed_never_what_a_model_did(
        self, pepper: Category, annotator: Annotator
    ) -> None:
        decided, filed, guessed = (make_product(name) for name in ("Decided", "Filed", "Guessed"))
        word = make_judgment(pepper, decided, 3, "Lea")
        Judgment.objects.filter(pk=word.pk).update(source="adjudicator")
        Adjudication.objects.create(page=pepper, product=decided, cause="hard", judgment=word)
        Filing.objects.create(product=filed, category=pepper, source="person")
        Filing.objects.create(product=guessed, category=pepper, source="model", confidence=0.99)
        assert self.shown(pepper, annotator) == [
            ("Decided", "decided where people disagreed"),
            ("Filed", "filed here by a person"),
        ]

    def test_what_is_still_asked_of_anybody_is_none(
        self, pepper: Category, annotator: Annotator
    ) -> None:
        product = make_product("Asked")
        make_judgment(pepper, product, 3)
        item = make_item(make_campaign(), pepper, product)
        assert self.shown(pepper, annotator) == []
        item.closed = True
        item.save()
        assert self.shown(pepper, annotator) == [("Asked", "exact, says one person")]

    def test_gold_is_one_only_for_those_who_have_met_it(
        self, pepper: Category, annotator: Annotator
    ) -> None:
        product = make_product("Known")
        Gold.objects.create(page=pepper, product=product, grade=3, state="active")
        assert self.shown(pepper, annotator) == []
        make_judgment(pepper, product, 2, annotator.name)
        assert self.shown(pepper, annotator) == [("Known", "known for sure")]


def test_keys_are_kept_and_conflicts_are_not(client: Client, ana: User) -> None:
    taken = client.post("/judge/keys/", {"preset": "left", "as": "preset"})
    assert taken.status_code == 302
    assert annotator_of(ana).keys == {"preset": "left"}
    page = client.get("/judge/keys/").content.decode()
    assert 'name="undo" value="Z"' in page
    keys = dict.fromkeys(("exact", "wrong"), "k")
    refused = client.post("/judge/keys/", {"preset": "home", "as": "own", **keys})
    assert refused.status_code == 422
    assert "“K” is also Wrong." in refused.content.decode()
    assert annotator_of(ana).keys == {"preset": "left"}


def test_a_queue_that_was_closed_meanwhile_is_not_sat_down_to(
    client: Client, campaign: Campaign
) -> None:
    Campaign.objects.update(state="finished")
    answer = client.post(
        "/judge/start/",
        {"id": uuid.uuid4(), "view": "focus", "campaign": campaign.pk},
        follow=True,
    )
    assert "not open to you any more" in answer.content.decode()
    assert Sitting.objects.count() == 0
