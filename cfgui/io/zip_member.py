"""Single members of zip archives from strangers: checked before they are touched, unpacked with progress."""

from __future__ import annotations

import contextlib
import errno
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cfgui.io.child import Cancelled as CancelledError
from cfgui.io.table_options import Cancelled, Progress, Report, TableError

MAX_UNPACKED = 4 * 2**30
"""Bytes that a member may unpack to."""

MAX_RATIO, RATIO_MATTERS_ABOVE = 200, 10 * 2**20
"""How many times larger than its packed form that may be, once it is above 10 MB."""

MAX_MEMBERS = 100_000

_CHUNK = 2**20


class ZipMembers:
    """An open archive; ``names`` are its files with decent names. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._plain_errors():
            self._archive = zipfile.ZipFile(path)
        entries = self._archive.infolist()
        if len(entries) > MAX_MEMBERS:
            self._archive.close()
            raise TableError(f"{path.name} holds {len(entries):,} files, which no table needs: it was not opened.")
        self._entries = {entry.filename: entry for entry in entries if _is_decent(entry)}

    def __enter__(self) -> ZipMembers:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Files in the archive, but for those whose names lead out of it."""
        return tuple(self._entries)

    def size(self, name: str) -> int:
        """Bytes that a member says it unpacks to. Raises TableError where that is too much."""
        entry = self._entries[name]
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > MAX_UNPACKED or (entry.file_size > RATIO_MATTERS_ABOVE and ratio > MAX_RATIO):
            raise TableError(
                f"{self.path.name}: {name} unpacks to {entry.file_size / 2**20:,.0f} MB from"
                f" {entry.compress_size / 2**20:,.1f}, which no table of ratings does: it was not opened."
            )
        if entry.flag_bits & 1:
            raise TableError(f"{self.path.name} is locked with a password: unpack it and open the folder.")
        return entry.file_size

    def head(self, name: str, n_bytes: int) -> bytes:
        """The first bytes of a member."""
        self.size(name)
        with self._plain_errors(), self._archive.open(name) as member:
            return member.read(n_bytes)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member piece by piece, never more than it said; its checksum is tested at the end."""
        left = self.size(name)
        with self._plain_errors(), self._archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile
                yield chunk

    def unpack(self, name: str, folder: Path, report: Report, cancelled: Cancelled) -> Path:
        """Write a member into ``folder`` under its own last name. Raises TableError or Cancelled."""
        size, done = self.size(name), 0
        if shutil.disk_usage(folder).free < size + _CHUNK:
            raise TableError(
                f"There is no room to unpack {name} of {self.path.name}: it needs {size / 2**20:,.0f} MB in {folder}."
                " Free some space."
            )
        target = folder / PurePosixPath(name).name
        with target.open("xb") as out:
            for chunk in self.chunks(name):
                if cancelled():
                    raise CancelledError
                out.write(chunk)
                done += len(chunk)
                report(Progress(done, size))
        return target

    @contextlib.contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            if isinstance(error, TableError):
                raise
            raise TableError(f"{self.path.name} is a damaged zip archive. Get it again.") from None
        except OSError as error:
            if error.errno == errno.EINVAL:  # an offset that leads nowhere
                raise TableError(f"{self.path.name} is a damaged zip archive. Get it again.") from None
            reason = error.strerror or str(error)
            raise TableError(f"{self.path.name} cannot be unpacked: {reason}.") from None


def _is_decent(entry: zipfile.ZipInfo) -> bool:
    """Whether a member is a file whose name stays within the archive."""
    parts = PurePosixPath(entry.filename.replace("\\", "/"))
    link = stat.S_ISLNK(entry.external_attr >> 16)
    return not (entry.is_dir() or link or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0])


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A private folder that goes with the block that uses it."""
    return tempfile.TemporaryDirectory(prefix="cfgui-")
