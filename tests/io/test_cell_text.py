"""Numbers, ids and text as cells hold them."""

import pytest

from cfgui.io.cell_text import as_number, describe, id_as_number, id_text, writable


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (2.5, 2.5),
        ("3,5", 3.5),
        (" 3.5 ", 3.5),
        ("-,5", -0.5),
        ("\N{MINUS SIGN}1,25", -1.25),
        ("1e-3", 0.001),
        ("1,5E2", 150.0),
    ],
)
def test_what_counts_as_a_number(value, number):
    assert as_number(value) == number


@pytest.mark.parametrize(
    "value",
    [None, "", " ", True, False, "five", "5 stars", "1,000.5", "1.000,5", "0x10", "1_000", "nan", "inf", "1e400",
     float("nan"), float("inf"), 10**400, "#N/A", "\N{ARABIC-INDIC DIGIT THREE}"],
)  # fmt: skip
def test_what_does_not(value):
    assert as_number(value) is None


@pytest.mark.parametrize(
    ("raw_id", "number"),
    [("0", 0), ("27", 27), ("-3", -3), (str(2**53), 2**53), (str(-(2**53)), -(2**53))],
)
def test_ids_that_go_as_numbers(raw_id, number):
    assert id_as_number(raw_id) == number


@pytest.mark.parametrize("raw_id", ["007", "-0", "+7", "7.0", "1e5", "", " 7", str(2**53 + 1), str(10**30), "seven"])
def test_ids_that_go_as_text(raw_id):
    assert id_as_number(raw_id) is None


def test_ids_read_back_as_the_same_text():
    assert [id_text(value) for value in (27, 27.0, "007", 2.5, True, "7")] == ["27", "27", "007", "2.5", "TRUE", "7"]


def test_characters_that_break_a_file_are_dropped():
    assert writable("a\x00b\x1f\ud800\ufffe c\td") == "ab c\td"
    assert len(writable("x" * 40_000)) == 32_767


def test_descriptions_are_short():
    assert describe("word " * 20) == '"word word word word word wo..."'
    assert [describe(value) for value in (None, " ", True, 3.5, "#N/A")] == [
        "nothing",
        "nothing",
        "TRUE",
        "3.5",
        "#N/A",
    ]
