"""What people may say of the nights, as their form and the JSON have it."""

from __future__ import annotations

from typing import Any, Self

from django import forms

from ranking.models import NightPlan

PERCENT = 100.0


class PlanForm(forms.Form):
    """The plan of the nights; bounds are percentage points of the first ten products."""

    begins = forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"])
    on = forms.BooleanField(required=False)
    publishes = forms.BooleanField(required=False)
    bound = forms.FloatField(min_value=0, max_value=PERCENT)
    drop = forms.FloatField(min_value=0, max_value=PERCENT)
    mails = forms.CharField(required=False, max_length=2000)

    @classmethod
    def of(cls, plan: NightPlan | None) -> Self:
        """Return the form filled with the plan, or with what holds while there is none."""
        if plan is None:
            none = NightPlan()
            return cls(initial={"begins": "02:00", **_bounds(none)})
        at = plan.task.crontab
        return cls(
            initial={
                "begins": f"{int(at.hour):02}:{int(at.minute):02}",
                "on": plan.task.enabled,
                "publishes": plan.publishes,
                "mails": "\n".join(plan.mails),
                **_bounds(plan),
            }
        )

    @property
    def plan(self) -> dict[str, Any]:
        """What `change_plan` is told."""
        said = self.cleaned_data
        return {
            "hour": said["begins"].hour,
            "minute": said["begins"].minute,
            "on": said["on"],
            "publishes": said["publishes"],
            "bound": said["bound"] / PERCENT,
            "drop": said["drop"] / PERCENT,
            "mails": said["mails"].replace(",", " ").split(),
        }


def _bounds(plan: NightPlan) -> dict[str, str]:
    return {"bound": f"{PERCENT * plan.bound:g}", "drop": f"{PERCENT * plan.drop:g}"}
