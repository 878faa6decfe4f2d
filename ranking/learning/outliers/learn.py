"""All that is learned about outliers, from the judgments that a blend has learned from."""

from __future__ import annotations

from ranking.learning.examples import Examples
from ranking.learning.outliers.detect import learn_detector
from ranking.learning.outliers.looks import blends_of_others, doubt, look_at
from ranking.pipeline.blend import Blend
from ranking.pipeline.data import Judged, Options
from ranking.pipeline.disambiguate import NO_TEXTS, UNTRAINED, Head, Texts
from ranking.pipeline.outliers.detector import Detector
from ranking.pipeline.rerank import Reader
from ranking.pipeline.shelf import Shelf


def learn_outliers(
    shelf: Shelf,
    judged: Judged,
    known: Examples,
    blend: Blend,
    options: Options,
    seed: int,
    texts: Texts = NO_TEXTS,
    head: Head = UNTRAINED,
    reader: Reader | None = None,
) -> Detector:
    """Return the detector to go with a blend that was learned from `known`, the examples of
    `judged`; options, texts, head and reader are those of the examples."""
    looks = look_at(shelf, judged, texts, head, reader, options)
    doubted = doubt(looks, blends_of_others(known, blend, seed), shelf)
    return learn_detector(doubted, shelf, seed, options)
