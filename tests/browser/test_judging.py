"""An annotator at the keyboard, by touch, and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from judgments.models import Annotator, Answer, Campaign, Judgment
from tests.browser.conftest import Open
from tests.browser.judging import all_saved, grades, make_queue, sequences, sit_down, standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def queue() -> Campaign:
    return make_queue()


def test_one_key_is_one_judgment_and_the_next_product_stands_there_at_once(
    queue: Campaign, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("annotators")
    sit_down(page)
    expect(page.get_by_role("heading", name="Does it belong on “Pepper”?")).to_be_visible()
    expect(page.get_by_text("a blend for one dish")).to_be_visible()
    expect(page.locator(".card")).to_have_count(20)  # the next ones are here already
    after = page.evaluate(
        """() => {
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
          return [...document.querySelectorAll(".card")].find((card) => !card.hidden).dataset.title;
        }"""
    )
    assert after == "Peppercorns no. 2"
    for key in "sda":
        page.keyboard.press(key)
    all_saved(page)
    assert grades() == {
        "Peppercorns no. 1": 3,
        "Peppercorns no. 2": 1,
        "Peppercorns no. 3": 2,
        "Peppercorns no. 4": 0,
    }
    expect(page.get_by_text("4 of 50")).to_be_visible()
    assert sequences() == [1, 2, 3, 4]
    assert all(one.seconds and one.seconds < 60 for one in Judgment.objects.all())
    assert complaints == []


def test_what_helps_to_judge_stands_in_one_column(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    helps = page.get_by_role("complementary", name="About the page Pepper")
    boxes = [part.bounding_box() for part in helps.locator("> *").all()]
    assert len(boxes) > 1
    assert len({box["x"] for box in boxes if box}) == 1


def test_a_key_that_is_held_down_judges_one_product(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    for _ in range(20):  # without a keyup the browser marks all but the first as repeats
        page.keyboard.down("f")
    page.keyboard.up("f")
    page.get_by_role("button", name="Acceptable").focus()
    for _ in range(20):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    all_saved(page)
    assert grades() == {"Peppercorns no. 1": 3, "Peppercorns no. 2": 2}


def test_fast_fingers_on_many_keys_lose_nothing(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    expect(page.locator(".card")).to_have_count(20)
    page.keyboard.type("fasdfasdfasdfasdf", delay=15)
    all_saved(page)
    wanted = [3, *[0, 1, 2, 3] * 4]
    assert grades() == {
        f"Peppercorns no. {number}": grade for number, grade in enumerate(wanted, 1)
    }


def test_u_takes_back_and_the_product_stands_there_again(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.type("aa")
    expect(page.locator(".toast")).to_contain_text("Wrong: Peppercorns no. 2")
    page.keyboard.press("u")
    assert standing(page) == "Peppercorns no. 2"
    page.keyboard.press("u")
    assert standing(page) == "Peppercorns no. 1"
    expect(page.get_by_text("0 of 50")).to_be_visible()
    page.keyboard.type("fd")
    all_saved(page)
    assert grades() == {"Peppercorns no. 1": 3, "Peppercorns no. 2": 2}
    expect(page.locator(".toast")).to_be_hidden(timeout=7_000)


def test_undo_reaches_back_over_a_reload(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.type("af")
    all_saved(page)
    page.reload()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 3")
    page.keyboard.press("u")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    page.keyboard.press("d")
    all_saved(page)
    assert grades() == {"Peppercorns no. 1": 0, "Peppercorns no. 2": 2}


def test_what_belongs_elsewhere_is_said_with_siblings_first_then_the_whole_tree(
    queue: Campaign, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("e")
    options = page.get_by_role("option")
    expect(options).to_have_text(["Herbs", "Seasoning mixes"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It belongs in “Seasoning mixes”")).to_be_visible()
    page.keyboard.press("Enter")  # wrong here, unless one says otherwise
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    page.keyboard.press("e")
    page.keyboard.type("coffe")
    expect(options).to_have_text([re.compile("^Coffee")])
    page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.press("e")
    page.keyboard.press("Escape")  # it does belong here after all
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 3")
    all_saved(page)
    said = Judgment.objects.order_by("id").values_list("grade", "belongs_to__name")
    assert list(said) == [(0, "Seasoning mixes"), (1, "Coffee")]
    assert complaints == []


def test_cannot_tell_asks_why_and_later_comes_back_by_its_list(
    queue: Campaign, open_as: Open
) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="Why can’t you tell?")).to_be_visible()
    page.keyboard.press("f")  # no reason begins so, and the product behind it hears nothing
    page.keyboard.press("2")
    page.keyboard.press("l")
    all_saved(page)
    kinds = Answer.objects.order_by("sequence").values_list("kind", "reason")
    assert list(kinds) == [("cannot_tell", "text"), ("later", "")]
    page.goto("/judge/")
    put_off = page.get_by_role("region", name=re.compile("What you put off"))
    expect(put_off).to_contain_text("Peppercorns no. 2")
    put_off.get_by_role("button").click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    page.keyboard.press("f")
    expect(page.get_by_text("all saved")).to_be_visible()
    assert grades() == {"Peppercorns no. 2": 3}


def test_something_else_asks_what_it_is_in_ones_own_words(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("w")
    page.keyboard.press("o")
    page.get_by_label("What is it that you can’t tell?").press_sequentially("two in one box")
    page.keyboard.press("Enter")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    page.keyboard.press("w")
    page.keyboard.press("6")
    page.keyboard.press("Escape")  # back to the product, nothing said
    page.keyboard.press("w")
    page.keyboard.press("6")
    page.get_by_role("button", name="Keep it").click()  # the note may stay empty
    all_saved(page)
    said = Answer.objects.order_by("sequence").values_list("reason", "note")
    assert list(said) == [("other", "two in one box"), ("other", "")]


def test_keys_are_bound_anew_but_never_twice(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators")
    page.goto("/judge/keys/")
    page.get_by_label("Exact").press("a")  # it takes the place of what stood there
    expect(page.get_by_text("“A” is also Wrong.")).to_be_visible()
    expect(page.get_by_text("“A” is also Exact.")).to_be_visible()
    page.get_by_label("Wrong").press("?")
    expect(page.get_by_text("“?” is taken on every page")).to_be_visible()
    page.get_by_label("Wrong").press("a")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_text("“A” is also Wrong.")).to_be_visible()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    assert Annotator.objects.get().keys == {}
    page.get_by_label("Exact").fill("x")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_text("Your keys are kept.")).to_be_visible()
    sit_down(page)
    page.keyboard.press("f")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 1")
    page.keyboard.press("x")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    all_saved(page)
    assert grades() == {"Peppercorns no. 1": 3}


def test_question_mark_shows_the_keys_and_they_wait_meanwhile(
    queue: Campaign, open_as: Open
) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert standing(page) == "Peppercorns no. 1"
    assert grades() == {}


def test_a_batch_ends_with_a_pause_that_undo_and_enter_leave(
    queue: Campaign, open_as: Open
) -> None:
    page = open_as("annotators")
    sit_down(page, A_pause_every="5")
    page.keyboard.type("fffff", delay=20)
    expect(page.get_by_role("heading", name="5 of 5: the batch is done.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"5 answers in \d+ s"))).to_be_visible()
    page.keyboard.press("f")  # nothing stands there to be judged
    page.keyboard.press("u")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 5")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 6")
    expect(page.get_by_text("0 of 5", exact=True)).to_be_visible()
    all_saved(page)
    assert grades() == {f"Peppercorns no. {n}": 3 for n in range(1, 5)} | {"Peppercorns no. 5": 0}


def test_the_end_of_the_queue_says_so(open_as: Open, complaints: list[str]) -> None:
    make_queue(3)
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.type("fff", delay=50)
    over = page.locator("[data-part=over]")
    expect(over).to_be_visible()
    over.get_by_role("button", name="Undo").click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 3")
    page.keyboard.press("a")
    expect(over).to_be_visible()
    all_saved(page)
    assert grades()["Peppercorns no. 3"] == 0
    over.get_by_role("link", name="Back to the queues").click()
    expect(page.get_by_text("You have judged all there is for you.")).to_be_visible()
    assert complaints == []


def test_a_page_is_judged_at_once_and_taken_back_at_once(
    queue: Campaign, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("annotators")
    sit_down(page, "A page’s products at once")
    tiles = page.locator(".tile:visible")
    expect(tiles).to_have_count(24)
    expect(tiles.nth(1).locator(".letter")).to_have_text("S")
    page.keyboard.type("sds")  # the second is right after all
    page.keyboard.press("Shift+A")
    page.keyboard.press("Enter")
    expect(tiles).to_have_count(6)
    all_saved(page)
    said = grades()
    assert said.pop("Peppercorns no. 3") == 0
    assert said == {f"Peppercorns no. {n}": 3 for n in range(2, 25) if n != 3}
    assert Answer.objects.get(kind="later").seat.item.product.title == "Peppercorns no. 1"
    page.keyboard.press("u")
    expect(tiles).to_have_count(24)
    expect(tiles.nth(2).get_by_text("Wrong")).to_be_visible()  # as it was left
    all_saved(page)
    assert grades() == {}
    assert sequences() == list(range(1, 49))
    assert complaints == []


def test_one_answer_between_two_pages_is_two_judgments(
    open_as: Open, complaints: list[str]
) -> None:
    make_queue(6, of_two=True)
    page = open_as("annotators")
    sit_down(page, "One page or the other")
    expect(page.get_by_role("heading", name="Pepper or Seasoning mixes?")).to_be_visible()
    pepper = page.get_by_role("complementary", name="Pepper")
    expect(pepper).to_contain_text("whole or ground corns")
    page.keyboard.press("a")
    page.keyboard.press("d")
    page.get_by_role("button", name="Neither").click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 4")
    all_saved(page)
    said = Judgment.objects.order_by("product", "page").values_list("grade", flat=True)
    assert list(said) == [3, 0, 0, 3, 0, 0]
    assert complaints == []


def test_a_phone_judges_by_touch_and_nothing_hangs_over_its_edge(
    queue: Campaign, open_as: Open, complaints: list[str]
) -> None:
    page = open_as("annotators", narrow=True)
    page.goto("/judge/")
    page.get_by_role("button", name="One at a time").click()
    expect(page.locator(".card")).to_have_count(20)
    exact = page.get_by_role("button", name="Exact")
    box = exact.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 844
    exact.click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    page.locator(".toast").get_by_role("button", name="undo").click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 1")
    page.get_by_role("button", name="Can’t tell").click()
    page.get_by_role("button", name="The picture is missing").click()
    expect(page.locator(".card:visible h2")).to_have_text("Peppercorns no. 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/judge/")
    page.get_by_role("button", name="A page’s products at once").click()
    page.locator(".tile .flip").first.click()
    expect(page.locator(".tile").first.get_by_text("Wrong")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


def test_a_screen_reader_hears_what_was_saved_and_what_comes_next(
    queue: Campaign, open_as: Open
) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("f")
    aloud = page.locator("[data-say=aloud]")
    expect(aloud).to_have_text("Saved: exact. Next: Peppercorns no. 2 on Pepper.")
    expect(aloud).to_have_attribute("aria-live", "polite")
    related = page.get_by_role("button", name="Related")
    related.focus()
    page.keyboard.press("Enter")
    expect(aloud).to_have_text("Saved: related. Next: Peppercorns no. 3 on Pepper.")
    expect(related).to_be_focused()  # whoever goes by the buttons goes on from there


def test_everything_can_be_judged_without_scripts(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators", scripts=False)
    page.goto("/judge/")
    page.get_by_role("button", name="One at a time").click()
    expect(page.locator(".card:visible h2")).to_have_text(["Peppercorns no. 1"])
    page.get_by_role("button", name="Exact").click()
    expect(page.locator(".card:visible h2")).to_have_text(["Peppercorns no. 2"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".card:visible h2")).to_have_text(["Peppercorns no. 1"])
    page.get_by_label("If it belongs elsewhere").fill("Spices > Herbs")
    page.get_by_role("button", name="Belongs elsewhere").click()
    page.get_by_role("button", name="Can’t tell").click()
    expect(page.get_by_text("Say why you can’t tell.")).to_be_visible()
    page.get_by_label("If you can’t tell").select_option("other")
    page.get_by_label("In your words").fill("two in one box")
    page.get_by_role("button", name="Can’t tell").click()
    page.get_by_role("button", name="Later").click()
    expect(page.locator(".card:visible h2")).to_have_text(["Peppercorns no. 4"])
    assert grades() == {"Peppercorns no. 1": 0}
    assert list(Answer.objects.order_by("sequence").values_list("kind", flat=True)) == [
        "grade",
        "undo",
        "grade",
        "cannot_tell",
        "later",
    ]
    assert Answer.objects.get(kind="cannot_tell").note == "two in one box"


def test_a_page_can_be_judged_at_once_without_scripts(queue: Campaign, open_as: Open) -> None:
    page = open_as("annotators", scripts=False)
    page.goto("/judge/")
    page.get_by_role("button", name="A page’s products at once").click()
    page.locator(".tile .flip").nth(4).click()
    page.get_by_role("button", name=re.compile("^Right, but")).click()
    expect(page.locator(".tile")).to_have_count(6)
    said = grades()
    assert said.pop("Peppercorns no. 5") == 0
    assert set(said.values()) == {3}
    assert len(said) == 23


def test_a_question_that_follows_at_once_is_not_closed_by_the_one_before(
    queue: Campaign, open_as: Open
) -> None:
    page = open_as("annotators")
    sit_down(page)
    page.keyboard.press("e")
    # Faster than the browser tells that a dialog has closed.
    page.evaluate(
        """() => {
          document.querySelector("dialog[open]").close();
          const pressed = { key: "e", code: "KeyE", bubbles: true };
          document.body.dispatchEvent(new KeyboardEvent("keydown", pressed));
        }"""
    )
    page.keyboard.type("coffe")
    expect(page.get_by_role("option")).to_have_text([re.compile("^Coffee")])
