"""What people see of the tree, of a category and of what was imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from taxonomy.models import Category, CategoryName, Import, Retailer
from taxonomy.queries import attribute_lines
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def taxonomist(client: Client) -> Client:
    client.force_login(make_user("taxonomists"))
    return client


@pytest.fixture
def spices() -> Category:
    """Food > Spices > Pepper, with two products in Pepper and one in Spices."""
    food = make_category("Food", id=1)
    spices = make_category("Spices", parent=food, id=2)
    pepper = make_category("Pepper", parent=spices, id=3, is_page=True)
    for category in (pepper, pepper, spices):
        make_product(filed_under=category)
    return spices


def text_of(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_folded_tree_shows_the_roots_with_what_lies_below_them(
    taxonomist: Client, spices: Category
) -> None:
    text = text_of(taxonomist, reverse("tree"))
    assert "Food" in text
    assert "Spices" not in text
    assert '3<span class="unseen"> products' in text
    assert '1<span class="unseen"> pages' in text


def test_unfolding_without_scripts_opens_the_whole_way_down(
    taxonomist: Client, spices: Category
) -> None:
    text = text_of(taxonomist, f"{reverse('tree')}?open=2")
    assert "<html" in text
    assert "Pepper" in text


def test_unfolding_with_htmx_answers_with_one_line_of_the_tree(
    taxonomist: Client, spices: Category
) -> None:
    text = text_of(taxonomist, f"{reverse('tree')}?open=2", **HTMX)
    assert "<html" not in text
    assert 'aria-expanded="true"' in text
    assert "Pepper" in text
    folded = text_of(taxonomist, f"{reverse('tree')}?fold=2", **HTMX)
    assert "Pepper" not in folded
    assert 'aria-expanded="false"' in folded


def test_the_two_answers_are_kept_apart_by_browsers(taxonomist: Client, spices: Category) -> None:
    assert "HX-Request" in taxonomist.get(reverse("tree"))["Vary"]


def test_going_back_in_the_browser_brings_the_whole_page(
    taxonomist: Client, spices: Category
) -> None:
    restoring = HTMX | {"HX-History-Restore-Request": "true"}
    assert "<html" in text_of(taxonomist, f"{reverse('tree')}?open=2", **restoring)


@pytest.mark.parametrize("wrong", ["?open=abc", "?fold=-1", "?open=" + "9" * 40])
def test_an_address_that_makes_no_sense_is_refused(taxonomist: Client, wrong: str) -> None:
    assert taxonomist.get(reverse("tree") + wrong).status_code == 400


def test_the_tree_asks_as_little_for_many_branches_as_for_few(
    taxonomist: Client,
) -> None:
    root = make_category("Root", id=1)
    make_product(filed_under=make_category("Child", parent=root))
    few = queries_of(taxonomist, f"{reverse('tree')}?open=1")
    for number in range(40):
        child = make_category(f"Child {number}", parent=root)
        make_product(filed_under=make_category(f"Grandchild {number}", parent=child))
    assert queries_of(taxonomist, f"{reverse('tree')}?open=1") <= few


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        text_of(client, address)
    return len(captured)


@pytest.mark.parametrize("typed", ["pepper", "PEPPER", "Pimién", "pimien", "3", "spices pepper"])
def test_search_finds_names_in_every_locale_whatever_case_and_accents(
    taxonomist: Client, spices: Category, typed: str
) -> None:
    CategoryName.objects.create(category_id=3, locale="es-ES", name="Pimienta", path="Pimienta")
    text = text_of(taxonomist, f"{reverse('tree')}?q={typed}", **HTMX)
    assert reverse("category", args=(3,)) in text
    assert "1 category" in text


def test_search_puts_the_name_itself_before_those_that_hold_it(taxonomist: Client) -> None:
    for name in ("Hot sauce", "Sauce boats", "Sauce"):
        make_category(name)
    text = text_of(taxonomist, f"{reverse('tree')}?q=sauce", **HTMX)
    assert text.index(">Sauce<") < text.index(">Sauce boats<") < text.index(">Hot sauce<")


def test_a_search_that_finds_nothing_says_so_and_repeats_it_safely(taxonomist: Client) -> None:
    text = text_of(taxonomist, f"{reverse('tree')}?q=<script>")
    assert "No category is called “&lt;script&gt;”" in text


def test_a_category_says_what_it_is_and_what_is_around_it(
    taxonomist: Client, spices: Category
) -> None:
    make_category("Herbs", parent=Category.objects.get(pk=1), id=4)
    CategoryName.objects.create(category_id=2, locale="es-ES", name="Especias", path="Especias")
    text = text_of(taxonomist, reverse("category", args=(2,)))
    for expected in ("Food &gt; Spices", "Especias", "Pepper", "Herbs", "Filed here or below"):
        assert expected in text
    assert text.count('class="sheet product"') == 3


def test_a_page_leads_to_its_ranking_for_those_who_may_see_it(
    taxonomist: Client, client: Client, spices: Category
) -> None:
    address, ranking = reverse("category", args=(3,)), reverse("page", args=(3,))
    assert ranking in text_of(taxonomist, address)
    client.force_login(make_user("annotators"))
    assert ranking not in text_of(client, address)


def test_a_retired_category_is_shown_as_such(taxonomist: Client) -> None:
    gone = make_category("Gone", retired_at=timezone.now())
    assert "retired" in text_of(taxonomist, reverse("tree"))
    assert "the newest taxonomy does not have it" in text_of(
        taxonomist, reverse("category", args=(gone.pk,))
    )


def test_a_product_shows_all_that_its_feed_says_and_runs_none_of_it(taxonomist: Client) -> None:
    product = make_product(
        "<b>Bold</b>",
        description="<script>alert(1)</script>",
        link="javascript:alert(1)",
        attributes={"color": "black"},
        filed_under=make_category("Pepper"),
    )
    text = text_of(taxonomist, reverse("product", args=(product.pk,)))
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    for expected in ("&lt;b&gt;Bold", "9.90\xa0€", "black", "Pepper", "by feed"):
        assert expected in text


def test_a_made_up_product_is_marked_and_a_missing_picture_explained(taxonomist: Client) -> None:
    shop = Retailer.objects.create(name="Drawn", made_up=True)
    note = "The picture is broken."
    product = make_product(
        retailer=shop, picture_state="failed", picture_note=note, filed_under=make_category(id=7)
    )
    assert "made up for the demo" in text_of(taxonomist, reverse("product", args=(product.pk,)))
    category = text_of(taxonomist, reverse("category", args=(7,)))
    assert "made up</span>" in category
    assert f'aria-label="No picture: {note}"' in category


def test_a_picture_may_be_kept_for_ever_and_is_what_it_says(taxonomist: Client) -> None:
    name = f"cd/cd{'1' * 62}.webp"
    path = Path(settings.DATA) / "pictures" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    response = taxonomist.get(reverse("picture", args=(name,)))
    assert b"".join(response.streaming_content) == b"RIFF"  # type: ignore[attr-defined]  # a file's response
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["../secret_key", "ab/../../secret_key", "ab/abc.png", "x.png"])
def test_no_other_file_is_served_as_a_picture(taxonomist: Client, name: str) -> None:
    assert taxonomist.get(f"/pictures/{name}").status_code == 404


def test_imports_tell_their_figures_and_give_back_what_was_set_aside(taxonomist: Client) -> None:
    path = Path(settings.DATA) / "rejects" / "products-9.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("line,column,field,reason,row\n7,,price,No price,x\n")
    done = make_import(rejects="products-9.csv", figures={"rows": 1503, "rejected": 3})
    text = text_of(taxonomist, reverse("imports"))
    assert "1,503\xa0rows" in text
    address = reverse("import_rejects", args=(done.pk,))
    assert address in text
    response = taxonomist.get(address)
    assert "attachment" in response["Content-Disposition"]
    assert b"No price" in b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file's response


@pytest.mark.parametrize("name", ["", "../secret_key", "/etc/passwd", "a/b.csv", "missing.csv"])
def test_only_files_of_rejects_are_given_out(taxonomist: Client, name: str) -> None:
    done = make_import(rejects=name)
    assert taxonomist.get(reverse("import_rejects", args=(done.pk,))).status_code == 404


def test_judgments_of_a_product_are_hidden_from_annotators_who_have_not_judged_it(
    client: Client,
) -> None:
    user = make_user("annotators")
    client.force_login(user)
    page, product = make_category("Pepper", is_page=True), make_product()
    make_judgment(page, product, 0, who="Bo")
    address = reverse("product_judgments", args=(product.pk,))
    assert "wrong" not in text_of(client, address, **HTMX)
    assert "1 grade of other people is hidden" in text_of(client, address, **HTMX)
    own = make_judgment(page, product, 3, who="Ana").annotator
    own.user = user
    own.save()
    assert "wrong" in text_of(client, address, **HTMX)
    assert "hidden" not in text_of(client, address, **HTMX)


def make_import(**fields: object) -> Import:
    now = timezone.now()
    values: dict[str, object] = {"kind": "products", "source": "feed.tsv"}
    return Import.objects.create(**(values | fields), started_at=now, finished_at=now)


def test_details_of_a_feed_stand_on_lines_of_their_own() -> None:
    joined = "Size:width:3 cm, 4 cm at the foot,Size:height:9 cm"
    product = make_product(attributes={"product_detail": joined, "age_group": "adult"})
    assert attribute_lines(product) == [
        ("product detail", ["width: 3 cm, 4 cm at the foot", "height: 9 cm"]),
        ("age group", ["adult"]),
    ]
