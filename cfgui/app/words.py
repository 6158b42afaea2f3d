"""Small matters of language."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """ "1 rating", "2 ratings", "1,000 ratings"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
