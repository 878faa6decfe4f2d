"""Kinds that are left out of what is learned are judged by what the others teach."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ranking.pipeline.duplicates.fit import are_one
from ranking.pipeline.duplicates.labelled import Unlabelled, column
from ranking.pipeline.duplicates.left_out import boosters, scorer
from ranking.pipeline.duplicates.offers import Offer, Seen, said_of, see
from ranking.pipeline.duplicates.rarity import Rarity


def catalogue() -> tuple[list[Offer], list[str], list[str]]:
    """Return lamps whose number tells them apart, sofas that are one whatever their number is,
    and the clusters and kinds of both; offers of even id are lamps."""
    offers: list[Offer] = []
    clusters: list[str] = []
    kinds: list[str] = []
    for made, shop in product(range(60), "ABC"):
        for kind in ("sofa", "lamp"):
            offers.append(Offer(len(offers) + 1, f"Hay {kind} HX{300 + made % 30}K", shop))
            clusters.append(kind if kind == "sofa" else f"lamp {made % 30} {made // 30}")
            kinds.append(kind)
    return offers, clusters, kinds


def test_each_kind_is_judged_by_what_the_other_taught() -> None:
    offers, clusters, kinds = catalogue()
    learned = boosters(offers, clusters, kinds, [])
    assert sorted(learned) == ["lamp", "sofa"]
    rarity = Rarity.among(map(said_of, offers))

    def seen(pk: int) -> Seen:
        return see(offers[pk - 1], said_of(offers[pk - 1]), rarity)

    lamp, sofa = scorer(learned, kinds)([(seen(2), seen(4)), (seen(1), seen(3))])
    assert lamp > 0.95  # all sofas that were compared were one
    assert sofa < 0.8  # of two lamps with one number, half were


def test_who_is_one_with_whom_follows_from_the_clusters() -> None:
    places = np.array([[0, 1], [0, 2]])
    assert are_one(places, ["a", "b", "a"]).tolist() == [False, True]


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_text("offer_id,kind\n1,lamp\n2,sofa\n")
    assert column(file, "kind") == ["lamp", "sofa"]
    with pytest.raises(Unlabelled, match="no column category"):
        column(file, "category")
