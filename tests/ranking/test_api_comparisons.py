"""Comparisons, quality and notes as programs get them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ranking.models import Comparison
from ranking.queries.gate import gate
from tests.factories import make_category, make_product
from tests.ranking.comparing import compared, judged, make_page, measured, publish, rank, worked_at
from tests.ranking.rankings import make_run

pytestmark = pytest.mark.django_db


def post(client: Client, name: str, *args: int, said: Any = None) -> Any:
    return client.post(reverse(name, args=args), said or {}, content_type="application/json")


def test_a_program_asks_for_a_comparison_and_reads_its_figures(merchandiser: Client) -> None:
    page = make_page(make_category())
    right, wrong = judged(page, 3, 3), judged(page, 0, 3)
    runs = [rank({page: right}), rank({page: [*wrong, *right]})]
    said = {"sides": [f"run:{run.pk}" for run in runs], "token": str(uuid.uuid4())}
    asked = post(merchandiser, "api_comparisons", said=said)
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    assert post(merchandiser, "api_comparisons", said=said).status_code == 200
    worked_at(Comparison.objects.get())
    found = merchandiser.get(asked.headers["Location"]).json()
    assert found["sides"] == said["sides"]
    assert found["figures"]["sides"][1]["against_first"]["p@10"]["mean"] == -0.5
    assert found["is_old"] is False
    listed = merchandiser.get(reverse("api_comparisons")).json()["results"]
    assert [one["id"] for one in listed] == [found["id"]]
    assert "figures" not in listed[0]


def test_comparing_with_what_is_published_decides_the_runs_gate(merchandiser: Client) -> None:
    page = make_page(make_category())
    products = judged(page, 3, 2)
    publish(rank({page: products}))
    run = rank({page: products})
    post(merchandiser, "api_comparisons", said={"sides": ["published", f"run:{run.pk}"]})
    worked_at(Comparison.objects.get())
    assert gate(run).is_open


@pytest.mark.parametrize(
    "said", [{}, {"sides": []}, {"sides": ["published", "published"]}, {"sides": ["run:1", "x"]}]
)
def test_what_cannot_be_compared_is_refused(merchandiser: Client, said: dict[str, Any]) -> None:
    assert post(merchandiser, "api_comparisons", said=said).status_code == 400
    assert not Comparison.objects.exists()


def test_the_pages_that_changed_come_in_parts_by_what_is_asked(merchandiser: Client) -> None:
    branch = make_category()
    pages = [make_page(branch) for _ in range(3)]
    products = [make_product() for _ in range(6)]
    orders = (products[3:], [*products[1:3], products[0]], products[:3])
    first = rank(dict.fromkeys(pages, products[:3]))
    comparison = compared(first, rank(dict(zip(pages, orders, strict=True))))
    address = reverse("api_compared_pages", args=(comparison.pk,))
    told = merchandiser.get(f"{address}?limit=1").json()
    assert (told["count"], told["results"][0]["page"]) == (2, pages[0].pk)
    assert told["results"][0]["jaccard"] == 0
    assert merchandiser.get(f"{address}?of=2").json()["count"] == 0
    for query in ("of=x", "sort=name"):
        assert merchandiser.get(f"{address}?{query}").status_code == 400


def test_a_comparison_is_cancelled_once_and_tried_again(merchandiser: Client) -> None:
    sides = [f"run:{make_run().pk}" for _ in range(2)]
    pk = post(merchandiser, "api_comparisons", said={"sides": sides}).json()["id"]
    assert post(merchandiser, "api_cancel_comparison", pk).json()["state"] == "cancelled"
    assert post(merchandiser, "api_cancel_comparison", pk).status_code == 409
    assert post(merchandiser, "api_resume_comparison", pk).json()["state"] == "waiting"


def test_quality_over_time_and_notes(merchandiser: Client) -> None:
    page = make_page(make_category())
    run = rank({page: judged(page, 3, 2)})
    measured(run)
    said = {"text": "A new feed."}
    assert post(merchandiser, "api_run_notes", run.pk, said=said).status_code == 201
    assert post(merchandiser, "api_run_notes", run.pk, said={"text": " "}).status_code == 400
    (line,) = merchandiser.get(reverse("api_quality")).json()["results"]
    assert (line["run"], line["notes"], line["published"]) == (run.pk, ["A new feed."], [])
    assert line["figures"]["right"]["mean"] == 1
    (note,) = merchandiser.get(reverse("api_run_notes", args=(run.pk,))).json()["results"]
    assert note["text"] == "A new feed."
