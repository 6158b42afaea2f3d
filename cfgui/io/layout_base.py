"""Blocks of cells on a sheet and the addresses inside them: what the layouts of all sheets share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from cfgui.io.cell_address import a1, parse_a1


class Block(NamedTuple):
    """A rectangle of cells: its first row and column (0-based) and its size."""

    row: int
    column: int
    n_rows: int
    n_columns: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell at 0-based (row, column) lies in this rectangle."""
        return self.row <= row < self.row + self.n_rows and self.column <= column < self.column + self.n_columns


class Layout(ABC):
    """What both kinds of sheet share: named blocks and the addresses inside them."""

    @property
    @abstractmethod
    def sheet(self) -> str:
        """The name of the sheet."""

    @cached_property
    @abstractmethod
    def blocks(self) -> Mapping[str, Block]:
        """Every block by its name."""

    @abstractmethod
    def formula(self, block: str, row: int = 0, column: int = 0) -> str:
        """The Excel formula at a place inside a block, "" where a value is typed."""

    @abstractmethod
    def weight_ranges(self) -> tuple[str, ...]:
        """Absolute ranges of all weights, biases included, as Solver's variable cells."""

    def cell(self, block: str, row: int = 0, column: int = 0) -> tuple[int, int]:
        """0-based (row, column) on the sheet of a place inside a block. Raises KeyError for an unknown block."""
        place = self.blocks[block]
        return place.row + row, place.column + column

    def address(self, block: str, row: int = 0, column: int = 0) -> str:
        """The A1 address of a place inside a block."""
        return a1(*self.cell(block, row, column))

    def range_of(self, block: str, absolute: bool = False) -> str:
        """The A1 range of a whole block, ``H2:V16`` or ``$H$2:$V$16``; a one-cell block gives one address."""
        place = self.blocks[block]
        first = a1(place.row, place.column, absolute=absolute)
        last = a1(place.row + place.n_rows - 1, place.column + place.n_columns - 1, absolute=absolute)
        return first if first == last else f"{first}:{last}"

    def block_at(self, address: str) -> tuple[str, int, int] | None:
        """(block, row, column) of an address, rows and columns counted inside the block; None outside every block."""
        cell = parse_a1(address)
        if cell is None:
            return None
        for name, place in self.blocks.items():
            if place.holds(*cell):
                return name, cell[0] - place.row, cell[1] - place.column
        return None

    @property
    def n_rows(self) -> int:
        """Rows in use."""
        return max(place.row + place.n_rows for place in self.blocks.values())

    @property
    def n_columns(self) -> int:
        """Columns in use."""
        return max(place.column + place.n_columns for place in self.blocks.values())
