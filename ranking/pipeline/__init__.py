"""From arrays to ranked pages: `rank_pages` is the recipe, one stage per line.

Nothing heavy is loaded before it is called, so that the web may read the signals' names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ranking.pipeline.blend import Blend
    from ranking.pipeline.data import Ints, Judged, Options, PageRanking
    from ranking.pipeline.disambiguate import Guide
    from ranking.pipeline.known import Known
    from ranking.pipeline.outliers.detector import Detector
    from ranking.pipeline.profile import Profile
    from ranking.pipeline.rerank import Reader
    from ranking.pipeline.shelf import Shelf


def rank_pages(
    pages: Sequence[int],
    shelf: Shelf,
    judged: Judged,
    blend: Blend,
    options: Options,
    guide: Guide | None = None,
    reader: Reader | None = None,
    detector: Detector | None = None,
    known: Known | None = None,
    told: Mapping[int, Options] | None = None,
) -> Iterator[PageRanking]:
    """Yield each page's ranking, in the order asked for; the guide reads the texts that tell
    siblings apart, the reader page and product together, and the detector finds what does not
    belong, if there are any. A page of which nothing has changed since `known` is not ranked. Pages
    that are `told` something else than the rest go by that.

    Equal inputs give equal rankings, whichever pages are asked for together. Raises KeyError
    for a page that is not in the tree.
    """
    from ranking.pipeline.data import PageRanking
    from ranking.pipeline.profile import profile
    from ranking.pipeline.retrieve import retrieve

    together: dict[str, float] = {}
    with _timed(together, "retrieve"):
        profiles = [profile(page, shelf, judged) for page in pages]
        candidates = retrieve(profiles, shelf, options)
    for page, rows in zip(profiles, candidates, strict=True):
        seconds = {"retrieve": together["retrieve"] / len(profiles)}
        its_options = (told or {}).get(page.page, options)
        now = ""
        if known:
            with _timed(seconds, "known"):
                now = known.of(page, rows, its_options)
        if known and known.before.get(page.page) == now:
            yield PageRanking(page.page, [], "", seconds, "", now, is_unchanged=True)
        else:
            seen = (shelf, blend, its_options, guide, reader, detector)
            yield replace(_rank_page(page, rows, seconds, *seen), known=now)


def _rank_page(
    page: Profile,
    rows: Ints,
    seconds: dict[str, float],
    shelf: Shelf,
    blend: Blend,
    options: Options,
    guide: Guide | None,
    reader: Reader | None,
    detector: Detector | None,
) -> PageRanking:
    """Return the ranking of these candidates; `seconds` is told what each stage takes."""
    from ranking.pipeline.data import PageRanking
    from ranking.pipeline.report import Scored, digest, table
    from ranking.pipeline.rules import apply_rules
    from ranking.pipeline.signals import measure

    with _timed(seconds, "disambiguate"):
        sibling_fit = guide.sibling_fit(page.page, rows) if guide else None
    with _timed(seconds, "rerank"):
        reranked = reader.reranked(page, rows) if reader else None
    with _timed(seconds, "signals"):
        signals = measure(page, rows, shelf, sibling_fit, reranked)
    with _timed(seconds, "blend"):
        scored = Scored.by(blend, page, rows, signals)
    with _timed(seconds, "outliers"):
        doubts = scored.doubts(shelf.catalogue, detector, options)
    with _timed(seconds, "rules"):
        lineup, relaxed = apply_rules(scored.lineup(shelf.catalogue, doubts), options)
    with _timed(seconds, "why"):
        ranked = table(scored, lineup, blend, shelf)
    inputs = digest(scored, blend, shelf, options, detector, doubts)
    return PageRanking(page.page, ranked, relaxed, seconds, inputs)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds[stage] = perf_counter() - start
