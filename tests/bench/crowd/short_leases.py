"""The site as it is, but that a product stands before somebody for seconds, not minutes."""

from __future__ import annotations

import os
from datetime import timedelta

from seestocks.wsgi import application

# These load models, which only the application has made ready.
from judgments.actions.judge import answering, leasing  # isort: skip

SECONDS = float(os.environ["LEASE_SECONDS"])
for module in (leasing, answering):
    vars(module)["LEASE"] = timedelta(seconds=SECONDS)

__all__ = ["application"]
