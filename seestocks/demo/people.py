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
ONE_GRADE_OFF = 0.8  # of the errors; the others may be any grade


@dataclass(frozen=True)
class Person:
    """A simulated annotator; `sibling_errors` is the share of errors that take a sibling for it."""

    name: str
    error_rate: float
    sibling_errors: float = 0.0


PEOPLE = (
    Person("Ada Sorgsam", 0.04),
    Person("Ben Mittel", 0.09),
    Person("Cleo Eilig", 0.16, sibling_errors=0.6),
)


@dataclass(frozen=True)
class Judged:
    """One row of a file of judgments."""

    page: int
    offer_id: str
    annotator: str
    grade: int


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
    for page in sorted(rng.sample(sorted(KINDS), round(len(KINDS) * PAGES_JUDGED))):
        for offer in _pool(page, offers, rng):
            truth = true_grade(page, offer.kind.id)
            everyone = rng.random() < JUDGED_BY_ALL
            for person in PEOPLE if everyone else (rng.choice(PEOPLE),):
                grade = given_grade(person, truth, rng)
                yield Judged(page, offer.offer_id, person.name, grade)


def _pool(page: int, offers: list[Offer], rng: Random) -> list[Offer]:
    family = FAMILY_OF[page]
    filed = [offer for offer in offers if page in (offer.filed, offer.kind.id)]
    nearby = [o for o in offers if FAMILY_OF[o.kind.id] is family and o not in filed]
    far = [o for o in offers if family not in (FAMILY_OF[o.kind.id], FAMILY_OF[o.filed])]
    groups = zip((filed, nearby, far), POOL, strict=True)
    return [offer for group, size in groups for offer in rng.sample(group, min(size, len(group)))]


def truth(offers: list[Offer], seed: int, by_chance: int = 20) -> Iterator[Judged]:
    """Yield the true grade of every product filed near a page or belonging near it, and a few more.

    It is for `evaluate --judgments` alone and is never imported.
    """
    rng = dice(seed, "truth")
    for page in sorted(KINDS):
        family = FAMILY_OF[page]
        near = [o for o in offers if family in (FAMILY_OF[o.kind.id], FAMILY_OF[o.filed])]
        known = {offer.offer_id for offer in near}
        far = [offer for offer in rng.sample(offers, by_chance) if offer.offer_id not in known]
        for offer in near + far:
            yield Judged(page, offer.offer_id, "truth", true_grade(page, offer.kind.id))
