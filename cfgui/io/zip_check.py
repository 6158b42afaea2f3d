"""What is looked at before a file is opened as a workbook."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cfgui.io.errors import WorkbookError
from cfgui.io.first_bytes import first_bytes

MAX_UNPACKED = 512 * 2**20
"""Bytes a workbook may unpack to."""
MAX_RATIO, RATIO_MATTERS_ABOVE = 200, 10 * 2**20
"""How many times larger than the file that may be, once it is above 10 MB."""

_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"


def check_file(path: Path) -> None:
    """Raise WorkbookError, one plain sentence, unless ``path`` is a file that may be opened as a workbook."""
    magic = first_bytes(path, 4, "workbook", WorkbookError)
    if magic == _OLD_OR_ENCRYPTED:
        raise WorkbookError(
            f"{path.name} is encrypted or in the old .xls format. Open it in Excel, take the password off, and save it"
            " as .xlsx."
        )
    try:
        _check_sizes(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, WorkbookError):
            raise
        what = "is empty" if not magic else "is not a workbook"
        raise WorkbookError(f"{path.name} {what}. Choose a file that Excel saved as .xlsx.") from error


def _check_sizes(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    ratio = unpacked / max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_MATTERS_ABOVE and ratio > MAX_RATIO):
        raise WorkbookError(
            f"{path.name} unpacks to {unpacked / 2**20:,.0f} MB, which no workbook of this kind needs: it was not"
            " opened. Choose another file."
        )
