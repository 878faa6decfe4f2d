"""What the rows say after many people have judged: nothing lost, doubled, over the cap, stolen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.crowd.person import Acknowledged, Diary, Grant
from tests.installation import Installation

SCRIPT = """
from judgments.models import Answer, Item, Judgment, Seat
from judgments.queries import current_judgments
print(json.dumps({
    "answers": list(Answer.objects.order_by("sitting", "sequence").values_list(
        "token", "sitting", "sequence", "kind", "refused", "seat")),
    "judgments": list(Judgment.objects.values_list(
        "token", "seat", "withdrawn", "annotator__user__username")),
    "said": list(current_judgments().values_list("page", "product", "annotator")),
    "seats": list(Seat.objects.values_list("id", "item", "state", "annotator__user__username")),
    "caps": list(Item.objects.values_list("id", "page", "product", "campaign__overlap")),
}, default=str))
"""


@dataclass(frozen=True)
class Found:
    """How many answers and judgments there are, and each thing that is wrong, in a sentence."""

    answers: int
    judgments: int
    taken: int  # answers refused since the product stood before somebody else by then
    faults: list[str]


def found_in(shop: Installation, diaries: Sequence[Diary]) -> Found:
    """Hold what the people saw against what is there."""
    rows = shop.ask_script(SCRIPT)
    acknowledged = [one for diary in diaries for one in diary.acknowledged]
    grants = [one for diary in diaries for one in diary.grants]
    faults = [fault for diary in diaries for fault in diary.faults]
    faults += _lost(rows, acknowledged)
    faults += _doubled(rows)
    faults += _over_the_cap(rows)
    faults += _stolen(grants, acknowledged)
    taken = sum("somebody else has it now" in answer[4] for answer in rows["answers"])
    return Found(len(rows["answers"]), len(rows["judgments"]), taken, faults)


def _lost(rows: dict[str, Any], acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    refused = {answer[0]: answer[4] for answer in rows["answers"]}
    judged = {judgment[0]: judgment[3] for judgment in rows["judgments"]}
    for one in acknowledged:
        if refused.get(one.token) != one.refused:
            yield f"Lost, or changed afterwards: {one}."
        elif one.kind == "grade" and not one.refused and judged.get(one.token) != one.person:
            yield f"Acknowledged, but without a judgment of this person: {one}."


def _doubled(rows: dict[str, Any]) -> Iterator[str]:
    sequences: dict[str, list[int]] = defaultdict(list)
    for _, sitting, sequence, *_ in rows["answers"]:
        sequences[sitting].append(sequence)
    for sitting, numbers in sequences.items():
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"The answers of {sitting} have gaps or repeats."
    standing: Counter[int] = Counter()
    for _, seat, withdrawn, _ in rows["judgments"]:
        standing[seat] += -1 if withdrawn else 1
    states = {seat: (state, person) for seat, _, state, person in rows["seats"]}
    for seat, (state, _) in states.items():
        if standing[seat] != (state == "judged"):
            yield f"Seat {seat} is {state} and has {standing[seat]} judgments that stand."
    for token, seat, _, person in rows["judgments"]:
        if states[seat][0] == "judged" and standing[seat] == 1 and person is None:
            yield f"Judgment {token} is nobody's."


def _over_the_cap(rows: dict[str, Any]) -> Iterator[str]:
    caps = {item: cap for item, _, _, cap in rows["caps"]}
    by_pair = {(page, product): cap for _, page, product, cap in rows["caps"]}
    people = Counter((page, product) for page, product, _ in rows["said"])
    for pair, count in people.items():
        if count > by_pair[pair]:
            yield f"{count} people judged {pair}, and {by_pair[pair]} were to be asked."
    seats = Counter(item for _, item, _, _ in rows["seats"])
    for item, count in seats.items():
        if count > caps[item]:
            yield f"Item {item} has {count} seats, and {caps[item]} people were to be asked."
    taken = Counter((item, person) for _, item, _, person in rows["seats"] if person)
    for (item, person), count in taken.items():
        if count > 1:
            yield f"{person} has {count} seats of item {item}."


def _stolen(grants: Sequence[Grant], acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Name what was given to, or taken from, a second one while the first one's lease ran.

    Only what happened surely within a lease: asked for after it was known, answered before it
    was over.
    """
    by_seat: dict[int, list[Grant]] = defaultdict(list)
    for grant in grants:
        by_seat[grant.seat].append(grant)
    for held in grants:
        for other in by_seat[held.seat]:
            inside = held.received < other.sent and other.received < held.until
            if inside and other.sitting != held.sitting:
                yield f"Given twice: {held}, {other}."
    for one in acknowledged:
        for held in by_seat[one.seat]:
            inside = held.received < one.sent and one.received < held.until
            if inside and one.person != held.person and not one.refused:
                yield f"Answered while leased to another: {one}, {held}."
