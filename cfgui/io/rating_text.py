"""Small questions about the texts of ratings: are they numbers, which, and how they are shown in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from cfgui.io.number_text import parse_rating

Decimal = Literal[".", ","]

EXAMPLE_LENGTH = 40
"""Characters of an offending text that a report shows."""

_COMMA = re.compile(r"[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?")


def is_number(text: str, decimal: Decimal = ".") -> bool:
    """Whether a text is a finite number."""
    return isinstance(parse_rating(text, decimal), float)


def numbers_in(texts: Iterable[str], decimal: Decimal) -> list[float]:
    """The finite numbers among the texts."""
    return [value for value in (parse_rating(text, decimal) for text in texts) if isinstance(value, float)]


def with_point(text: str) -> str:
    """A number written with a decimal comma, written with a point; any other text as it is."""
    return text.strip().replace(",", ".") if _COMMA.fullmatch(text.strip()) else text


def shortened(text: str, length: int = EXAMPLE_LENGTH) -> str:
    """``text`` on one line, cut to ``length`` characters, with question marks for what is no text."""
    text = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return text if len(text) <= length else text[: length - 1] + "…"
