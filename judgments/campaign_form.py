"""The form that starts a campaign: what was typed, and what it means."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import User

from judgments.actions.campaigns import (
    MOST_OF_A_POOL,
    NAME_LIMIT,
    BadCampaign,
    start_campaign,
)
from judgments.models import Campaign
from judgments.queries.pools import Pool, pools
from taxonomy.models import Category
from taxonomy.queries import meant


class CampaignForm(forms.Form):
    """A campaign to be. Valid only after `start` has not returned None."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=NAME_LIMIT)
    note = forms.CharField(max_length=500, required=False)
    branch = forms.CharField(max_length=2000, required=False)
    pages = forms.CharField(max_length=20_000, required=False)
    overlap = forms.IntegerField(initial=2)
    gold_every = forms.IntegerField(initial=20)
    repeat_every = forms.IntegerField(initial=40)
    aim = forms.FloatField(initial=5)  # in per cent

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pool in pools():
            self.fields[_field(pool)] = forms.IntegerField(
                min_value=0, max_value=MOST_OF_A_POOL, required=False, initial=pool.usual
            )

    def offered(self) -> list[tuple[Pool, forms.BoundField]]:
        """Return the pools, each with the field of its number."""
        return [(pool, self[_field(pool)]) for pool in pools()]

    def clean_branch(self) -> Category | None:
        """Return the category that is meant, None for all."""
        typed: str = self.cleaned_data["branch"].strip()
        return _meant(typed) if typed else None

    def clean_pages(self) -> list[Category]:
        """Return the active pages that are named, one a line."""
        lines = [line.strip() for line in self.cleaned_data["pages"].splitlines()]
        named = [_meant(line) for line in lines if line]
        for one in named:
            if not one.is_page:
                raise forms.ValidationError(f"{one.path} is no active page.")
        return named

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("branch") and data.get("pages"):
            self.add_error("pages", "Choose a branch or name pages: not both.")
        return data

    def start(self, by: User) -> Campaign | None:
        """Return the campaign, or None when something is wrong: the form's errors say what."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        token: UUID = data["token"]
        try:
            return start_campaign(
                name=data["name"],
                by=by,
                token=token,
                branch=data["branch"],
                pages=data["pages"],
                pools={pool.name: data[_field(pool)] or 0 for pool in pools()},
                note=data["note"],
                overlap=data["overlap"],
                gold_every=data["gold_every"],
                repeat_every=data["repeat_every"],
                aim=data["aim"] / 100,
            )
        except BadCampaign as bad:
            for field, sentence in bad.faults.items():
                self.add_error(field if field in self.fields else None, sentence)
            return None


def _field(pool: Pool) -> str:
    return f"pool_{pool.name}"


def _meant(typed: str) -> Category:
    """The one live category that is meant."""
    found = meant(typed)
    if not found:
        raise forms.ValidationError(f"There is no category “{typed}”: write its path or its id.")
    if len(found) > 1:
        ids = ", ".join(str(one.pk) for one in found)
        raise forms.ValidationError(f"Several are called “{typed}”: write one's id ({ids}).")
    return found[0]
