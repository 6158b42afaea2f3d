"""Opening and exporting whole documents: the verbs that need no window."""

from __future__ import annotations

from pathlib import Path

from cfgui.core.document import Document
from cfgui.io.table_options import Cancelled, Report, TableChoices, never, no_report


def open_document(
    path: Path | None,
    choices: TableChoices | None = None,
    *,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> Document:
    """What a file or folder of any kind holds, or the built-in sample for None; ``choices`` say how a table is read.

    Workbooks are read in a guarded child process: they may come from a stranger. Raises ``TableError`` or
    ``WorkbookError`` with one plain sentence, or ``Cancelled``.
    """
    if path is None:
        from cfgui.io.sample import sample_document

        return sample_document()
    from cfgui.io.open_any import open_ratings

    return open_ratings(path, choices or TableChoices(), report=report, cancelled=cancelled)


def export_document(document: Document, path: Path, *, values_only: bool = False) -> None:
    """Write all sheets of a document to a workbook, all or nothing.

    Raises ``TooLargeForExcel`` where the document does not fit, OSError where the file cannot be written.
    """
    from cfgui.io.workbook_export import write_workbook

    write_workbook(document, path, values_only=values_only)
