"""Numbers as people type them."""

from __future__ import annotations

import math
import re

_GROUPED = re.compile(r"^[+-]?\d{1,3}([.,\u00a0\u202f' ]\d{3})+([.,]\d+)?$")


def parse_number(text: str) -> float | None:
    """The number in ``text``, None when it is blank.

    A decimal comma counts as a point ("3,5" is 3.5). Raises ValueError with one sentence for anything that is not a
    finite number, and for what could be read in two ways ("1.234,5" is fine, "1,234.5" too, text is not).
    """
    cleaned = text.strip().strip("\u00a0\u202f").replace("\u2212", "-")
    if not cleaned:
        return None
    if "," in cleaned and "." in cleaned and _GROUPED.match(cleaned):
        decimal = max(cleaned.rfind(","), cleaned.rfind("."))
        whole = re.sub(r"[.,\u00a0\u202f' ]", "", cleaned[:decimal])
        cleaned = f"{whole}.{cleaned[decimal + 1 :]}"
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
