"""LibreOffice as a second opinion: it calculates a workbook from nothing but its formulas."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONVERT_SECONDS = 120.0
"""How long one conversion may take."""

_FORMULA_CELL = re.compile(rb"(<c [^>]*>)(<f[^>]*/>|<f[^>]*>.*?</f>)<v>[^<]*</v>", re.DOTALL)
_PLACES = {
    "darwin": ["/Applications/LibreOffice.app/Contents/MacOS/soffice"],
    "win32": [r"C:\Program Files\LibreOffice\program\soffice.exe"],
}


class LibreOfficeError(RuntimeError):
    """LibreOffice did not convert a file."""


def find_libreoffice() -> str | None:
    """The program to start, None where LibreOffice is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES.get(sys.platform, []) if Path(place).exists()), None)


def strip_stored_values(source: Path, target: Path) -> int:
    """Copy a workbook without the stored values of its formulas; returns how many were taken out.

    LibreOffice trusts a stored value, even a wrong one; a formula without one it has to calculate.
    """
    removed = 0
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                data, count = _FORMULA_CELL.subn(rb"\1\2", data)
                removed += count
            new.writestr(entry.filename, data)
    return removed


@contextmanager
def recalculated(path: Path) -> Iterator[Path]:
    """The workbook as LibreOffice saves it after calculating every formula itself, in a temporary folder.

    Raises LibreOfficeError when it is not installed, fails or takes too long.
    """
    program = find_libreoffice()
    if program is None:
        raise LibreOfficeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="cfgui-", ignore_cleanup_errors=True) as folder:
        stripped, results = Path(folder, "stripped.xlsx"), Path(folder, "out")
        strip_stored_values(path, stripped)
        convert(program, stripped, results, profile=Path(folder, "profile"))
        yield results / stripped.name


def convert(program: str, source: Path, folder: Path, *, profile: Path, to: str = "xlsx") -> Path:
    """Have LibreOffice convert ``source`` into ``folder``; a profile of its own keeps a running one out of it.

    Raises LibreOfficeError when that fails or takes too long.
    """
    command = [program, f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", to, "--outdir", str(folder), str(source)]
    try:
        subprocess.run(
            command, timeout=CONVERT_SECONDS, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise LibreOfficeError(f"LibreOffice did not convert {source.name}") from error
    result = folder / f"{source.stem}.{to}"
    if not result.exists():
        raise LibreOfficeError(f"LibreOffice wrote nothing for {source.name}")
    return result
