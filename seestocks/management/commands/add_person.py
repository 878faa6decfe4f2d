"""Make a login for a person, with a role."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from seestocks.roles import ROLES


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))

    def handle(self, *_: Any, name: str, role: str, **__: Any) -> None:
        if User.objects.filter(username=name).exists():
            raise CommandError(f"There is a login named {name} already.")
        person = User(username=name)
        try:
            person.clean_fields(exclude=["password"])
            password = _asked_password()
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        person.set_password(password)
        person.save()
        person.groups.add(Group.objects.get(name=role))
        self.stdout.write(f"{name} can sign in, as one of the {role}.")


def _asked_password() -> str:
    """The password typed twice, or one line of standard input when nobody types."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass("Password: ")
    if first != getpass("The same again: "):
        raise ValidationError("The two passwords differ.")
    return first
