"""Reading a workbook: both editions of the original, our own exports, and either after a person or Solver changed it.

``read_workbook`` trusts its process to survive; ``read_workbook_guarded`` reads in a child process with a time and a
memory limit, as a file from a stranger should be.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from cfgui.core.document import Document
from cfgui.io.document_reader import read_document
from cfgui.io.grid import WorkbookError
from cfgui.io.zip_check import check_file

__all__ = ["WorkbookError", "read_workbook"]


def read_workbook(path: Path) -> Document:
    """The document a workbook holds; ``remarks`` say what was assumed. Raises WorkbookError, one plain sentence."""
    path = Path(path)
    check_file(path)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts that it does not keep; nothing is written back, so nothing is lost.
            warnings.simplefilter("ignore")
            return read_document(path)
    except WorkbookError:
        raise
    except Exception as error:  # a mutated file can raise anything at all inside the XML readers
        raise WorkbookError(
            f"{path.name} is not a workbook this program can read. Open it in Excel or LibreOffice, save it as .xlsx"
            " and try again."
        ) from error
