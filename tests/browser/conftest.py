"""A browser on a live server, and people who sign in with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import ARGUMENTS, CHROMIUM, NARROW, WIDE
from tests.factories import PASSWORD, make_user

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")
    # Playwright runs an event loop in this thread, where Django would refuse the database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: broken scripts, refused styles, missing files."""
    return []


@pytest.fixture
def open_as(browser: Browser, live_server: LiveServer, complaints: list[str]) -> Iterator[Open]:
    """Sign a person of a role in, in a window of their own, and return the page."""
    contexts: list[BrowserContext] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def open_page(
        role: str = "merchandisers", *, narrow: bool = False, scripts: bool = True
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=NARROW if narrow else WIDE,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in/")
        page.get_by_label("Name").fill(make_user(role).username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield open_page
    for context in contexts:
        context.close()
