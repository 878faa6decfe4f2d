"""JSON that programs send, and how much of it is read. Apart, since DRF loads it by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLarge(APIException):
    """More was sent than is read at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "This is too large."


class BoundedJSON(JSONParser):
    """JSON no larger than forms may be, and no deeper than can be read: DRF takes any."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        try:
            found: dict[str, Any] = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        if HALF_A_CHARACTER.search(body):
            _raise_if_unwritable(found)
        return found


def _raise_if_unwritable(found: object) -> None:
    """Escapes may name half a character: whoever has to write that, stops at it."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ParseError("This JSON has half a character: a surrogate alone.") from error
