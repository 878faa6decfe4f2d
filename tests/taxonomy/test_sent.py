"""What programs are told of what they sent wrong: which field, and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from taxonomy.sent import fits, sent


class Line(serializers.Serializer[Any]):
    """Part of an order."""

    product = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=1_000, required=False)


class Order(serializers.Serializer[Any]):
    """Something with a field of each kind."""

    token = serializers.UUIDField()
    note = serializers.CharField(max_length=500, allow_blank=True, required=False)
    is_gift = serializers.BooleanField(required=False)
    share = serializers.FloatField(required=False)
    pages = serializers.ListField(child=serializers.IntegerField(), required=False)
    lines = serializers.ListField(child=Line(), required=False)
    more = Line(many=True, required=False)
    prices = serializers.DictField(child=serializers.FloatField(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("share") == 7:
            raise serializers.ValidationError("Seven is too much.")
        return attrs


TOKEN = "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a92"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"note": "x" * 731}, "note: at most 500 characters; these are 731."),
        ({"note": 7}, "note: a text belongs here."),
        ({"note": None}, "note: This field may not be null."),
        ({"is_gift": "yes"}, "is_gift: true or false belongs here."),
        ({"is_gift": 1}, "is_gift: true or false belongs here."),
        ({"share": True}, "share: a number belongs here."),
        ({"share": 7}, "Seven is too much."),
        ({"pages": 7}, "pages: a list belongs here."),
        ({"pages": [1, "2"]}, "pages[1]: a whole number belongs here."),
        ({"token": "none"}, "token: Must be a valid UUID."),
        ({"lines": [{"product": 0}]}, "lines[0].product: Ensure this value is greater than"),
        ({"more": [{"product": 1}, {}]}, "more[1].product: This field is required."),
        ({"more": [7]}, 'more[0]: an object of "product", "note" belongs here.'),
        (
            {"lines": [{"product": 1, "note": "x" * 1_001}]},
            "lines[0].note: at most 1,000 characters; these are 1,001.",
        ),
        ({"prices": {"a": "b"}}, "prices.a: a number belongs here."),
        ({"prices": []}, "prices: an object belongs here."),
        ({"tokn": 1}, 'tokn: there is no such field, but "token", "note"'),
    ],
)
def test_a_refusal_names_the_field_and_says_why(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ParseError) as refused:
        sent(Order(data={"token": TOKEN} | said))
    assert str(refused.value.detail).startswith(told)


@pytest.mark.parametrize("said", [[], "x", None, 7])
def test_what_is_no_object_is_told_what_one_would_be(said: Any) -> None:
    with pytest.raises(ParseError, match='Give an object of "product", "note"'):
        sent(Line(data=said))


def test_several_faults_are_told_at_once_and_not_endlessly_many() -> None:
    with pytest.raises(ParseError) as refused:
        sent(Order(data={"note": "x" * 501, "share": "x" * 9, "pages": ["a"] * 99}))
    told = str(refused.value.detail)
    assert "share: a number belongs here." in told
    assert "pages[3]" in told
    assert "pages[4]" not in told


def test_what_fits_is_returned_checked() -> None:
    assert sent(Line(data={"product": 3, "note": " hot "})) == {"product": 3, "note": "hot"}


def test_of_forms_only_the_names_are_looked_at() -> None:
    assert fits(Line(data=QueryDict("product=3")))
    assert not fits(Line(data=QueryDict("prodct=3")))
