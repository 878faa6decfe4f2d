"""The shipped image tower does what its card says."""

from __future__ import annotations

from ranking.pipeline.encode import load_encoder
from seestocks.management.commands.train_image_tower import zero_shot


def test_the_shipped_tower_finds_the_category_of_pictures_it_never_saw() -> None:
    # The card says 0.90 and 0.94; chance is 0.005 and about 0.2.
    scores = zero_shot(load_encoder(), per_kind=2, seed=11)
    assert scores["categories"] == 209
    assert scores["accuracy"] > 0.82
    assert scores["accuracy_among_siblings"] > 0.88
