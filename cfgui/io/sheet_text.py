"""Inside a child process: the rows of a worksheet as texts, the first of them or all into a CSV file.

Line n of the CSV file is row n of the sheet, so what is said about a line holds for the sheet.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cfgui.io.progress_note import NoteWriter
from cfgui.io.rating_text import with_point
from cfgui.io.sheet_marks import Rows, is_own_sheet, table_corner
from cfgui.io.table_options import TableError

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

HEAD_ROWS = 50
"""Rows from which a table on a sheet is guessed."""

_SCANNED_SHEETS, _SCANNED_ROWS = 30, 200


def sheet_rows_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """``job["path"]``'s sheets, whether it is a workbook of the course's kind, and the first rows of one sheet.

    The sheet is ``job["sheet"]``, or where that is "" the first with a table on it. Its rows begin with the table's
    first; ``top`` says how many stand above.
    """
    with _workbook(Path(job["path"])) as workbook:
        names = [sheet.title for sheet in workbook.worksheets]
        heads = {name: _head(workbook, name) for name in names[:_SCANNED_SHEETS]}
        chosen = str(job["sheet"]) or next((name for name in names if _is_table(heads.get(name, []))), names[0])
        rows = heads[chosen] if chosen in heads else _head(workbook, chosen)
        top, left = table_corner(rows)
        return {
            "sheets": names,
            "own": any(is_own_sheet(name, head) for name, head in heads.items()),
            "sheet": chosen,
            "top": top,
            "rows": [row[left:] for row in rows[top : top + HEAD_ROWS]],
        }


def sheet_text_job(job: Mapping[str, Any]) -> dict[str, Any]:
    """Write the sheet ``job["sheet"]`` as CSV to ``job["out"]``; says how many numbers had been typed as text.

    Ratings stand in the column ``job["rating"]`` of the table, or, where that is None, right of ``job["user"]``.
    """
    note = NoteWriter(Path(job["note"]) if job.get("note") else None)
    with _workbook(Path(job["path"])) as workbook, open(job["out"], "w", encoding="utf-8", newline="") as out:
        from cfgui.io.sheet_cells import sheet_rows

        writer = csv.writer(out, lineterminator="\n")
        top, left = table_corner(_head(workbook, job["sheet"]))
        n_typed, width, line = 0, 0, 0
        for number, row in sheet_rows(workbook, job["sheet"], note.tell):
            cells = row[left:] if number > top else []
            _without_faulty_ids(cells, job["rating"], job["user"], is_first=number == top + 1)
            if number > top + 1:
                n_typed += _with_points(cells, job["rating"], job["user"])
            width = max(width, len(cells))
            out.write("\n" * (number - line - 1))
            line = number
            if any(cells):
                writer.writerow(cells + [""] * (width - len(cells)))
            else:
                out.write("\n")
    return {"typed_as_text": n_typed}


def _without_faulty_ids(cells: list[str], rating: int | None, user: int, *, is_first: bool) -> None:
    """Blank the cells in places of ids that hold an error: those of different rows would all be one id."""
    from cfgui.io.sheet_cells import FAULTS

    for place, text in enumerate(cells):
        is_rating = place == rating if rating is not None else place > user and not is_first
        if text in FAULTS and not is_rating:
            cells[place] = ""


def _with_points(cells: list[str], rating: int | None, user: int) -> int:
    """Give the numbers typed with a comma, in the places of ratings, a point; how many they are."""
    places = range(user + 1, len(cells)) if rating is None else range(rating, rating + 1)
    n_typed = 0
    for place in places:
        if place < len(cells) and (written := with_point(cells[place])) != cells[place]:
            cells[place] = written
            n_typed += 1
    return n_typed


def _is_table(rows: Rows) -> bool:
    return sum(sum(map(bool, row)) >= 2 for row in rows) >= 2


def _head(workbook: Workbook, sheet: str) -> Rows:
    """The first rows of a sheet, a list for each from the first on; blank ones are empty."""
    from cfgui.io.sheet_cells import sheet_rows

    rows: Rows = []
    for number, cells in sheet_rows(workbook, sheet):
        if number > _SCANNED_ROWS:
            break
        rows += [[] for _ in range(number - len(rows) - 1)]
        rows.append(cells)
    return rows


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Sheets are not measured as they are opened: one that does not say its size would be gone through to its end."""
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    kind = cast(Any, ReadOnlyWorksheet)
    measure, kind._get_size = kind._get_size, lambda _sheet: None
    try:
        yield
    finally:
        kind._get_size = measure


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    import openpyxl

    try:
        # From an open file: by its name openpyxl would refuse a workbook that is called otherwise.
        with warnings.catch_warnings(), _unmeasured(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                if not workbook.worksheets:
                    raise TableError(f"{path.name} has no worksheet. Choose a workbook with a table in it.")
                yield workbook
            finally:
                workbook.close()
    except (TableError, MemoryError):
        raise
    except Exception as error:  # a mutated file can raise anything at all inside the XML readers
        raise TableError(
            f"{path.name} is not a workbook this program can read. Open it in Excel or LibreOffice, save it as .xlsx"
            " and try again."
        ) from error
