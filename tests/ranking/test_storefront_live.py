"""A shop's program on a real server while pages are published and rolled back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.storefront import SETTINGS, published_shop, published_under_load, served
from tests.bench.storefront.verdict import Change, Reply, faults
from tests.installation import installation

OLD, NEW = {7: "a" * 64}, {7: "b" * 64}
CHANGES = [Change(10.0, 11.0, NEW), Change(20.0, 21.0, OLD)]


@pytest.mark.long
@pytest.mark.rows
def test_nobody_sees_a_mixture_an_error_or_what_is_stale(tmp_path: Path) -> None:
    with installation(tmp_path, **SETTINGS) as place:
        shop = published_shop(place, pages=12, shown=24)
        with served(place, tmp_path) as port:
            seen, changes = published_under_load(shop, port, tmp_path, requests=600)
    assert faults(seen, shop.listings("before"), changes) == []
    assert {reply.listing for reply in seen} == {
        *shop.listings("before").values(),
        *shop.listings("after").values(),
    }
    assert {reply.status for reply in seen} == {200, 304}


def reply(sent: float, listing: str, **more: str | int) -> Reply:
    values = {"status": 200, "etag": f'"{listing}.1"', "content": listing, "known": ""} | more
    return Reply(page=7, sent=sent, got=sent + 0.1, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "fault"),
    [
        ([reply(5, NEW[7])], "not yet published"),
        ([reply(12, OLD[7])], "stale"),
        ([reply(22, NEW[7])], "stale"),
        ([reply(10.2, NEW[7]), reply(10.5, OLD[7])], "stale"),
        ([reply(5, OLD[7], content="mixed")], "a mixture"),
        ([reply(5, OLD[7], status=500)], "answered 500"),
        ([reply(5, OLD[7], status=304, known='"x"')], "304 for what was not named"),
    ],
)
def test_what_cannot_be_true_is_found(seen: list[Reply], fault: str) -> None:
    assert fault in " ".join(faults(seen, OLD, CHANGES))


def test_what_may_be_true_is_believed() -> None:
    seen = [reply(9.95, NEW[7]), reply(5, OLD[7]), reply(15, NEW[7]), reply(30, OLD[7])]
    assert faults(seen, OLD, CHANGES) == []
