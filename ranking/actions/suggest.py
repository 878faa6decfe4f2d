"""Find lines that may tell siblings apart, and keep them as suggestions. For workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from ranking.learning.suggestions import Line, Miner
from ranking.models import Run, Suggestion, SuggestionSource, SuggestionState
from ranking.pipeline.data import NO_PARENT, Judged
from ranking.pipeline.disambiguate import UNTRAINED, Head
from ranking.pipeline.shelf import Shelf
from ranking.queries.families import family
from ranking.queries.inputs import snapshot
from ranking.supplied import suppliers
from taxonomy.imports.rejects import Unreadable
from taxonomy.models import Category

logger = logging.getLogger(__name__)

MINED = (SuggestionSource.TITLES, SuggestionSource.ATTRIBUTES, SuggestionSource.TREE)
Pair = tuple[int, int]
Beat = Callable[[int, int], object]


class NothingRanked(Exception):
    """No run has prepared anything yet, so there are no vectors to tell products apart by."""


@dataclass
class Found:
    """What a search came to: pairs looked at, and suggestions new, there still, and gone."""

    pairs: int = 0
    new: int = 0
    still: int = 0
    gone: int = 0
    told: list[str] = field(default_factory=list)  # what could not be used, and why


def suggest(
    pairs: Iterable[Pair],
    shelf: Shelf,
    judged: Judged,
    head: Head = UNTRAINED,
    beat: Beat = lambda *_: None,
) -> Found:
    """Find lines for both directions of each pair of siblings, and keep them as suggestions.

    Those found again stay, those that are not go, and what people decided on is left as it is
    and never suggested again. Pairs that are no live siblings (any more) are passed over. `beat`
    is told before each family how many of how many are done.
    """
    families, found = _by_parent(pairs), Found()
    for number, (parent, its_pairs) in enumerate(families.items()):
        beat(number, len(families))
        also = sorted({one for pair in its_pairs for one in pair})
        above = NO_PARENT if parent is None else parent
        miner = Miner(family(above, shelf, judged, head, also))
        for category, sibling in _both_ways(its_pairs):
            lines = miner.lines(category, sibling, _decided_terms(category, sibling))
            keep(category, sibling, lines, MINED, found)
        found.pairs += len(its_pairs)
    _take_supplied([both for its in families.values() for both in _both_ways(its)], found)
    beat(len(families), len(families))
    return found


def _both_ways(pairs: Iterable[Pair]) -> list[Pair]:
    return [both for pair in pairs for both in (pair, pair[::-1])]


def _take_supplied(pairs: Sequence[Pair], found: Found) -> None:
    """Keep what the owner's file or service suggests; when one fails, the rest goes on."""
    for source, supply in suppliers():
        try:
            supplied = supply(pairs)
        except Unreadable as fault:
            found.told.append(str(fault))
            continue
        found.told += supplied.faults
        for category, sibling in pairs:
            texts = supplied.lines.get((category, sibling), [])
            lines = [Line(text, source, {}, 0.0) for text in texts]
            keep(category, sibling, lines, [source], found)
    for sentence in found.told:
        logger.warning("suggestions: %s", sentence)


def suggest_pair(first: int, second: int) -> Found:
    """Find lines for one pair with what the newest run was prepared with.

    Raises NothingRanked.
    """
    run = Run.objects.filter(prepared_at__isnull=False).order_by("-id").first()
    if run is None:
        raise NothingRanked("Nothing has been ranked yet. Start a run first: it reads products.")
    inputs = snapshot(run.pk, str(run.token))
    return suggest([(first, second)], inputs.shelf, inputs.judged)


def keep(
    category: int,
    sibling: int | None,
    lines: Sequence[Line],
    sources: Iterable[str],
    found: Found,
) -> None:
    """Make the lines the open suggestions of these sources, but for what was decided on."""
    place = Suggestion.objects.filter(category=category, sibling=sibling)
    lines_by_text = {line.text: line for line in lines}
    with transaction.atomic():
        still_open = place.filter(state=SuggestionState.OPEN, source__in=list(sources))
        gone = still_open.exclude(text__in=lines_by_text)
        found.gone += gone.count()
        gone.delete()
        known = {one.text: one for one in place.select_for_update()}
        new = [
            _new(category, sibling, line)
            for line in lines_by_text.values()
            if line.text not in known
        ]
        Suggestion.objects.bulk_create(new)
        found.new += len(new)
        again = [one for one in known.values() if one.text in lines_by_text and _is_open(one)]
        for one in again:
            line = lines_by_text[one.text]
            one.source, one.evidence, one.strength = line.source, line.evidence, line.strength
        Suggestion.objects.bulk_update(again, ["source", "evidence", "strength"])
        found.still += len(again)


def _is_open(suggestion: Suggestion) -> bool:
    return suggestion.state == SuggestionState.OPEN


def _new(category: int, sibling: int | None, line: Line) -> Suggestion:
    return Suggestion(
        category_id=category,
        sibling_id=sibling,
        text=line.text,
        source=line.source,
        evidence=line.evidence,
        strength=line.strength,
    )


def _by_parent(pairs: Iterable[Pair]) -> dict[int | None, list[Pair]]:
    """The pairs of live siblings, each once, by their parent."""
    wanted = sorted({(min(pair), max(pair)) for pair in pairs})
    ids = {one for pair in wanted for one in pair}
    parents = dict(Category.objects.live().filter(pk__in=ids).values_list("pk", "parent"))
    families: dict[int | None, list[Pair]] = {}
    for first, second in wanted:
        both_live = first in parents and second in parents and first != second
        if both_live and parents[first] == parents[second]:
            families.setdefault(parents[first], []).append((first, second))
    return families


def _decided_terms(category: int, sibling: int) -> set[str]:
    """The terms of the lines that people have accepted or dismissed."""
    decided = Suggestion.objects.filter(category=category, sibling=sibling)
    evidence = decided.exclude(state=SuggestionState.OPEN).values_list("evidence", flat=True)
    return {term["term"] for each in evidence for term in each.get("terms", ())}
