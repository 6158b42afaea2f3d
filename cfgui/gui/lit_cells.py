"""Lit cells: those that take part in what is selected elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cfgui.core.ratings import Cell


@dataclass(frozen=True)
class LitLine:
    """One whole row or one whole column, however long."""

    row: int | None = None
    column: int | None = None


Lit = frozenset[Cell] | LitLine


def lit_within(lit: Lit, rows: range, columns: range) -> Iterator[Cell]:
    """The lit cells of a rectangle."""
    if isinstance(lit, LitLine):
        if lit.row is not None and lit.row in rows:
            yield from ((lit.row, column) for column in columns)
        if lit.column is not None and lit.column in columns:
            yield from ((row, lit.column) for row in rows)
    else:
        yield from (cell for cell in lit if cell[0] in rows and cell[1] in columns)
