"""A file on its way in: beside its place as ``NAME.part`` until it is whole, with what is needed to go on later."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from cfgui.io.https_stream import DownloadError


@dataclass(frozen=True)
class Origin:
    """Which making of a file on a server a part belongs to.

    ``validator`` is the server's strong ETag or else its Last-Modified, "" where it gives neither; ``total`` the length
    of the whole file, 0 where unknown.
    """

    url: str
    validator: str
    total: int

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str], total: int) -> Origin:
        """From the headers of an answer. A weak ETag says nothing about single bytes, so it does not count."""
        etag = headers.get("ETag", "")
        return cls(url, etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", ""), total)


class PartialFile:
    """``NAME.part``, held against other windows and programs while the ``with`` block lasts.

    What was received stays for the next try as long as it can be continued, whatever ended the block; ``discard``
    removes it, ``finish`` puts it in its place. Raises DownloadError where another program is at it, OSError where the
    disk refuses.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")
        self._file: IO[bytes] | None = None

    def __enter__(self) -> PartialFile:
        file = self.path.open("ab")
        if not (_lock(file) and self._is_still(file)):
            file.close()
            raise DownloadError(f"{self.target.name} is being downloaded by another window of cfgui: wait for it.")
        self._file = file
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            if self.origin() is None or self.size == 0:
                self.discard()
            else:
                self._close()

    def _is_still(self, file: IO[bytes]) -> bool:
        """Whether the file that was opened has not been put in its place by another program meanwhile."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._open_file.seek(0, os.SEEK_END)

    @property
    def _open_file(self) -> IO[bytes]:
        assert self._file is not None, "use it in a with block"
        return self._file

    def origin(self) -> Origin | None:
        """What the part belongs to, None where that is not known well enough to go on."""
        try:
            noted = json.loads(self._note.read_text(encoding="utf-8"))
            found = Origin(str(noted["url"]), str(noted["validator"]), int(noted["total"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return found if found.validator else None

    def restart(self, origin: Origin) -> None:
        """Begin anew with a file of this origin."""
        self._note.unlink(missing_ok=True)
        self._open_file.truncate(0)
        if origin.validator:
            self._note.write_text(json.dumps(asdict(origin)), encoding="utf-8")

    def append(self, piece: bytes) -> None:
        """Add a piece."""
        self._open_file.write(piece)

    def flush(self) -> None:
        """Hand everything to the system, so that ``path`` can be read."""
        self._open_file.flush()

    def discard(self) -> None:
        """Remove what was received."""
        self._close()
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self) -> None:
        """Put the file in its place, whole and safe from a power cut."""
        self.flush()
        os.fsync(self._open_file.fileno())
        self._close()
        os.replace(self.path, self.target)
        self._note.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> bool:
    """Hold a file against other programs until it is closed; False where another one holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # Far behind the end, so that reading the file itself stays possible.
            file.seek(2**40)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0, os.SEEK_END)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except PermissionError:  # how Windows says that another one holds it
        return False
    except OSError:  # a network disk that knows no locks: then without
        return True
    return True
