"""The browser that tests and benches drive, and the windows that people look at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import ViewportSize

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)
