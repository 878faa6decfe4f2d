"""The keys that somebody judges with."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from judgments import keys
from judgments.actions.judge import annotator_of
from judgments.views.judging import MAY_JUDGE
from taxonomy.web import SignedInRequest, respond


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_JUDGE, raise_exception=True)
def judging_keys(request: SignedInRequest) -> HttpResponse:
    """Which key does what: a preset, or each as one likes it; two actions never share a key."""
    annotator = annotator_of(request.user)
    if request.method != "POST":
        return _form(request, keys.preset_of(annotator.keys), keys.bound(annotator.keys))
    form = request.POST
    preset = keys.preset_of({"preset": form.get("preset", "")})
    if form.get("as") == "preset":
        wanted = dict(preset.keys)
    else:
        wanted = {action.name: form.get(action.name, "") for action in keys.ACTIONS}
    try:
        annotator.keys = keys.rebound(preset.name, wanted)
    except keys.Conflict as conflict:
        return _form(request, preset, wanted, conflict.faults)
    annotator.save(update_fields=["keys"])
    messages.success(request, "Your keys are kept.")
    return redirect("judging_keys")


def _form(
    request: SignedInRequest,
    preset: keys.Preset,
    wanted: dict[str, str],
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    """Draw the keys as they are wanted, with what is in their way."""
    context = {
        "presets": keys.PRESETS.values(),
        "preset": preset,
        "rows": [
            (action, wanted[action.name], (faults or {}).get(action.name, ""))
            for action in keys.ACTIONS
        ],
        "faults": faults,
        "reserved": "".join(sorted(keys.RESERVED)),
    }
    status = 422 if faults else 200
    return respond(request, "judgments/judge/keys.html", context, status=status)
