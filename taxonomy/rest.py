"""What the JSON sides of all apps share: who may, how lists are cut, how faults are told.

What programs send is checked in taxonomy/sent.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, NotFound, ParseError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from taxonomy.imports.fields import category_number
from taxonomy.models import Category

Row = TypeVar("Row", bound=Model)
LARGEST_ID = 2**63 - 1  # that a row can have


class SignedInRequest(Request):
    """A request that passed its permission: its user is a person."""

    user: User


class ByToken(TokenAuthentication):  # type: ignore[misc]  # it ships no types
    """A person's own token, in the header `Authorization: Token …`.

    Tried before the session, whose cookie a browser may send along. What is wrong with a token,
    and who has none of the two, is told with 401.
    """

    WELL_FORMED = re.compile(rb"[0-9a-f]{64}")

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """Return whose token it is; raises AuthenticationFailed, in a sentence."""
        try:
            if self.WELL_FORMED.fullmatch(token):
                found: tuple[User, AuthToken] = super().authenticate_credentials(token)
                return found
        except AuthenticationFailed:
            pass  # whatever is wrong with it, strangers are told the same
        raise AuthenticationFailed("This token is not known, or no longer: make a new one.")


class May(BasePermission):
    """Reading takes the permission `to_read`, and anything else `to_write`."""

    message = "Your role does not include this."
    to_read = ""
    to_write = ""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002  DRF passes it
        reads = request.method in SAFE_METHODS
        return request.user.has_perm(self.to_read if reads else self.to_write)


class Writes(UserRateThrottle):
    """A program that runs wild starts no more than this; reading is free."""

    scope = "writes"
    rate = "60/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return None if request.method in SAFE_METHODS else super().get_cache_key(request, view)


class Conflict(APIException):
    """What is asked for does not go with the state that the thing is in."""

    status_code = status.HTTP_409_CONFLICT


class Rows(LimitOffsetPagination):
    """`?limit=` rows from `?offset=` on; 400 for what is no number."""

    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int:
        return min(_number(request, "limit", self.default_limit, least=1), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return _number(request, "offset", 0, least=0)


class JsonView(APIView):
    """What all addresses of programs share."""

    authentication_classes = [ByToken, SessionAuthentication]
    throttle_classes = [Writes]


def _number(request: Request, name: str, default: int, *, least: int) -> int:
    """Return the number that the query gives. Raises ParseError."""
    said = request.query_params.get(name, str(default))
    if not (said.isascii() and said.isdecimal() and len(said) < 19) or int(said) < least:
        raise ParseError(f'"{name}" is a whole number, from {least} on.')
    return int(said)


def listed(
    request: Request,
    rows: QuerySet[Any] | list[Any],
    fields: type[serializers.Serializer[Any]],
    lines: Callable[[list[Any]], list[Any]] = list,
) -> Response:
    """Return the rows that are asked for by page; `lines` makes of them what `fields` read."""
    paging = Rows()
    found = paging.paginate_queryset(rows, request) or []
    return paging.get_paginated_response(fields(lines(found), many=True).data)


def category_asked(number: str) -> Category:
    """Return the category that a query names; 400 for what is no id, 404 for none."""
    try:
        pk = category_number(number)
    except ValueError as error:
        raise ParseError(str(error)) from error
    return found_or_404(Category.objects.all(), pk, "category")


def found_or_404(rows: QuerySet[Row], pk: int, noun: str) -> Row:
    """Return the row of that id, or answer 404 in a sentence."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no {noun} {pk}.")
    return found
