"""Three simulated annotators, who err at stated rates, and the truth that they err about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from seestocks.demo.catalogue import FAMILY_OF, KINDS
from seestocks.demo.chance import dice
from seestocks.demo.products import Offer

EXACT, ACCEPTABLE, RELATED, WRONG = 3, 2, 1, 0
PAGES_JUDGED = 0.5  # of all pages
JUDGED_BY_ALL = 1 / 3  # of a judged page's products; one annotator has seen each of the others
# Of a judged page: how many products at most filed there, filed under a sibling, and by chance.
POOL = (22, 10, 4)
CHANCE_IN_TRUTH = 20  # products by chance in a page's truth, beside all that are near it
# How often somebody who grades a misfiled product rightly also says where it belongs.
TELLING = 0.7
ONE_GRADE_OFF = 0.8  # of the errors; the others may be any grade


@dataclass(frozen=True)
class Person:
    """A simulated annotator; `sibling_errors` is the share of errors that take a sibling for it."""

    name: str
    error_rate: float
    sibling_errors: float = 0.0


PEOPLE = (
    Person("Ada Careful", 0.04),
    Person("Ben Average", 0.09),
    Person("Cleo Hasty", 0.16, sibling_errors=0.6),
)


@dataclass(frozen=True)
class Judged:
    """One row of a file of judgments."""

    page: int
    offer_id: str
    annotator: str
    grade: int
    belongs_to: int | None = None  # the right category, where somebody says that it is another


def true_grade(page: int, category: int) -> int:
    """Return what a product that belongs to `category` is worth on the page.

    Exact is the page's own; acceptable is one of a declared twin, such as a moccasin among
    loafers; related is any other sibling's; all else is wrong. Where a feed files a product
    does not matter.
    """
    family = FAMILY_OF[page]
    if category == page:
        return EXACT
    if frozenset((page, category)) in family.twins:
        return ACCEPTABLE
    return RELATED if FAMILY_OF[category] is family else WRONG


def given_grade(person: Person, truth: int, rng: Random) -> int:
    """Return the person's grade: the truth, or at the stated rate another one."""
    if rng.random() >= person.error_rate:
        return truth
    if truth in (RELATED, ACCEPTABLE) and rng.random() < person.sibling_errors:
        return EXACT
    if rng.random() < ONE_GRADE_OFF:
        return rng.choice([grade for grade in (truth - 1, truth + 1) if WRONG <= grade <= EXACT])
    return rng.choice([grade for grade in range(EXACT + 1) if grade != truth])


def simulated_judgments(offers: list[Offer], seed: int) -> Iterator[Judged]:
    """Yield what the three have judged so far, page by page."""
    rng = dice(seed, "people")
    nearby = by_family(offers)
    for page in sorted(rng.sample(sorted(KINDS), round(len(KINDS) * PAGES_JUDGED))):
        for offer in _pool(page, nearby, offers, rng):
            truth = true_grade(page, offer.kind.id)
            everyone = rng.random() < JUDGED_BY_ALL
            for person in PEOPLE if everyone else (rng.choice(PEOPLE),):
                grade = given_grade(person, truth, rng)
                tells = offer.filed == page and grade == truth < EXACT and rng.random() < TELLING
                elsewhere = offer.kind.id if tells else None
                yield Judged(page, offer.offer_id, person.name, grade, elsewhere)


def _pool(
    page: int, nearby: dict[str, list[Offer]], offers: list[Offer], rng: Random
) -> list[Offer]:
    near = nearby[FAMILY_OF[page].name]
    filed = [offer for offer in near if page in (offer.filed, offer.kind.id)]
    siblings = [offer for offer in near if page not in (offer.filed, offer.kind.id)]
    groups = zip((filed, siblings), POOL, strict=False)
    pool = [offer for group, size in groups for offer in rng.sample(group, min(size, len(group)))]
    return pool + _by_chance(offers, near, POOL[-1], rng)


def by_family(offers: list[Offer]) -> dict[str, list[Offer]]:
    """Return, by a family's name, the offers that belong to it or are filed there."""
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        for name in {FAMILY_OF[offer.kind.id].name, FAMILY_OF[offer.filed].name}:
            found.setdefault(name, []).append(offer)
    return found


def _by_chance(offers: list[Offer], near: list[Offer], count: int, rng: Random) -> list[Offer]:
    known = {offer.offer_id for offer in near}
    return [offer for offer in rng.sample(offers, count) if offer.offer_id not in known]


def true_judgments(offers: list[Offer], seed: int) -> Iterator[Judged]:
    """Yield the true grade of all products near a page, those filed there included, and some more.

    Of all that is not exact, it says where it belongs. It is for `evaluate --judgments` alone and
    is never imported.
    """
    rng = dice(seed, "truth")
    nearby = by_family(offers)
    for page in sorted(KINDS):
        near = nearby[FAMILY_OF[page].name]
        for offer in near + _by_chance(offers, near, CHANCE_IN_TRUTH, rng):
            grade, kind = true_grade(page, offer.kind.id), offer.kind.id
            yield Judged(page, offer.offer_id, "truth", grade, None if grade == EXACT else kind)
