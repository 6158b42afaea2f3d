"""Whether an archive of MovieLens is whole: by its published SHA-256, by the one noted at first, or by its own sums."""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

from cfgui.io.child import Cancelled
from cfgui.io.table_options import Cancelled as IsCancelled
from cfgui.io.table_options import Progress, Report

BLOCK = 2**20
MAX_UNPACKED = 8 * 2**30
"""Bytes beyond which an archive is not unpacked to be checked; the largest edition needs under 2 GB."""

RATING_FILES = ("ratings.csv", "ratings.dat", "u.data")


def why_unsound(path: Path, expected: str | None, *, report: Report, cancelled: IsCancelled) -> str:
    """Why an archive is not what it should be, in a few words; "" where it is sound.

    ``expected`` is its SHA-256; with None everything in it is unpacked to be compared with the sums inside. Raises
    Cancelled, and OSError where the archive cannot be read.
    """
    if expected is None:
        return _why_no_archive(path, report, cancelled)
    return "" if sha256_of(path, report, cancelled) == expected else "its SHA-256 is not the one it should have"


def sha256_of(path: Path, report: Report, cancelled: IsCancelled) -> str:
    """The SHA-256 of a file in hexadecimal. Raises Cancelled."""
    total = path.stat().st_size
    sum_, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sum_.update(block)
            done += len(block)
            _tell(done, total, report, cancelled)
    return sum_.hexdigest()


def note_path(target: Path) -> Path:
    """Where the SHA-256 of an archive without a published one is noted at the first download: beside it."""
    return target.with_name(f"{target.name}.sha256")


def noted_sum(noted: Path) -> str | None:
    """The SHA-256 in a file as ``sha256sum`` writes it, None where there is none."""
    with suppress(OSError, ValueError):
        words = noted.read_text(encoding="ascii").split()
        if words and len(bytes.fromhex(words[0])) == 32:
            return words[0].lower()
    return None


def note_sum(noted: Path, name: str, sha256: str) -> None:
    """Write a SHA-256 down, so that ``sha256sum -c`` can check it too."""
    noted.write_text(f"{sha256}  {name}\n", encoding="ascii")


def _why_no_archive(path: Path, report: Report, cancelled: IsCancelled) -> str:
    """As ``why_unsound``, by unpacking everything: a zip holds a sum of each file in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [entry for entry in archive.infolist() if not entry.is_dir()]
            if not any(PurePosixPath(entry.filename).name in RATING_FILES for entry in members):
                return "it holds no ratings"
            total = sum(entry.file_size for entry in members)
            if total > MAX_UNPACKED:
                return "it unpacks to more than any edition needs"
            done = 0
            for entry in members:
                with archive.open(entry) as member:
                    while block := member.read(BLOCK):
                        done += len(block)
                        _tell(done, total, report, cancelled)
    except (Cancelled, FileNotFoundError):
        raise
    except Exception:  # noqa: BLE001 - a damaged zip raises anything: zlib.error, BadZipFile, NotImplementedError …
        return "the archive is damaged"
    return ""


def _tell(done: int, total: int, report: Report, cancelled: IsCancelled) -> None:
    if cancelled():
        raise Cancelled
    report(Progress(done, total))
