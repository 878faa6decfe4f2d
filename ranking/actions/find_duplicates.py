"""Find which products are offers of the same one. For workers: loads the scorer.

Only new and changed products are compared, and only the groups that they touch are made again. A
pair is judged by what its two offers say and by how rare words are; that is kept in a file, and
learned again, with all compared anew, when the catalogue has doubled or halved since. So the
result is that of comparing all from nothing with the same file, but for keys that so many offers
share that they are passed over: a pair found before a key grew so common stays found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction

from ranking.models import ComparedOffer, OfferMatch
from ranking.pipeline.duplicates.compare import Comparison, Match
from ranking.pipeline.duplicates.grouping import Pair, components
from ranking.pipeline.duplicates.offers import Offer, said_of
from ranking.pipeline.duplicates.rarity import Rarity
from ranking.pipeline.duplicates.scorer import scorer_digest
from ranking.queries.compared import compared, fingerprint, links, offers
from ranking.whole_files import write_whole

Beat = Callable[[str, int, int], None]
STAGE = "Comparing offers"
Item = TypeVar("Item")
GROWTH = 2  # times as many titles, or as few, before words are counted anew
BATCH = 500  # rows at once
TRIES = 3  # of a comparison that others' writes come in the way of


@dataclass(frozen=True)
class Found:
    """What came of a comparison."""

    compared: int  # offers that were new or had changed
    matches: int  # pairs taken for one product, all told
    regrouped: int  # offers whose group is another than before


def find_duplicates(beat: Beat) -> Found:
    """Compare what is new and changed, and bring matches and groups up to date, all at once.

    Another worker that does the same, or a product that is deleted, in the middle of it has it
    begin again.
    """
    for left in reversed(range(TRIES)):
        try:
            return _find(beat)
        except IntegrityError:
            if not left:
                raise
    raise AssertionError  # the last try returns or raises


def _find(beat: Beat) -> Found:
    beat(STAGE, 0, 0)
    before, now = compared(), offers()
    rarity = _rarity(now)
    prints = {offer.id: fingerprint(offer, rarity.digest, scorer_digest()) for offer in now}
    new = {pk for pk, told in prints.items() if before.get(pk, ("", 0))[0] != told}
    is_whole = len(before) == _kept_count()  # nothing was deleted since
    if not new and is_whole:
        return Found(0, OfferMatch.objects.count(), 0)
    beat(STAGE, 0, len(new))
    comparison = Comparison(now, rarity)
    found = comparison.matches(new, lambda done, total: beat(STAGE, done, total)) if new else []
    with transaction.atomic():
        linked = _replace_matches(new, found)
        touched = linked.touched if is_whole else set(prints)
        changed = _regroup(comparison, before, prints, _around(linked.links, touched), touched)
    _keep_count(len(now))
    return Found(len(new), len(linked.links), changed)


@dataclass(frozen=True)
class _Linked:
    links: dict[Pair, float]  # all there are now
    touched: set[int]  # what was compared, and what it was or is linked to


def _replace_matches(new: set[int], found: Sequence[Match]) -> _Linked:
    """Put what was found in the place of the matches of all that was compared."""
    before = links()
    stale = {pair for pair in before if not new.isdisjoint(pair)}
    fresh = {(match.first, match.second): match.chance for match in found}
    kept = {pair: chance for pair, chance in before.items() if pair not in stale}
    for some in _batched(sorted({pair[0] for pair in stale}), BATCH):
        rows = OfferMatch.objects.filter(first__in=some).values_list("pk", "first_id", "second_id")
        gone = [pk for pk, one, other in rows if (one, other) in stale]
        for few in _batched(gone, BATCH):
            OfferMatch.objects.filter(pk__in=few).delete()
    for matches in _batched(found, BATCH):
        OfferMatch.objects.bulk_create(
            OfferMatch(first_id=m.first, second_id=m.second, chance=m.chance, why=m.why)
            for m in matches
        )
    return _Linked(kept | fresh, new.union(*stale, *fresh))


def _around(links: dict[Pair, float], touched: set[int]) -> dict[Pair, float]:
    """Return the links of every component that holds a touched offer."""
    near = {pk for some in components(links) if not touched.isdisjoint(some) for pk in some}
    return {pair: chance for pair, chance in links.items() if pair[0] in near}


def _regroup(
    comparison: Comparison,
    before: dict[int, tuple[str, int]],
    prints: dict[int, str],
    links: dict[Pair, float],
    touched: set[int],
) -> int:
    """Group what hangs together by these links; return how many offers' group is another now."""
    group = {pk: pk for pk in touched} | comparison.groups(links)
    rows = [
        ComparedOffer(product_id=pk, fingerprint=prints[pk], group=own)
        for pk, own in sorted(group.items())
        if before.get(pk) != (prints[pk], own)
    ]
    for some in _batched(rows, BATCH):
        ComparedOffer.objects.bulk_create(
            some,
            update_conflicts=True,
            unique_fields=["product"],
            update_fields=["fingerprint", "group"],
        )
    return sum(before.get(row.product_id, ("", row.product_id))[1] != row.group for row in rows)


def _rarity(now: Sequence[Offer]) -> Rarity:
    """Return how rare words are: as it was kept, unless the catalogue is quite another by now."""
    path = _folder() / "rarity.json"
    kept = Rarity.load(path)
    if kept and kept.titles <= GROWTH * len(now) and len(now) <= GROWTH * kept.titles:
        return kept
    rarity = Rarity.among(map(said_of, now))
    write_whole(path, lambda half: half.write_text(rarity.as_text()))
    return rarity


def _kept_count() -> int:
    """Return how many offers were compared when all was last well; −1 before the first time."""
    try:
        return int((_folder() / "count").read_text())
    except (OSError, ValueError):
        return -1


def _keep_count(count: int) -> None:
    write_whole(_folder() / "count", lambda half: half.write_text(str(count)))


def _folder() -> Path:
    folder: Path = settings.DATA / "duplicates"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _batched(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
