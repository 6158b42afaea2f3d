"""Numbers as people type them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfgui.app.numbers import parse_number

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_every_float_comes_back(x: float) -> None:
    assert parse_number(repr(x)) == x


@given(FINITE)
def test_a_decimal_comma_is_a_point(x: float) -> None:
    assert parse_number(repr(x).replace(".", ",")) == x


@given(st.integers(-(10**15), 10**15), st.sampled_from([",", ".", " ", "'", "\u00a0", "\u202f"]), st.sampled_from(".,"))
def test_thousands_may_be_set_off_where_a_decimal_sign_follows(number: int, group: str, decimal: str) -> None:
    if group == decimal:
        group = " "
    assert parse_number(f"{number:,}".replace(",", group) + f"{decimal}25") == float(f"{number}.25")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4", 4.0),
        (" 3.5 ", 3.5),
        ("3,5", 3.5),
        ("-0,25", -0.25),
        ("+2", 2.0),
        (".5", 0.5),
        (",5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1,5E3", 1500.0),
        ("\u22122.5", -2.5),  # the typographic minus
        ("\u00a07\u202f", 7.0),
        ("1,234", 1.234),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("-12.345.678,25", -12345678.25),
        ("1 234,5", 1234.5),
    ],
)
def test_what_is_a_number(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0"])
def test_blank_is_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "four", "5 stars", "3,5,5", "1.2.3", "1,234,567", "0x10", "=1+1", "50%", "- 5", "--5", "#N/A", "True",
        "4;5", "1/2",
        "1.234,567.890", "1,234.567.890", "12,34.5", "1 234.567,8",
    ],
)  # fmt: skip
def test_what_is_no_number_gets_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^“.+” is not a number: type one such as 4 or 3\.5\.$"):
        parse_number(text)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Infinity", "1e400", "-1e400", "9" * 400, "1_000"])
def test_what_is_not_finite_gets_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a finite number: type one such as 4 or 3\.5\.$"):
        parse_number(text)


def test_a_long_text_is_shortened_in_the_sentence() -> None:
    with pytest.raises(ValueError, match="^“" + "x" * 23 + "…” is not"):
        parse_number("x" * 1000)


@given(st.text(max_size=12))
def test_any_text_is_a_finite_number_blank_or_a_sentence(text: str) -> None:
    said = ""
    try:
        number = parse_number(text)
    except ValueError as error:
        number, said = None, str(error)
    assert number is None or math.isfinite(number)
    assert not said or said.endswith("type one such as 4 or 3.5.")
    assert bool(said) or (number is None) == (not text.strip())
