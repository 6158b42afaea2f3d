"""The beginning of a table: what is known before its columns are looked at."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.io.table_options import TableChoices, TableOptions

NO_CHOICES = TableChoices()
"""Everything left to the guess."""


@dataclass(frozen=True)
class Head:
    """The first rows of a table, its header among them unless the file keeps the columns' ``names`` apart."""

    name: str
    rows: list[list[str]]
    options: TableOptions
    n_bytes: int = 0
    sheets: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
