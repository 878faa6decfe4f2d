"""Logins made from the command line."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

pytestmark = pytest.mark.django_db


def add(name: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("add_person", name, role="annotators", stdout=io.StringIO())


def test_a_person_can_sign_in_and_has_the_role(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("ana", "a long and odd password", monkeypatch)
    assert client.login(username="ana", password="a long and odd password")
    assert User.objects.get(username="ana").has_perm("judgments.add_judgment")


def test_a_password_that_anyone_would_guess_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="too short"):
        add("ana", "123", monkeypatch)
    assert not User.objects.exists()


def test_a_name_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    add("ana", "a long and odd password", monkeypatch)
    with pytest.raises(CommandError, match="already"):
        add("ana", "a long and odd password", monkeypatch)
