"""`evaluate_duplicates` measures on files, and says what is wrong with a bad one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from tests.commands import DATA, run

PAIRS = DATA / "abt-buy" / "test.jsonl"
HEAD = "offer_id,title,retailer,cluster_id\n"
SAME = "Bosch SMV68MD02E dishwasher,{0},1\n"


def measured(*told: object) -> dict[str, Any]:
    return run("evaluate_duplicates", *told).figures


def test_offers_are_grouped_and_compared_with_the_clusters(tmp_path: Path) -> None:
    lines = [HEAD, "1," + SAME.format("A"), "2," + SAME.format("B"), "3,Oak table,B,2\n"]
    file = tmp_path / "offers.csv.gz"
    file.write_bytes(gzip.compress("".join(lines).encode()))
    told = measured("--offers", file)
    assert (told["offers"], told["precision"], told["recall"], told["f1"]) == (3, 1, 1, 1)
    assert told["by_cluster"]["f1"] == 1


def test_a_feeds_own_columns_are_read(tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_text(
        "offer_id,title,retailer,cluster_id,gtin,price\n"
        "1,Lamp,A,1,4006381333931,3\n2,Leuchte,B,1,4006381333931,4\n"
    )
    assert measured("--offers", file)["recall"] == 1


def test_pairs_are_judged_one_by_one(tmp_path: Path) -> None:
    pairs = [
        {"left": {"title": "Sony MDR-EX85 black"}, "right": {"title": "sony mdrex85"}, "same": 1},
        {"left": {"title": "Sony MDR-EX85"}, "right": {"title": "Oak table"}, "same": 0},
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, pairs)))
    told = measured("--pairs", file)
    assert (told["pairs"], told["precision"], told["recall"], told["f1"]) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--offers", "offer_id,title\n1,Lamp\n", "line 1: there is no column retailer"),
        ("--offers", HEAD + "1,Lamp,A\n", "line 2: not as many fields"),
        ("--offers", HEAD + "1,,A,7\n", "line 2: no title"),
        ("--offers", HEAD, "has no offers"),
        ("--offers", "", "line 1: there is no column"),
        ("--pairs", "\n", "has no pairs"),
        ("--pairs", "{", "line 1: not a pair"),
        ("--pairs", '{"left": {}, "right": {}, "same": 1}', "line 1: no titles"),
        ("--pairs", '{"left": {"title": "a"}, "right": {"title": "b"}, "same": 2}', "not 0 or 1"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, option: str, content: str, said: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    with pytest.raises(CommandError, match=said):
        run("evaluate_duplicates", option, file)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read"):
        run("evaluate_duplicates", "--offers", "nowhere.csv")


@pytest.mark.skipif(not PAIRS.exists(), reason=f"needs {PAIRS}")
def test_pairs_of_two_shops_are_told_apart_as_well_as_we_say() -> None:
    assert measured("--pairs", PAIRS)["f1"] > 0.85
