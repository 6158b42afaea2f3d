"""Text and numbers as cells hold them: what may be written, and what a cell that was read means."""

from __future__ import annotations

import math
import re
from typing import Final

MAX_EXACT_INTEGER: Final = 2**53
"""Above this a whole number does not fit a cell exactly, so an id goes as text."""
MAX_TEXT: Final = 32_767
"""Characters of an Excel cell."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)

CellValue = object
"""What the reader finds in a cell: None, bool, int, float, str, or a date."""


def writable(text: str) -> str:
    """``text`` without the characters that make a workbook unreadable, cut to what a cell holds."""
    return _UNWRITABLE.sub("", text)[:MAX_TEXT]


def id_as_number(raw_id: str) -> int | None:
    """The whole number an id stands for when it can be written as one and read back as the same text, else None."""
    if _INTEGER.fullmatch(raw_id) is None:
        return None
    number = int(raw_id)
    return number if abs(number) <= MAX_EXACT_INTEGER else None


def is_blank(value: CellValue) -> bool:
    """Whether a cell counts as empty: nothing in it, or only spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def id_text(value: CellValue) -> str:
    """The raw id a cell holds; a whole number never gets a decimal point."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT_INTEGER:
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def as_number(value: CellValue) -> float | None:
    """The finite number in a cell, also where it was typed as text (``3.5`` or ``3,5``); None where it is no number."""
    number: float | None = None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = _float(value)
    elif isinstance(value, str):
        text = value.strip().replace("\N{MINUS SIGN}", "-")
        if _POINT.fullmatch(text) or _COMMA.fullmatch(text):
            number = float(text.replace(",", "."))
    return number if number is not None and math.isfinite(number) else None


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def describe(value: CellValue) -> str:
    """What a cell holds, short enough for a sentence."""
    if is_blank(value):
        return "nothing"
    if isinstance(value, bool):
        return str(value).upper()
    text = value if isinstance(value, str) else str(value)
    shown = text if len(text) <= 30 else text[:27] + "..."
    return f'"{shown}"' if isinstance(value, str) and not text.startswith("#") else shown
