"""What people send from the judging screens without scripts, checked."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.http import QueryDict

from judgments.actions.judge import Submission
from judgments.models import Annotator, Answer, AnswerKind, Campaign, CannotTell, Grade, View
from judgments.queries.queue import ASIDE, campaigns_for
from taxonomy.models import Category
from taxonomy.queries import meant

USUAL_BATCH = 50
GRADES = {"wrong": 0, "related": 1, "acceptable": 2, "exact": 3}
KINDS = {
    **dict.fromkeys((*GRADES, "elsewhere"), AnswerKind.GRADE),
    "first": AnswerKind.FIRST,
    "second": AnswerKind.SECOND,
    "neither": AnswerKind.NEITHER,
    "cannot_tell": AnswerKind.CANNOT_TELL,
    "later": AnswerKind.LATER,
    "undo": AnswerKind.UNDO,
}


class StartForm(forms.Form):
    """Which queue somebody sits down to, and how it is shown."""

    id = forms.UUIDField()
    view = forms.ChoiceField(choices=View.choices)
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    branch = forms.ModelChoiceField(Category.objects.all(), required=False)
    aside = forms.ChoiceField(choices=[("", ""), *((one, one) for one in ASIDE)], required=False)
    batch = forms.IntegerField(min_value=1, max_value=500, required=False)

    def __init__(self, data: Any, annotator: Annotator) -> None:
        super().__init__(data)
        self.fields["campaign"] = forms.ModelChoiceField(campaigns_for(annotator), required=False)

    def clean_batch(self) -> int:
        """Return the number of answers after which there is a pause."""
        batch: int = self.cleaned_data["batch"] or USUAL_BATCH
        return batch


class AnswerForm(forms.Form):
    """One answer. `said` is the button: a grade, one of two, why not, or undo."""

    token = forms.UUIDField()
    sequence = forms.IntegerField(min_value=1)
    seat = forms.IntegerField(required=False)
    said = forms.ChoiceField(choices=[(one, one) for one in KINDS])
    grade = forms.TypedChoiceField(choices=Grade.choices, coerce=int, required=False)
    belongs_to = forms.CharField(required=False, max_length=2000)
    reason = forms.ChoiceField(choices=[("", ""), *CannotTell.choices], required=False)
    note = forms.CharField(required=False, max_length=300)
    undoes = forms.UUIDField(required=False)

    def clean_belongs_to(self) -> int | None:
        """Return the id of the live category that is called so, if any is named."""
        typed: str = self.cleaned_data["belongs_to"].strip()
        if not typed:
            return None
        found = meant(typed)
        if not found:
            raise forms.ValidationError(f"There is no category “{typed}”.")
        if len(found) > 1:
            raise forms.ValidationError(f"Several are called “{typed}”: write its number.")
        return found[0].pk

    def clean(self) -> dict[str, Any]:
        said, data = self.cleaned_data.get("said"), self.cleaned_data
        if said == "undo":
            # It is given on the seat of what it takes back, wherever the screen has gone since.
            undone = Answer.objects.filter(token=data.get("undoes") or UUID(int=0)).first()
            data["seat"] = undone.seat_id if undone else None
        missing = {
            "undo": ("seat", "There is nothing to take back."),
            "elsewhere": ("belongs_to", "Say where it belongs."),
            "cannot_tell": ("reason", "Say why you can’t tell."),
        }
        field, reason = missing.get(said or "", ("seat", "There is nothing to judge in this form."))
        if field not in self.errors and not data.get(field):
            self.add_error(field, reason)
        return data

    def submission(self) -> Submission:
        """Return the checked answer."""
        data, said = self.cleaned_data, self.cleaned_data["said"]
        kind = KINDS[said]
        is_grade = kind == AnswerKind.GRADE
        return Submission(
            token=data["token"],
            sequence=data["sequence"],
            seat=data["seat"],
            kind=kind,
            grade=GRADES.get(said, data["grade"] or 0) if is_grade else None,
            belongs_to=data["belongs_to"] if said == "elsewhere" else None,
            reason=data["reason"] if kind == AnswerKind.CANNOT_TELL else "",
            note=data["note"] if kind == AnswerKind.CANNOT_TELL else "",
            undoes=data["undoes"] if kind == AnswerKind.UNDO else None,
        )


class GridForm(forms.Form):
    """The answers of a grid: right unless `wrong` or put off has the product's seat."""

    token = forms.UUIDField()
    sequence = forms.IntegerField(min_value=1)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self._lists = data

    def submissions(self) -> list[Submission]:
        """Return an answer a tile, in their order, each with a token made of the form's."""
        token: UUID = self.cleaned_data["token"]
        first: int = self.cleaned_data["sequence"]
        wrong, put_off = self._numbers("wrong"), self._numbers("put_off")
        return [
            Submission(
                token=uuid5(token, str(seat)),
                sequence=first + place,
                seat=seat,
                kind=AnswerKind.LATER if seat in put_off else AnswerKind.GRADE,
                grade=None if seat in put_off else Grade.WRONG if seat in wrong else Grade.EXACT,
            )
            for place, seat in enumerate(self._numbers("seats"))
        ]

    def clean(self) -> dict[str, Any]:
        if not self._numbers("seats"):
            raise forms.ValidationError("There is nothing to judge in this form.")
        return self.cleaned_data

    def _numbers(self, name: str) -> list[int]:
        texts = self._lists.getlist(name)
        return [int(text) for text in texts if text.isdecimal() and len(text) < 19]
