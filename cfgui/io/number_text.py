"""What the text of a rating means: the one grammar of numbers for tables of ratings."""

from __future__ import annotations

import math
import re
from typing import Final, Literal

BLANKS: Final = " \t"
"""What may stand around a number."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NUMBER_WITH_COMMA = re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


def parse_rating(text: str, decimal: Literal[".", ","] = ".") -> float | str:
    """The rating a text stands for, or the reason why it is none: a key of ``core.import_report.REASONS``.

    Only plain decimal numbers count, with an exponent at most: no thousands separators, no other digits than 0-9, and
    never the other decimal mark, so that "3,5" is not taken for 35 and "3.5" not for 3.
    """
    text = text.strip(BLANKS)
    if not text.strip():
        return "missing_rating"
    pattern = _NUMBER if decimal == "." else _NUMBER_WITH_COMMA
    if pattern.fullmatch(text) is None:
        return "rating_not_finite" if _NOT_FINITE.fullmatch(text) else "rating_not_a_number"
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else "rating_not_finite"
