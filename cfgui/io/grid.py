"""The cells of one sheet as they were read, and the plain sentences about what is wrong in them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml.ElementTree import iterparse

from cfgui.core.ratings import Floats
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS, a1
from cfgui.io.cell_text import CellValue, as_number, describe, is_blank
from cfgui.io.errors import WorkbookError
from cfgui.io.progress_note import note

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook


@dataclass
class Grid:
    """The cells of one sheet, row by row; rows may be shorter than the sheet is wide.

    ``typed_as_text`` collects the addresses of numbers that were typed as text.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[CellValue]]
    typed_as_text: list[str] = field(default_factory=list)

    def at(self, row: int, column: int) -> CellValue:
        """What the cell at 0-based (row, column) holds, None outside the cells in use."""
        if not 0 <= row < len(self.rows) or column < 0:
            return None
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def blank(self, row: int, column: int) -> bool:
        """Whether a cell counts as empty."""
        return is_blank(self.at(row, column))

    @property
    def n_columns(self) -> int:
        """Columns in use."""
        return max((len(cells) for cells in self.rows), default=0)

    def error(self, row: int, column: int, what: str) -> WorkbookError:
        """A WorkbookError about one cell; ``what`` says what is wrong and what to do."""
        return WorkbookError(f"{self.file}, sheet {self.sheet}, cell {a1(row, column)}: {what}")

    def number(self, row: int, column: int, what: str) -> float:
        """The finite number in a cell. Raises WorkbookError when there is none; ``what`` names what belongs there."""
        value = self.at(row, column)
        number = as_number(value)
        if number is None:
            reason = f"holds {describe(value)} where {what} belongs."
            hint = " If it is a formula, let Excel calculate and save the file." if is_blank(value) else ""
            raise self.error(row, column, f"{reason} Type a number there and save.{hint}")
        if isinstance(value, str):
            self.typed_as_text.append(a1(row, column))
        return number

    def numbers(self, row: int, column: int, n_rows: int, n_columns: int, what: str) -> Floats:
        """(n_rows, n_columns) numbers of a rectangle, none of them missing. Raises WorkbookError as ``number``."""
        table = np.empty((n_rows, n_columns))
        for i in range(n_rows):
            for j in range(n_columns):
                table[i, j] = self.number(row + i, column + j, what)
        return table

    def find(self, wanted: Callable[[CellValue], bool]) -> Iterator[tuple[int, int]]:
        """0-based (row, column) of every cell that ``wanted`` accepts, in reading order."""
        for row, cells in enumerate(self.rows):
            for column, value in enumerate(cells):
                if value is not None and wanted(value):
                    yield row, column


def read_grid(workbook: Workbook, sheet: str, file: str, *, last_row: int = MAX_ROWS + 1) -> Grid:
    """The cells of a sheet of an openpyxl workbook opened read-only. Raises WorkbookError when they cannot be read."""
    worksheet = workbook[sheet]
    # The size a file claims may be wrong, too small or absurd: only the cells count.
    worksheet.reset_dimensions()
    rows: list[Sequence[CellValue]] = []
    try:
        noting = note()
        for cells in worksheet.iter_rows(max_row=last_row, values_only=True):
            rows.append(_trimmed(cells))
            noting.tell(0, 0, len(rows))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        ParseError,
        zipfile.BadZipFile,
        OSError,
    ) as error:
        place = _unreadable_cell(workbook, worksheet) or f"row {len(rows) + 1}"
        raise WorkbookError(
            f"{file}, sheet {sheet}, {place}: holds something that is no number, text or date of a workbook. Open the"
            " file in Excel or LibreOffice, type a number there and save it again."
        ) from error
    if len(rows) > MAX_ROWS:
        # Without a word the reader ends at such a row, and what follows it would be lost.
        raise WorkbookError(
            f"{file}, sheet {sheet}: numbers a row beyond the {MAX_ROWS:,} of a sheet. Open the file in Excel or"
            " LibreOffice and save it again."
        )
    while rows and not rows[-1]:
        rows.pop()
    return Grid(file, sheet, rows)


def _unreadable_cell(workbook: Workbook, worksheet: object) -> str:
    """``cell B7`` for the first cell that claims to be a number and is none, "" where that cannot be found out."""
    # openpyxl says only that a number is none, not where; it keeps the open archive and the sheet's part privately.
    archive, part = getattr(workbook, "_archive", None), getattr(worksheet, "_worksheet_path", None)
    if archive is None or part is None:
        return ""
    try:
        with archive.open(part) as source:
            for _event, element in iterparse(source):
                if element.tag.endswith("}c") and element.get("t", "n") == "n" and not _has_number(element):
                    return f"cell {element.get('r')}"
    except (ParseError, zipfile.BadZipFile, OSError, KeyError):
        return ""
    return ""


def _has_number(cell: Element) -> bool:
    text = next((child.text for child in cell if child.tag.endswith("}v") and child.text), "0")
    return as_number(text) is not None


def _trimmed(cells: Sequence[CellValue]) -> Sequence[CellValue]:
    end = min(len(cells), MAX_COLUMNS)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]
