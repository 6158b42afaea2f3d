"""Value tables as an Excel workbook, one sheet each, written by a child process.

XlsxWriter is pure Python and would hold the window up, so the tables go through Arrow files in a scratch folder to a
child that writes row by row; how far it is stands in a small file beside them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfgui.io.atomic import SaveError
from cfgui.io.cell_address import MAX_COLUMNS, MAX_ROWS
from cfgui.io.child import ChildDied, run_child
from cfgui.io.progress_note import NoteReader, NoteWriter
from cfgui.io.table_options import TableError
from cfgui.io.value_progress import ExportProgress
from cfgui.io.value_tables import ValueTable

if TYPE_CHECKING:
    import pyarrow as pa

    from cfgui.io.sheet_canvas import SheetCanvas

ROWS_A_NOTE = 500
"""Rows between two notes of how far the child is."""

_NOTE = "note"
_TEXT_WIDTHS = {"title": 40.0, "genres": 26.0}


def check_excel_limits(tables: Sequence[ValueTable]) -> None:
    """Raise TableError where a table has more rows or columns than a sheet of Excel."""
    for table in tables:
        problem = excel_problem(table.name, table.n_rows, len(table.schema))
        if problem:
            raise TableError(problem)


def excel_problem(name: str, n_rows: int, n_columns: int) -> str:
    """Why a table does not fit a sheet of Excel with its header, as one sentence; "" where it does."""
    for needed, limit, what in ((n_rows + 1, MAX_ROWS, "rows"), (n_columns, MAX_COLUMNS, "columns")):
        if needed > limit:
            return (
                f"The {name} need {needed:,} {what} and a sheet of Excel has {limit:,}: choose CSV or Parquet, or"
                " export only what the sheet shows."
            )
    return ""


def workbook_steps(tables: Sequence[ValueTable]) -> int:
    """What the progress of ``fill_value_workbook`` counts up to: making the rows, and writing them."""
    return sum(table.n_steps + table.n_rows for table in tables)


def fill_value_workbook(tables: Sequence[ValueTable], path: Path, progress: ExportProgress, *, name: str) -> None:
    """Write the tables to ``path``, each on a sheet of its name; ``name`` is what sentences call the file.

    Raises TableError where Excel's limits forbid it, SaveError, or Cancelled, the child having ended by then.
    """
    check_excel_limits(tables)
    with tempfile.TemporaryDirectory(prefix="cfgui-") as scratch:
        sheets = []
        for number, table in enumerate(tables):
            _spool(table, Path(scratch, str(number)), progress.advance)
            sheets.append({"name": table.name, "file": str(number)})
        n_made = sum(table.n_steps for table in tables)

        note, n_written = NoteReader(Path(scratch, _NOTE)), 0

        def cancelled() -> bool:
            nonlocal n_written
            if (news := note.news()) is not None:
                n_written = news.done
            progress.reach(n_made + n_written)
            return False

        job = {"verb": "write_values", "path": str(path), "scratch": scratch, "sheets": sheets}
        try:
            described, _ = run_child(job, cancelled=cancelled)
        except ChildDied:
            raise SaveError(f"Could not save {name}: writing it was ended from outside. Save again.") from None
        if "error" in described:
            raise OSError(described.get("errno"), str(described["message"]))


def _spool(table: ValueTable, path: Path, advance: Callable[[int], None]) -> None:
    """Put a table into an Arrow stream that the child reads batch by batch."""
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.batches(advance):
            writer.write_batch(batch)


# Inside the child


def write_values_job(job: Mapping[str, Any]) -> None:
    """What a child process does: read the Arrow streams of ``job`` and write the workbook, values only."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    from cfgui import __version__
    from cfgui.io.sheet_canvas import PlainWorksheet, SheetCanvas
    from cfgui.io.workbook_styles import Styles

    scratch = Path(job["scratch"])
    workbook = xlsxwriter.Workbook(str(job["path"]), {"constant_memory": True, "tmpdir": str(scratch)})
    workbook.use_zip64()
    workbook.set_properties({"title": "Values", "comments": f"Written by cfgui {__version__}"})
    styles, note, n_rows = Styles(workbook), NoteWriter(scratch / _NOTE), 0
    for sheet in job["sheets"]:
        canvas = SheetCanvas(workbook.add_worksheet(sheet["name"], PlainWorksheet), styles)
        n_rows = _write_sheet(canvas, scratch / sheet["file"], note, n_rows)
    try:
        workbook.close()
    except FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error


def _write_sheet(canvas: SheetCanvas, source: Path, note: NoteWriter, n_rows: int) -> int:
    """Write one sheet; ``n_rows`` have been written before it, the answer is how many after it."""
    import pyarrow as pa

    with pa.OSFile(str(source), "rb") as file, pa.ipc.open_stream(file) as stream:
        _write_head(canvas, stream.schema)
        row = 0
        for batch in stream:
            for start in range(0, batch.num_rows, ROWS_A_NOTE):
                part = batch.slice(start, ROWS_A_NOTE)
                _write_rows(canvas, part, row + 1)
                row += part.num_rows
                note.tell(n_rows + row, 0)
    return n_rows + row


def _write_head(canvas: SheetCanvas, schema: pa.Schema) -> None:
    bold = canvas.styles.get("bold")
    canvas.worksheet.freeze_panes(1, 0)
    for column, name in enumerate(schema.names):
        canvas.worksheet.set_column(column, column, _TEXT_WIDTHS.get(name, 12.0))
        canvas.text(0, column, name, bold)


def _write_rows(canvas: SheetCanvas, batch: pa.RecordBatch, first: int) -> None:
    plain = canvas.styles.get("plain")
    columns = [column.to_pylist() for column in batch.columns]
    text_put = [canvas.text if name in _TEXT_WIDTHS else canvas.id for name in batch.schema.names]
    for row, values in enumerate(zip(*columns, strict=True), first):
        for column, value in enumerate(values):
            if isinstance(value, str):
                text_put[column](row, column, value, plain)
            elif value is not None:
                canvas.number(row, column, value, plain)


__all__ = ["check_excel_limits", "excel_problem", "fill_value_workbook", "workbook_steps", "write_values_job"]
