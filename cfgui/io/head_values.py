"""Values in the head of an archive, taken out only where they are of the kind they ought to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cfgui.io.archive import ArchiveError


def mapping(head: Mapping[str, object], name: str) -> dict[str, Any]:
    """A mapping that a head holds. Raises ArchiveError, KeyError, as all of these functions."""
    value = head[name]
    if not isinstance(value, dict):
        raise ArchiveError(f"{name} is no mapping")
    return value


def items(head: Mapping[str, object], name: str) -> list[Any]:
    """A list that a head holds."""
    value = head[name]
    if not isinstance(value, list):
        raise ArchiveError(f"{name} is no list")
    return value


def whole(head: Mapping[str, object], name: str) -> int:
    """A whole number from 0 that a head holds, and a step or a count can be."""
    value = head[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ArchiveError(f"{name} is no count")
    return value


def text(head: Mapping[str, object], name: str) -> str:
    """A text that a head holds."""
    value = head[name]
    if not isinstance(value, str):
        raise ArchiveError(f"{name} is no text")
    return value


def finite(head: Mapping[str, object], name: str) -> float:
    """A finite number that a head holds."""
    value = head[name]
    if not is_finite(value):
        raise ArchiveError(f"{name} is no number")
    return float(value)  # type: ignore[arg-type]  # just checked


def is_finite(value: object) -> bool:
    """Whether this is a number that a float can hold; a whole one may have any number of digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 2.0**1023
