"""The cells of a worksheet as texts, row by row as they stand in the file. Imported only by child processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import IO, TYPE_CHECKING, Any, cast

from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS
from cfgui.io.cell_text import MAX_EXACT_INTEGER
from cfgui.io.table_options import TableError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from openpyxl.workbook.workbook import Workbook

UNCALCULATED = "a formula never calculated"
"""What a cell says whose formula has no stored value: it must not be taken for an unrated one."""

UNREADABLE = "an unreadable cell"
"""What a cell says that claims to be a number, a date or a text and is none."""

FAULTS = frozenset(
    {UNCALCULATED, UNREADABLE, "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
"""What cells say that hold no value but an error."""

_FORMULA = f"{{{SHEET_MAIN_NS}}}f"


class _Parser(WorkSheetParser):
    """openpyxl's parser of a sheet, that tells a formula without a value from an empty cell."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        try:
            cell = super().parse_cell(element)
        except (ValueError, IndexError, OverflowError):
            # One cell that claims to be a number and is none must not cost the others.
            row, self.col_counter = coordinate_to_tuple(element.get("r") or "")
            return {"row": row, "column": self.col_counter, "value": UNREADABLE}
        if cell["value"] is None and element.find(_FORMULA) is not None:
            cell["value"] = UNCALCULATED
        return cell


class _Counted:
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.n_bytes = source, 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.n_bytes += len(data)
        return data


def sheet_rows(
    workbook: Workbook, sheet: str, tell: Callable[[int, int, int], None] = lambda *_: None
) -> Iterator[tuple[int, list[str]]]:
    """(number from 1, cells as texts without blank ones at the end) of every row that the file has.

    ``tell`` is given bytes done, bytes in all and rows. Raises TableError for a sheet that is not there or a row beyond
    the end of a sheet; on a broken file whatever the XML readers raise.
    """
    if sheet not in workbook.sheetnames:
        raise TableError(f"There is no sheet {sheet} in the workbook. It has: {', '.join(workbook.sheetnames)}.")
    # openpyxl's own rows pad what is missing, without end when a file says so; these parts of it do not.
    worksheet, book = cast(Any, workbook[sheet]), cast(Any, workbook)
    size, previous = int(book._archive.getinfo(worksheet._worksheet_path).file_size), 0
    with worksheet._get_source() as source:
        counted = _Counted(source)
        parser = _Parser(
            counted,
            worksheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if not previous < number <= MAX_ROWS:
                raise TableError(
                    f"The sheet {sheet} numbers a row {number} after row {previous}, which no sheet has. Open the file"
                    " in Excel or LibreOffice and save it again."
                )
            previous = number
            tell(counted.n_bytes, size, number)
            yield number, _texts(cells)


def _texts(cells: list[dict[str, Any]]) -> list[str]:
    texts: list[str] = []
    for cell in cells:
        column, text = cell["column"], cell_as_text(cell["value"])
        if text and column <= MAX_COLUMNS:
            texts += [""] * (column - 1 - len(texts))
            texts[column - 1 :] = [text]
    return texts


def cell_as_text(value: object) -> str:
    """The text of a cell: whole numbers without a point, dates as in ISO 8601, "" for a blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer() and abs(value) <= MAX_EXACT_INTEGER
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    text = str(value)
    return "" if not text.strip() else " ".join(text.splitlines())
