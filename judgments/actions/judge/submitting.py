"""Taking answers in: each once, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from judgments.actions.judge.answering import Answering
from judgments.actions.judge.leasing import keep_leases
from judgments.actions.judge.sitting import alone
from judgments.actions.judge.submissions import (
    Gap,
    Outcome,
    Submission,
    SubmissionFault,
    Submitted,
    Told,
    check,
)
from judgments.actions.judge.watching import watch
from judgments.models import Answer, Grade, Judgment, Seat, Sitting


def submit(sitting: Sitting, submissions: Sequence[Submission]) -> Submitted:
    """Keep each submission that is new, all or none; return what became of every one.

    One that came before gets the outcome of the first time. One that cannot count is kept and
    refused, and does not stop the others. Raises Gap when a number is missing, and
    SubmissionFault for what makes no sense.
    """
    check(submissions)
    with transaction.atomic():
        sitting = alone(sitting)
        answers = _known(sitting, submissions)
        new = [(at, one) for at, one in enumerate(submissions) if one.token not in answers]
        if new:
            answers |= _taken(sitting, sorted(new, key=lambda numbered: numbered[1].sequence))
        notice = watch(sitting.annotator, _with_gold(answers[one.token] for _, one in new))
        sitting.seen_at = timezone.now()
        sitting.save(update_fields=["sequence", "seen_at"])
        keep_leases(sitting)
    outcomes = [outcome_of(answers[one.token]) for one in submissions]
    return Submitted(sitting.sequence, outcomes, notice)


def outcome_of(answer: Answer) -> Outcome:
    """Return what became of an answer: the same however often it is asked."""
    gold = answer.seat.item.gold
    if not gold or not gold.training or answer.grade is None or answer.refused:
        return Outcome(answer.token, answer.refused)
    right = (answer.grade >= Grade.ACCEPTABLE) == (gold.grade >= Grade.ACCEPTABLE)
    return Outcome(answer.token, told=Told(gold.grade, gold.explanation, right))


def _with_gold(answers: Iterable[Answer]) -> list[Seat]:
    """Return the seats among these answers' whose grade is known."""
    seats = [answer.seat for answer in answers if not answer.refused]
    return [seat for seat in seats if seat.item.gold_id]


def _known(sitting: Sitting, submissions: Sequence[Submission]) -> dict[UUID, Answer]:
    """Return by token what arrived before. Raises SubmissionFault for what is another's token."""
    places = {one.token: index for index, one in enumerate(submissions)}
    found = Answer.objects.filter(token__in=places).select_related("seat__item__gold")
    for answer in found:
        if answer.sitting_id != sitting.pk:
            raise SubmissionFault(places[answer.token], "token", "It is another answer's.")
    known = {answer.token: answer for answer in found}
    for token in _of_judgments(submissions):
        if token not in known:
            raise SubmissionFault(places[token], "token", "It is a judgment's already.")
    return known


def _of_judgments(submissions: Sequence[Submission]) -> set[UUID]:
    """Return the tokens that judgments bear, said here or elsewhere."""
    tokens = {one.token for one in submissions}
    return set(Judgment.objects.filter(token__in=tokens).values_list("token", flat=True))


def _taken(sitting: Sitting, new: Sequence[tuple[int, Submission]]) -> dict[UUID, Answer]:
    """Take in what is new, in the order of its numbers. Raises Gap and SubmissionFault."""
    for expected, (_, one) in enumerate(new, sitting.sequence + 1):
        if one.sequence != expected:
            raise Gap(sitting.sequence + 1)
    answering = Answering(sitting, [one for _, one in new])
    taken = {one.token: answering.take(one, index) for index, one in new}
    answering.write()
    sitting.sequence += len(new)
    return taken
