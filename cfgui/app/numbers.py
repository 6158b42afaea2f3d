"""Numbers as people type them."""

from __future__ import annotations

import math
import re

_GROUPED = re.compile(r"([+-]?\d{1,3})(([.,\u00a0\u202f' ])\d{3}(?:\3\d{3})*)(?!\3)[.,](\d+)")
"""Thousands set off by one sign throughout, and a decimal sign that is another one."""


def parse_number(text: str) -> float | None:
    """The number in ``text``, None when it is blank.

    A decimal comma counts as a point: "3,5" is 3.5, and "1,234" is 1.234. Thousands may be set off where a decimal
    sign shows what is what: "1.234,5", "1,234.5" and "1 234,5" are 1234.5. Raises ValueError with one sentence for
    anything that is not a finite number.
    """
    cleaned = text.strip().strip("\u00a0\u202f").replace("\u2212", "-")
    if not cleaned:
        return None
    grouped = _GROUPED.fullmatch(cleaned)
    if grouped:
        first, rest, sign, decimals = grouped.groups()
        cleaned = f"{first}{rest.replace(sign, '')}.{decimals}"
    else:
        cleaned = cleaned.replace(",", ".", 1) if cleaned.count(",") == 1 and "." not in cleaned else cleaned
    try:
        value = float(cleaned) if not cleaned.lower().lstrip("+-").startswith(("nan", "inf")) else math.nan
    except ValueError:
        raise ValueError(f"“{_shortened(text)}” is not a number: type one such as 4 or 3.5.") from None
    if "_" in cleaned or not math.isfinite(value):
        raise ValueError(f"“{_shortened(text)}” is not a finite number: type one such as 4 or 3.5.")
    return value


def _shortened(text: str) -> str:
    stripped = text.strip()
    return stripped if len(stripped) <= 24 else stripped[:23] + "…"
