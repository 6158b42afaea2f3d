"""Reading a workbook: both editions of the original, our own exports, and either after a person or Solver changed it.

``read_workbook`` trusts its process to survive; ``read_workbook_guarded`` reads in a child process with a time and a
memory limit, as a file from a stranger should be.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from cfgui.core.document import Document
from cfgui.io.atomic import SaveError, atomic_write
from cfgui.io.child import MEMORY_LIMIT, Cancelled, ChildDied, ChildTimeout, run_child, run_reporting_child
from cfgui.io.document_codec import decode_document, encode_document
from cfgui.io.errors import WorkbookError
from cfgui.io.table_options import Cancelled as Cancels
from cfgui.io.table_options import Report, never, no_report
from cfgui.io.workbook_size import check_size
from cfgui.io.zip_check import check_file

__all__ = ["Cancelled", "WorkbookError", "read_workbook", "read_workbook_guarded", "write_workbook_in_child"]


def read_workbook(path: Path) -> Document:
    """The document a workbook holds; ``remarks`` say what was assumed. Raises WorkbookError, one plain sentence."""
    check_file(path)
    # openpyxl takes a tenth of a second to import; the program that only starts a child does without it.
    from cfgui.io.document_reader import read_document

    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts that it does not keep; nothing is written back, so nothing is lost.
            warnings.simplefilter("ignore")
            return read_document(path)
    except WorkbookError:
        raise
    except MemoryError:
        raise _too_greedy(path) from None
    except Exception as error:  # a mutated file can raise anything at all inside the XML readers
        raise WorkbookError(
            f"{path.name} is not a workbook this program can read. Open it in Excel or LibreOffice, save it as .xlsx"
            " and try again."
        ) from error


def read_workbook_guarded(
    path: Path, timeout: float = 5.0, *, report: Report = no_report, cancelled: Cancels = never
) -> Document:
    """As ``read_workbook``, in a child process that gets 2 GB of memory and ``timeout`` seconds from row to row.

    Raises WorkbookError, also when the child runs out of either; Cancelled when ``cancelled`` says so.
    """
    check_file(path)
    job = {"verb": "read", "path": os.path.abspath(path), "memory": MEMORY_LIMIT}
    try:
        described, result = run_reporting_child(job, stall=timeout, report=report, cancelled=cancelled)
    except ChildTimeout:
        raise WorkbookError(
            f"{path.name} kept the reader busy for {timeout:g} seconds without a row and was given up. Make it smaller,"
            " or save it again in Excel or LibreOffice."
        ) from None
    except ChildDied:
        raise _too_greedy(path) from None
    if "error" in described:
        raise WorkbookError(str(described["message"]))
    return decode_document(result)


def _too_greedy(path: Path) -> WorkbookError:
    return WorkbookError(
        f"{path.name} needs more memory to read than a workbook of this kind should. Save it again in Excel or"
        " LibreOffice, or choose another file."
    )


def write_workbook_in_child(
    document: Document, path: Path, *, values_only: bool = False, cancelled: Callable[[], bool] | None = None
) -> None:
    """As ``write_workbook``, in a child process: XlsxWriter holds Python's lock, which would freeze a window.

    Raises TooLargeForExcel, SaveError, or Cancelled when ``cancelled`` says so; what stood at ``path`` then stays.
    """
    check_size(document, values_only=values_only)
    with atomic_write(path) as temporary, tempfile.TemporaryDirectory(prefix="cfgui-") as scratch:
        job = {"verb": "write", "path": str(temporary), "scratch": scratch, "values_only": values_only}
        try:
            described, _result = run_child(job, encode_document(document), cancelled=cancelled)
        except ChildDied:
            raise SaveError(f"Could not save {path.name}: writing it was ended from outside. Save again.") from None
        if "error" in described:
            raise OSError(described.get("errno"), str(described["message"]))
