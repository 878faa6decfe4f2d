"""How carefully a person judges, by the gold among it: a warning first, then a pause."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from judgments.models import (
    Annotator,
    Campaign,
    Grade,
    Judgment,
    Participation,
    ParticipationState,
    Purpose,
    Seat,
    SeatState,
)

# As in Potato (Pei et al., 2022): of the last ten whose grade is known, two missed are worth
# a word, and five mean that something is wrong.
LOOKED_AT = 10
WARN_AT = 2
PAUSE_AT = 5


def watch(annotator: Annotator, just_answered: Iterable[Seat]) -> str:
    """Warn or pause this person where the gold they missed asks for it; return what to tell them.

    `just_answered` is gold, and counts from the next on: a word that came with the answer would
    say which product it was about, and it could be taken back. Missed is what lies on the other
    side of acceptable. Only a lead lets a paused person go on.
    """
    seats = {seat.pk: seat.item.campaign for seat in just_answered}
    told = [_weigh(annotator, campaign, set(seats)) for campaign in set(seats.values())]
    return " ".join(sentence for sentence in told if sentence)


def _weigh(annotator: Annotator, campaign: Campaign, besides: set[int]) -> str:
    part = Participation.objects.filter(annotator=annotator, campaign=campaign).first()
    if part and part.state == ParticipationState.PAUSED:
        return ""
    seen, missed = _missed(annotator, campaign, part, besides)
    state, reason = _verdict(campaign, seen, missed)
    before = part.state if part else ParticipationState.ACTIVE
    if (state, reason) != (before, part.reason if part else ""):
        Participation.objects.update_or_create(
            annotator=annotator, campaign=campaign, defaults={"state": state, "reason": reason}
        )
    return reason if state != before else ""


def _missed(
    annotator: Annotator, campaign: Campaign, part: Participation | None, besides: set[int]
) -> tuple[int, int]:
    """Return of the newest LOOKED_AT gold answers, but for those on the seats `besides`, how many
    there are, and how many missed."""
    seats = Seat.objects.exclude(pk__in=besides).filter(
        annotator=annotator,
        state=SeatState.JUDGED,
        item__campaign=campaign,
        item__purpose=Purpose.GOLD,
    )
    if part and part.counted_from:
        seats = seats.filter(answered_at__gt=part.counted_from)
    words = Judgment.objects.filter(seat=OuterRef("pk")).order_by("-id")
    graded = seats.annotate(said=Subquery(words.values("grade")[:1])).order_by("-answered_at")
    newest = list(graded.values_list("said", "item__gold__grade")[:LOOKED_AT])
    return len(newest), sum(_is_right(said) != _is_right(known) for said, known in newest)


def _verdict(campaign: Campaign, seen: int, missed: int) -> tuple[ParticipationState, str]:
    if missed < WARN_AT:
        return ParticipationState.ACTIVE, ""
    counted = (
        f"Of your last {seen} products whose grade is known in {campaign}, you missed {missed}"
    )
    if missed < PAUSE_AT:
        return ParticipationState.WARNED, f"{counted}. Please read the guideline again."
    return (
        ParticipationState.PAUSED,
        f"{counted}. You are paused until a lead lets you go on.",
    )


def _is_right(grade: int) -> bool:
    return grade >= Grade.ACCEPTABLE
