"""Words of a command line as values; each raises ArgumentTypeError, which argparse turns into wrong usage."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from pathlib import Path

TABLE_ENDINGS = (".csv", ".csv.gz", ".parquet")
"""What a synthetic table is written as."""


def count(text: str) -> int:
    """A whole number of 0 or more."""
    try:
        number = int(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < 0:
        raise ArgumentTypeError(f"must be 0 or more, not {number}")
    return number


def positive_count(text: str) -> int:
    """A whole number from 1 up."""
    number = count(text)
    if number == 0:
        raise ArgumentTypeError("at least 1")
    return number


def rating_value(text: str) -> float:
    """A finite number."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
    if not math.isfinite(number):
        raise ArgumentTypeError(f"must be a finite number, not {text}")
    return number


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = rating_value(text)
    if not 0.0 <= number <= 1.0:
        raise ArgumentTypeError(f"must be from 0 to 1, not {text}")
    return number


def name_or_id(text: str) -> str:
    """What names a user or a movie: no empty word, as an unset variable of a script would be."""
    if not text.strip():
        raise ArgumentTypeError("an id is needed, not an empty word")
    return text


def workbook_path(text: str) -> Path:
    """The path of a workbook to write."""
    if not text.lower().endswith(".xlsx"):
        raise ArgumentTypeError(f"{text!r} must end in .xlsx: that is the kind of workbook cfgui writes")
    return Path(text)


def table_path(text: str) -> Path:
    """The path of a synthetic table to write."""
    if not text.lower().endswith(TABLE_ENDINGS):
        raise ArgumentTypeError(f"{text!r} must end in .csv, .csv.gz or .parquet")
    return Path(text)
