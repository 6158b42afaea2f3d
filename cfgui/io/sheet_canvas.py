"""A sheet being written: exact numbers, text that stays text, and rows in order whatever the order of the blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cfgui.io.cell_text import id_as_number, writable
from cfgui.io.workbook_layout import Block
from cfgui.io.workbook_styles import NO_EDGES, Edges, Styles

PutCell = Callable[[int, int, int, int, Format], None]
"""Writes one cell of a block: row and column on the sheet, row and column inside the block, format."""


class _Exact(float):
    """A number that is written with all its digits: XlsxWriter's own 16 digits lose the last bit of some."""

    def __format__(self, spec: str) -> str:
        text = float.__repr__(self)
        return text.removesuffix(".0") if text != "-0.0" else text


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter comes without types
    """A worksheet that writes formulas as they are.

    XlsxWriter tries 29 rewrites for newer functions on each formula; ours use none of those, and without the rewrites
    a workbook is written twice as fast.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class SheetCanvas:
    """One worksheet. Blocks are planned in any order and written by ``draw``, row by row from the top.

    Row order is what XlsxWriter's constant-memory mode needs. With ``values_only`` a formula is left out and its
    value written alone.
    """

    def __init__(self, worksheet: Worksheet, styles: Styles, *, values_only: bool = False) -> None:
        self.worksheet = worksheet
        self.styles = styles
        self.values_only = values_only
        self._plans: list[tuple[Block, Callable[[int, int], None]]] = []

    def plan(self, block: Block, kind: str, put: PutCell, *, line: int = 0) -> None:
        """Have every cell of ``block`` written by ``put`` in the style ``kind``, outlined when ``line`` is a width."""

        def put_cell(row: int, column: int) -> None:
            edges = Edges.of(block, row, column) if line else NO_EDGES
            put(block.row + row, block.column + column, row, column, self.styles.get(kind, edges, line))

        self._plans.append((block, put_cell))

    def plan_text(self, cell: tuple[int, int], text: str, kind: str) -> None:
        """Have text written at a 0-based (row, column) of the sheet."""
        self.plan(Block(*cell, 1, 1), kind, lambda row, column, _i, _j, style: self.text(row, column, text, style))

    def plan_ids(self, block: Block, raw_ids: Sequence[str], kind: str = "id", *, line: int = 0) -> None:
        """Have ids written along a block of one row or of one column."""
        self.plan(block, kind, lambda row, column, i, j, style: self.id(row, column, raw_ids[i + j], style), line=line)

    def draw(self) -> None:
        """Write all that was planned."""
        waiting = sorted(self._plans, key=lambda plan: plan[0].row, reverse=True)
        active: list[tuple[Block, Callable[[int, int], None]]] = []
        row = 0
        while waiting or active:
            while waiting and waiting[-1][0].row <= row:
                active.append(waiting.pop())
            for block, put in active:
                for column in range(block.n_columns):
                    put(row - block.row, column)
            row += 1
            active = [plan for plan in active if plan[0].row + plan[0].n_rows > row]

    def number(self, row: int, column: int, value: float, style: Format) -> None:
        """A number with all its bits; one that is not finite leaves the cell empty."""
        if math.isfinite(value):
            self.worksheet.write_number(row, column, _Exact(value), style)
        else:
            self.worksheet.write_blank(row, column, None, style)

    def text(self, row: int, column: int, text: str, style: Format) -> None:
        """Text that stays text, also where it begins with ``=``."""
        self.worksheet.write_string(row, column, writable(text), style)

    def id(self, row: int, column: int, raw_id: str, style: Format) -> None:
        """A raw id: a number where reading it back gives the same text, else text."""
        number = id_as_number(raw_id)
        if number is None:
            self.text(row, column, raw_id, style)
        else:
            self.worksheet.write_number(row, column, _Exact(number), style)

    def blank(self, row: int, column: int, style: Format) -> None:
        """An empty cell that still has its fill and borders."""
        self.worksheet.write_blank(row, column, None, style)

    def formula(self, row: int, column: int, formula: str, value: float, style: Format) -> None:
        """A live formula with the value the program computed, so that viewers that do not calculate show it."""
        if self.values_only:
            self.number(row, column, value, style)
            return
        stored = float(value) if math.isfinite(value) else "#NUM!"
        self.worksheet.write_formula(row, column, formula, style, stored)

    def widths(self, sizes: Sequence[tuple[int, int, float]]) -> None:
        """Set column widths: (first column, last column, width in characters)."""
        for first, last, width in sizes:
            if first <= last:
                self.worksheet.set_column(first, last, width)

    def print_landscape(self) -> None:
        """Print the sheet one page wide on landscape A4."""
        self.worksheet.set_landscape()
        self.worksheet.set_paper(9)
        self.worksheet.fit_to_pages(1, 0)
