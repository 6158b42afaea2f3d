"""What a text says as a rating: the one parser of numbers for cells of tables."""

from __future__ import annotations

import math
import re

EXAMPLE_LENGTH = 40
"""Characters of an offending text that a report shows."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_UNDECODED = "\N{REPLACEMENT CHARACTER}"


def parse_rating(text: str, decimal: str = ".") -> tuple[float, str]:
    """(the number, "") or (NaN, the reason why it is none, a key of ``REASONS``).

    Blanks around the number do not count. With the decimal mark "," a point is no part of a number, and the reverse.
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if not text:
        return math.nan, "missing_rating"
    written = text
    if decimal == ",":
        written = "" if "." in text else text.replace(",", ".")
    if _NUMBER.fullmatch(written):
        value = float(written)
        return (value, "") if math.isfinite(value) else (math.nan, "rating_not_finite")
    if _NOT_FINITE.fullmatch(text):
        return math.nan, "rating_not_finite"
    return math.nan, "bad_text" if _UNDECODED in text else "rating_not_a_number"


def is_number(text: str, decimal: str = ".") -> bool:
    """Whether a text is a finite number."""
    return not parse_rating(text, decimal)[1]


def shortened(text: str, length: int = EXAMPLE_LENGTH) -> str:
    """``text`` on one line, cut to ``length`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
