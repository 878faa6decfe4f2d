"""Numbers as people read them."""

import pytest

from taxonomy.templatetags.figures import signed


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0.421, "+0.42"), (-0.069, "−0.07"), (0.0, "0.00"), (-0.0049, "0.00"), (0.004, "0.00")],
)
def test_a_signed_number_has_a_true_minus_and_nothing_before_zero(
    number: float, shown: str
) -> None:
    assert signed(number) == shown


def test_a_signed_number_has_more_digits_on_demand() -> None:
    assert [signed(one, 3) for one in (-0.0049, 0.0004, -0.0004)] == ["−0.005", "0.000", "0.000"]
