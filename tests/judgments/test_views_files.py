"""Files of judgments on screen: brought by a lead, taken along by who may see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from judgments import uploads
from judgments.models import Judgment
from taxonomy.models import Import
from tests.factories import make_category, make_judgment, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.rows]
HEADER = "category_id,offer_id,annotator,grade"


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


@pytest.fixture
def lead() -> Client:
    client = Client()
    client.force_login(make_user("leads"))
    return client


def brought(client: Client, name: str, content: str, **form: str) -> str:
    file = SimpleUploadedFile(name, content.encode())
    page = client.post(reverse("upload_judgments"), form | {"file": file}, follow=True)
    return page.content.decode()


def test_a_file_is_read_and_what_was_set_aside_can_be_had(lead: Client) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    text = brought(lead, "judged.csv", f"{HEADER}\n1,a,Ann,3\n1,none,Ann,3\n")
    assert "2 rows read: 1 new judgments" in text
    assert "judged.csv" in text
    address = reverse("judgment_rejects", args=(Import.objects.get().pk,))
    assert address in text
    rejects = b"".join(lead.get(address).streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    assert "No product has the offer id “none”." in rejects
    assert Judgment.objects.get().source == "imported"


def test_the_name_tells_the_format_and_simulated_people_are_marked(lead: Client) -> None:
    make_category(id=1)
    make_product(offer_id="a")
    brought(lead, "judged.qrels", "1 0 a 2\n", simulated="1")
    judgment = Judgment.objects.get()
    assert (judgment.grade, judgment.annotator.simulated, judgment.source) == (2, True, "simulated")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "", "Choose a file first"),
        ("a.csv", "a,b\n1,2\n", "names no column “category_id”"),
        ("a.csv", f"{HEADER}\n1,a,Ann,9\n", "Nothing was imported"),
        ("a.parquet", "PAR1", "Parquet is read by the command"),
        ("a.csv.gz", "\x1f", "names no column"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    lead: Client, name: str, content: str, told: str
) -> None:
    assert told in brought(lead, name, content)
    assert not Judgment.objects.exists()


def test_compressed_and_large_files_are_left_to_the_command(
    lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SimpleUploadedFile("a.csv", b"\x1f\x8bsomething")
    page = lead.post(reverse("upload_judgments"), {"file": file}, follow=True)
    assert "compressed" in page.content.decode()
    monkeypatch.setattr(uploads, "ROW_LIMIT", 1)
    assert "Nothing was read" in brought(lead, "a.csv", f"{HEADER}\n1,a,A,1\n1,b,A,1\n")
    monkeypatch.setattr(uploads, "BYTE_LIMIT", 10)
    assert "Nothing was read" in brought(lead, "a.csv", HEADER)


def test_all_of_it_goes_out_as_a_file_with_its_history_if_asked(lead: Client) -> None:
    page, product = make_category(id=1), make_product(offer_id="a")
    make_judgment(page, product, 0)
    make_judgment(page, product, 3)
    address = reverse("download_judgments", args=("csv",))
    response = lead.get(address)
    assert "attachment" in response["Content-Disposition"]
    assert len(b"".join(response.streaming_content).splitlines()) == 2  # type: ignore[attr-defined]  # it streams
    whole = lead.get(f"{address}?history=1")
    assert len(b"".join(whole.streaming_content).splitlines()) == 3  # type: ignore[attr-defined]  # it streams
    assert lead.get(reverse("download_judgments", args=("parquet",))).status_code == 400


def test_a_merchandiser_takes_them_along_and_is_offered_no_form(client: Client) -> None:
    client.force_login(make_user("merchandisers"))
    text = client.get(reverse("judgment_files")).content.decode()
    assert "Take them along" in text
    assert reverse("upload_judgments") not in text
