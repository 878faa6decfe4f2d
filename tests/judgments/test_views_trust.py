"""The trust page and what programs get: what people see of how far judgments can be trusted."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from judgments.actions import agreement as actions
from judgments.actions.agreement import ask_for_measurement, measure
from judgments.models import (
    Annotator,
    Answer,
    Campaign,
    Gold,
    Item,
    Judgment,
    Measurement,
    Purpose,
    Seat,
    Sitting,
)
from judgments.queries.trust import Dot, seconds_per_trusted_label
from judgments.queries.work import AllWork, all_work, gold_by_person
from taxonomy.models import Category
from taxonomy.templatetags.figures import coefficient
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ring_for_measurement", lambda _: None)


@pytest.fixture
def lead(client: Client) -> Client:
    client.force_login(make_user("leads"))
    return client


def judged_page(name: str = "Lamps", root: Category | None = None) -> Category:
    page = make_category(name, root)
    for grades in ((3, 3), (0, 1), (2, 2), (3, 0), (1, 0), (2, 3)) * 2:
        product = make_product()
        for who, grade in zip(("Ann", "Bob"), grades, strict=True):
            make_judgment(page, product, grade, who)
    return page


def measured() -> None:
    measure(ask_for_measurement().pk)


class Desk:
    """A person at one sitting of a campaign."""

    def __init__(self, who: str = "Ann", view: str = "focus") -> None:
        self.annotator = Annotator.objects.get_or_create(name=who)[0]
        self.campaign = Campaign.objects.get_or_create(name="Spring", state="running")[0]
        self.sitting = Sitting.objects.create(annotator=self.annotator, view=view)
        self.page = make_category()

    def seat(self, **item: Any) -> Seat:
        made = Item.objects.create(
            **({"page": self.page, "product": make_product()} | item),
            campaign=self.campaign,
            rank=0,
        )
        return Seat.objects.create(item=made, number=0, state="held", annotator=self.annotator)

    def answer(self, grade: int | None, seconds: float | None = 2.0, **said: Any) -> Answer:
        self.sitting.sequence += 1
        return Answer.objects.create(
            **({"kind": "grade", "seat": said.pop("seat", None) or self.seat()} | said),
            sitting=self.sitting,
            sequence=self.sitting.sequence,
            token=uuid.uuid4(),
            grade=grade,
            seconds=seconds,
        )


def test_seconds_per_trusted_label_is_time_times_people_over_agreement() -> None:
    assert seconds_per_trusted_label(2.0, 3.0, 0.75) == 8.0
    assert seconds_per_trusted_label(2.0, 1.0, 1.0) == 2.0


@pytest.mark.parametrize("alpha", [None, 0.0, -0.4])
def test_without_agreement_no_time_makes_a_label_trusted(alpha: float | None) -> None:
    assert seconds_per_trusted_label(2.0, 3.0, alpha) is None
    assert seconds_per_trusted_label(None, 3.0, 0.8) is None
    assert seconds_per_trusted_label(2.0, None, 0.8) is None


def test_an_empty_shop_says_what_is_to_be_done(lead: Client) -> None:
    for tab, words in (
        ("people", "Not measured yet"),
        ("pages", "Nothing to compare yet"),
        ("branches", "Nothing to compare yet"),
        ("pairs", "Nothing to compare yet"),
    ):
        page = lead.get(reverse("trust"), {"by": tab}).content.decode()
        assert words in page
        assert "Nothing has been measured yet" in page


def test_agreement_is_listed_lowest_first_with_its_interval_and_a_way_to_the_items(
    lead: Client,
) -> None:
    root = make_category("Home")
    lamps, candles = judged_page("Lamps", root), judged_page("Candles", root)
    for judgment in Judgment.objects.filter(page=candles, annotator__name="Bob"):
        own = Judgment.objects.get(page=candles, product=judgment.product_id, annotator__name="Ann")
        make_judgment(candles, judgment.product, own.grade, "Bob")
    measured()
    shown = lead.get(reverse("trust"), {"by": "pages"})
    lines = shown.context["lines"]
    assert [line.agreement.category for line in lines] == [lamps, candles]
    assert lines[1].agreement.coefficient == pytest.approx(1)
    text = shown.content.decode()
    assert f"{reverse('adjudications')}?page={lamps.pk}" in text
    assert "95 % certainty" in text
    last = lead.get(reverse("trust"), {"by": "pages", "sort": "-agreement"}).context["lines"]
    assert [line.agreement.category for line in last] == [candles, lamps]
    by_name = lead.get(reverse("trust"), {"by": "pages", "sort": "name"}).context["lines"]
    assert [line.agreement.category for line in by_name] == [candles, lamps]
    branches = lead.get(reverse("trust"), {"by": "branches"})
    assert f"{reverse('adjudications')}?branch={root.pk}" in branches.content.decode()


def test_merchandisers_are_led_to_judgments_and_not_where_they_may_not_go(client: Client) -> None:
    page = judged_page()
    measured()
    client.force_login(make_user("merchandisers"))
    text = client.get(reverse("trust"), {"by": "pages"}).content.decode()
    assert reverse("category_judgments", args=(page.pk,)) in text
    assert reverse("adjudications") not in text


def test_an_undefined_agreement_is_a_sentence_and_comes_last(lead: Client) -> None:
    judged_page("Lamps")
    alike = make_category("All alike")
    for _ in range(3):
        product = make_product()
        make_judgment(alike, product, 3, "Ann")
        make_judgment(alike, product, 3, "Bob")
    measured()
    for sort in ("agreement", "-agreement"):
        shown = lead.get(reverse("trust"), {"by": "pages", "sort": sort})
        assert shown.context["lines"][-1].agreement.category == alike
        assert "All grades are the same" in shown.content.decode()


def test_simulated_people_are_marked(lead: Client) -> None:
    judged_page()
    Annotator.objects.filter(name="Bob").update(simulated=True)
    measured()
    for tab in ("people", "pairs"):
        text = lead.get(reverse("trust"), {"by": tab}).content.decode()
        assert text.count("simulated") >= 2  # beside the name, and among all


def test_a_persons_line_has_all_that_tells(lead: Client) -> None:
    judged_page()
    desk = Desk("Ann")
    for grade, seconds in ((3, 1.0), (3, 3.0), (0, 5.0)):
        desk.answer(grade, seconds)
    undone = desk.answer(1, 7.0)
    desk.answer(None, None, kind="undo", seat=undone.seat, undoes=undone)
    later = desk.answer(None, None, kind="later")  # no label, and none when taken back
    desk.answer(None, None, kind="undo", seat=later.seat, undoes=later)
    measured()
    shown = lead.get(reverse("trust"))
    ann = next(line for line in shown.context["people"] if line.annotator.name == "Ann")
    assert ann.work.labels == 4
    assert ann.work.usual == 4.0
    assert dict(ann.work.usual_by_grade) == {"wrong": 5.0, "related": 7.0, "exact": 2.0}
    assert ann.work.taken_back == 0.25
    assert ann.trusted == pytest.approx(4.0 * 2 / ann.agreement.coefficient)
    assert f"?person={ann.annotator.pk}" in shown.content.decode()


def test_repeats_and_gold_are_counted_by_person() -> None:
    desk = Desk("Ann")
    for known, said in ((3, 2), (0, 1), (3, 0)):
        product = make_product()
        gold = Gold.objects.create(page=desk.page, product=product, grade=known, state="active")
        seat = desk.seat(product=product, gold=gold, purpose=Purpose.GOLD)
        Judgment.objects.create(
            page=desk.page,
            product=product,
            annotator=desk.annotator,
            grade=said,
            source="annotator",
            seat=seat,
        )
    assert gold_by_person() == {desk.annotator.pk: (2, 1)}
    work = all_work().people[desk.annotator.pk]
    assert (work.passed, work.missed, work.repeats) == (2, 1, 0)


def test_what_a_measurement_keeps_is_what_was_counted() -> None:
    desk = Desk()
    for grade in (3, 3, 0):
        desk.answer(grade)
    measured()
    kept = AllWork.of_json(Measurement.objects.get().work)
    assert kept.people[desk.annotator.pk].labels == kept.together.labels == 3
    assert list(kept.days) == [timezone.localdate()]
    assert AllWork.of_json({}) == AllWork()


def test_five_quick_answers_alike_are_a_hint() -> None:
    desk = Desk()
    for _ in range(5):
        desk.answer(3, 0.3)
    assert all_work().people[desk.annotator.pk].streaks == 1


@pytest.mark.parametrize(
    ("grades", "seconds", "view"),
    [
        ((3, 3, 3, 3), 0.3, "focus"),  # too few
        ((3, 3, 2, 3, 3), 0.3, "focus"),  # not alike
        ((3, 3, 3, 3, 3), 0.9, "focus"),  # not in haste
        ((3, 3, 3, 3, 3), 0.1, "grid"),  # one key for all of them
        ((3, 3, 3, 3, 3), None, "focus"),  # nobody knows how long
    ],
)
def test_other_answers_are_none(grades: tuple[int, ...], seconds: float | None, view: str) -> None:
    desk = Desk(view=view)
    for grade in grades:
        desk.answer(grade, seconds)
    assert all_work().people[desk.annotator.pk].streaks == 0


def test_streaks_do_not_run_from_one_sitting_into_the_next() -> None:
    for desk in (Desk(), Desk()):
        for _ in range(3):
            desk.answer(3, 0.1)
    assert all_work().together.streaks == 0
    assert all_work().people[desk.annotator.pk].streaks == 0


def test_sittings_that_began_at_the_same_moment_are_told_apart() -> None:
    desks = Desk("Ann"), Desk("Bob")
    Sitting.objects.update(started_at=timezone.now())
    for grade in (3, 0) * 5:
        for desk in desks:
            desk.answer(grade if desk is desks[0] else 3, 0.1)
    streaks = {desk.annotator.name: all_work().people[desk.annotator.pk].streaks for desk in desks}
    assert streaks == {"Ann": 0, "Bob": 1}


def test_refused_answers_count_for_nothing() -> None:
    Desk().answer(3, 9.0, refused="Somebody else has it now.")
    assert all_work().together.labels == 0


def test_days_are_told_apart(lead: Client) -> None:
    judged_page()
    desk = Desk()
    for days, seconds in ((2, 4.0), (1, 2.0)):
        answer = desk.answer(3, seconds)
        Answer.objects.filter(pk=answer.pk).update(made_at=timezone.now() - timedelta(days=days))
    measured()
    summary = lead.get(reverse("trust")).context["summary"]
    first, second = summary.days
    assert (first.seconds, second.seconds) == (4.0, 2.0)
    assert first.trusted == pytest.approx(2 * second.trusted)
    assert [bar.height for bar in summary.bars] == pytest.approx([1, 0.5])


def test_the_dot_stays_on_its_scale() -> None:
    judged_page()
    measured()
    row = Measurement.objects.get().agreements.get(scope="all")
    row.coefficient, row.low, row.high = -0.9, -1.0, 0.1
    dot = Dot.of(row)
    assert dot is not None
    assert (dot.at, dot.low) == (0, 0)
    row.coefficient = row.low = row.high = 1.0
    assert Dot.of(row) == Dot(100, 100, 0)


def test_measuring_is_asked_for_watched_and_stopped(lead: Client) -> None:
    judged_page()
    for _ in range(2):
        assert lead.post(reverse("measure_trust")).status_code == 302
    asked = Measurement.objects.get()
    assert "Waiting for a worker" in lead.get(reverse("trust")).content.decode()
    part = lead.get(reverse("measuring_trust"), headers={"HX-Request": "true"})
    assert "Waiting for a worker" in part.content.decode()
    assert "HX-Refresh" not in part
    text = lead.post(reverse("stop_measuring", args=(asked.pk,)), follow=True).content.decode()
    assert "It was stopped." in text
    over = lead.get(reverse("measuring_trust"), headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_what_is_newer_than_the_measurement_is_told(lead: Client) -> None:
    page = judged_page()
    measured()
    assert "newer" not in lead.get(reverse("trust")).content.decode()
    make_judgment(page, make_product(), 3)
    assert "1 judgment is newer" in lead.get(reverse("trust")).content.decode()


@pytest.mark.parametrize("tab", ["people", "pages", "branches", "pairs"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    lead: Client, tab: str, django_assert_max_num_queries: Any
) -> None:
    root = make_category("Home")
    for number in range(6):
        page = judged_page(f"Page {number}", root)
        make_judgment(page, make_product(), 2, f"Person {number}")
        Desk(f"Person {number}").answer(3)
    measured()
    with django_assert_max_num_queries(22):
        assert lead.get(reverse("trust"), {"by": tab}).status_code == 200


def test_programs_get_the_same_figures(lead: Client) -> None:
    empty = lead.get(reverse("api_agreement")).json()
    assert (empty["alpha_ordinal"], empty["measured"]) == (None, None)
    assert lead.get(reverse("api_agreement"), {"scope": "page"}).json()["results"] == []
    page = judged_page()
    asked = lead.post(reverse("api_agreement"))
    assert asked.status_code == 202
    assert lead.get(reverse("api_agreement")).json()["measuring"]["id"] == asked.json()["id"]
    measure(asked.json()["id"])
    found = lead.get(reverse("api_agreement")).json()
    low, high = found["alpha_interval"]
    assert low < found["alpha_ordinal"] < high
    assert (found["items"], found["judgments"], found["measuring"]) == (12, 24, None)
    (line,) = lead.get(reverse("api_agreement"), {"scope": "page"}).json()["results"]
    assert (line["category"], line["annotator"]) == (page.pk, None)
    (pair,) = lead.get(reverse("api_agreement"), {"scope": "pair"}).json()["results"]
    assert {pair["annotator"], pair["other"]} == {"Ann", "Bob"}
    assert lead.get(reverse("api_agreement"), {"scope": "moon"}).status_code == 400


def test_a_coefficient_has_two_digits_and_a_true_minus() -> None:
    assert [coefficient(number) for number in (0.774, -0.126, -0.001, 1, None)] == [
        *("0.77", "−0.13", "0.00", "1.00", "–"),
    ]
