"""The form by which somebody says what they want of one product of a page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from ranking.actions.hand import LAST_PLACE, NOTE_LIMIT, Wish
from ranking.models import HandKind, HandRule, Strength


class HandForm(forms.Form):
    """What the rule is, and how long it counts; whether it can be, the action says."""

    token = forms.UUIDField()
    based_on = forms.IntegerField(required=False, min_value=1)  # the draft that was seen
    kind = forms.ChoiceField(choices=HandKind.choices)
    place = forms.IntegerField(required=False, min_value=1, max_value=LAST_PLACE)
    strength = forms.ChoiceField(choices=Strength.choices, required=False)
    until = forms.DateField(required=False)  # the last day
    note = forms.CharField(required=False, max_length=NOTE_LIMIT)

    @property
    def wish(self) -> Wish:
        """What a form without faults asks for."""
        said = self.cleaned_data
        return Wish(
            said["kind"], said["place"], said["strength"], _after(said["until"]), said["note"]
        )


def filled(rule: HandRule | None, place: int | None) -> dict[str, Any]:
    """Return what the fields hold before anybody types; `place`: where the product stands."""
    if rule is None:
        return {"kind": HandKind.PIN, "place": place or 1, "strength": Strength.MEDIUM}
    return {
        "kind": rule.kind,
        "place": rule.place or place or 1,
        "strength": rule.strength or Strength.MEDIUM,
        "until": last_day(rule),
        "note": rule.note,
    }


def last_day(rule: HandRule) -> date | None:
    """Return the day with whose end the rule ends."""
    if rule.until is None:
        return None
    return timezone.localtime(rule.until - timedelta(microseconds=1)).date()


def _after(day: date | None) -> datetime | None:
    """The midnight with which the day ends, where the shop is."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None
