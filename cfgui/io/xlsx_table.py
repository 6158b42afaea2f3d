"""Tables of ratings on a worksheet. openpyxl works in a guarded child process, which makes plain text of the sheet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.io.child import MEMORY_LIMIT, ChildDied, ChildTimeout, run_child, run_reporting_child
from cfgui.io.errors import WorkbookError
from cfgui.io.file_watch import unchanged
from cfgui.io.table_head import Head
from cfgui.io.table_options import (
    Cancelled,
    Progress,
    Report,
    TableChoices,
    TableError,
    TableOptions,
    never,
    no_report,
)
from cfgui.io.zip_check import check_file

STALL_SECONDS = 5.0
"""A child that says nothing for so long is ended."""


@dataclass(frozen=True)
class SheetHead:
    """The first rows of a worksheet, and whether the workbook is one of the course's kind, which is no table."""

    head: Head
    own: bool


def sheet_head(path: Path, choices: TableChoices) -> SheetHead:
    """Look into a workbook. Raises TableError, one plain sentence, where that is not possible."""
    _check(path)
    job = {"verb": "sheet_rows", "path": os.path.abspath(path), "sheet": choices.sheet or "", "memory": MEMORY_LIMIT}
    try:
        described, _ = run_child(job, timeout=STALL_SECONDS)
    except (ChildTimeout, ChildDied):
        raise _too_greedy(path) from None
    found = _answer(described, path)
    rows, top = [list(map(str, row)) for row in found["rows"] if any(row)], int(found["top"])
    if not rows:
        raise TableError(f"{path.name}: the sheet {found['sheet']} is empty. Choose another sheet or workbook.")
    above = f"The first {top} rows of the sheet" if top > 1 else "The first row of the sheet"
    remarks = (f"{above} above the table {'were' if top > 1 else 'was'} passed over.",) if top else ()
    options = TableOptions(kind="xlsx", encoding="", sheet=str(found["sheet"]))
    sheets = tuple(map(str, found["sheets"]))
    return SheetHead(Head(path.name, rows, options, path.stat().st_size, sheets, remarks), bool(found["own"]))


def xlsx_head(path: Path, choices: TableChoices) -> Head:
    """The first rows of a worksheet as texts. Raises TableError as ``sheet_head``."""
    return sheet_head(path, choices).head


def read_xlsx_table(
    path: Path, options: TableOptions, *, report: Report = no_report, cancelled: Cancelled = never
) -> tuple[Ratings, ImportReport]:
    """The ratings on the sheet ``options.sheet``; line numbers in the report are rows of the sheet.

    Raises TableError, one plain sentence, or Cancelled.
    """
    _check(path)
    with unchanged(path), tempfile.TemporaryDirectory(prefix="cfgui-") as folder:
        # Of the same name, for the sentences that name the file.
        text = Path(folder, path.name)
        job = {
            "verb": "sheet_text",
            "path": os.path.abspath(path),
            "out": str(text),
            "sheet": options.sheet,
            "user": options.user,
            "rating": None if options.layout == "wide" else options.rating,
            "memory": MEMORY_LIMIT,
        }
        try:
            described, _ = run_reporting_child(
                job, stall=STALL_SECONDS, report=_part(report, 0.0, 0.9), cancelled=cancelled
            )
        except (ChildTimeout, ChildDied):
            raise _too_greedy(path) from None
        found = _answer(described, path)
        as_text = replace(options, kind="text", gzipped=False, separator=",", encoding="utf-8", decimal=".")
        ratings, read = _read_text(text, as_text, _part(report, 0.9, 1.0), cancelled)
    return ratings, _as_workbook(read, path, options, int(found["typed_as_text"]))


def _read_text(text: Path, options: TableOptions, report: Report, cancelled: Cancelled) -> tuple[Ratings, ImportReport]:
    if options.layout == "wide":
        from cfgui.io.wide_table import read_wide

        return read_wide(text, options, report=report, cancelled=cancelled)
    from cfgui.io.long_table import read_long

    return read_long(text, options, report=report, cancelled=cancelled)


def _as_workbook(read: ImportReport, path: Path, options: TableOptions, n_typed: int) -> ImportReport:
    layout = "crosstab" if options.layout == "wide" else "one rating a line"
    remarks = read.remarks
    if n_typed:
        what = "rating was" if n_typed == 1 else "ratings were"
        remarks += (f"{n_typed:,} {what} typed as text with a decimal comma and read as numbers.",)
    description = f"Excel workbook, sheet {options.sheet}, {layout}"
    return replace(read, file=path.name, format=description, encoding="", remarks=remarks)


def _part(report: Report, begin: float, end: float) -> Report:
    """A report for a part of the work, from ``begin`` to ``end`` of the whole in thousandths."""

    def tell(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 0.0
        report(Progress(round(1000 * (begin + (end - begin) * min(share, 1.0))), 1000, progress.n_rows))

    return tell


def _check(path: Path) -> None:
    try:
        check_file(path)
    except WorkbookError as error:
        raise TableError(str(error)) from None


def _answer(described: Mapping[str, object], path: Path) -> Mapping[str, Any]:
    if "error" in described:
        message = str(described["message"])
        raise TableError(message if path.name in message else f"{path.name}: {message}")
    return cast(Mapping[str, Any], described)


def _too_greedy(path: Path) -> TableError:
    return TableError(
        f"{path.name} needs more time or memory to read than a workbook should. Save it again in Excel or LibreOffice,"
        " or save the sheet as CSV and open that."
    )
