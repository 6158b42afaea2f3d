"""Opening and exporting whole documents: the verbs that need no window."""

from __future__ import annotations

from pathlib import Path

from cfgui.core.document import Document


def open_document(path: Path | None) -> Document:
    """What a workbook holds, or the built-in sample for None. Raises ``WorkbookError`` with one plain sentence.

    The workbook is read in a guarded child process: it may come from a stranger.
    """
    if path is None:
        from cfgui.io.sample import sample_document

        return sample_document()
    from cfgui.io.workbook_import import read_workbook_guarded

    return read_workbook_guarded(path)


def export_document(document: Document, path: Path, *, values_only: bool = False) -> None:
    """Write all sheets of a document to a workbook, all or nothing.

    Raises ``TooLargeForExcel`` where the document does not fit, OSError where the file cannot be written.
    """
    from cfgui.io.workbook_export import write_workbook

    write_workbook(document, path, values_only=values_only)
