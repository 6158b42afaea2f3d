"""Parts of sessions: what is large and does not change, written once into a file of its own beside the session's.

A table of 25 million ratings is 200 MB and the weights it starts from 180 MB; what a session writes every few seconds
only names the files in which they lie, with the SHA-256 that they must have.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.io.archive import Archive, ArchiveError, Array, Meter, write_archive
from cfgui.io.atomic import atomic_write

BESIDE_BYTES = 4 * 2**20
"""Above this, what does not change goes into a file of its own."""

SUFFIXES = (".ratings", ".weights")
"""How the names of such files end."""

FORM, VERSION = "cfgui session part", 1

_NAME = re.compile(r"session-[\w-]{1,100}(\.ratings|\.weights)")

Shared = Ratings | Factors
"""What may have a file of its own; never changes."""


class MissingPartError(ArchiveError):
    """The file in which a session's ratings or weights lie is gone."""


@dataclass(frozen=True)
class Part:
    """A file beside a session's: its name there, the SHA-256 of its head, its size."""

    file: str
    digest: str
    n_bytes: int

    @classmethod
    def from_head(cls, described: object) -> Part:
        """The part that a session's head names. Raises ArchiveError unless it is a plain name of this kind."""
        if isinstance(described, dict):
            file, digest, n_bytes = (described.get(name) for name in ("file", "sha256", "bytes"))
            if isinstance(file, str) and _NAME.fullmatch(file) and isinstance(digest, str) and isinstance(n_bytes, int):
                return cls(file, digest, n_bytes)
        raise ArchiveError("no part")

    def for_head(self) -> dict[str, object]:
        """What ``from_head`` reads."""
        return {"file": self.file, "sha256": self.digest, "bytes": self.n_bytes}


class Parts:
    """Remembers, while the program runs, what lies in a file already and needs no second one. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: weakref.WeakKeyDictionary[Shared, tuple[Path, Part]] = weakref.WeakKeyDictionary()
        self._numbers = itertools.count(1)

    def note(self, thing: Shared, folder: Path, part: Part) -> None:
        """Remember that ``thing`` lies in a file in ``folder``."""
        with self._lock:
            self._written[thing] = folder, part

    def written(self, thing: Shared, folder: Path) -> Part | None:
        """The file in ``folder`` in which ``thing`` lies, marked as used now; None where there is none any more."""
        with self._lock:
            known = self._written.get(thing)
        if known is None or known[0] != folder:
            return None
        path = folder / known[1].file
        with contextlib.suppress(OSError):
            # Marked before it is named: who clears away takes no file that was marked a moment ago.
            os.utime(path)
            if path.stat().st_size == known[1].n_bytes:
                return known[1]
        return None

    def write(
        self,
        thing: Shared,
        session: Path,
        suffix: str,
        head: dict[str, object],
        members: Callable[[], dict[str, Array]],
        meter: Meter,
    ) -> Part:
        """Write ``thing`` beside the file ``session``, all or nothing. Raises SaveError, Cancelled."""
        path = session.with_name(f"{session.stem}-{next(self._numbers)}{suffix}")
        with atomic_write(path) as temporary:
            digest = write_archive(temporary, {"format": FORM, "version": VERSION, **head}, members(), meter)
            n_bytes = temporary.stat().st_size
        part = Part(path.name, digest, n_bytes)
        self.note(thing, session.parent, part)
        return part


def open_part(folder: Path, part: Part, meter: Meter) -> Archive:
    """The archive of a part; a context. Raises MissingPartError, ArchiveError."""
    path = folder / part.file
    if not path.is_file():
        raise MissingPartError(part.file)
    archive = Archive(path, FORM, VERSION, meter)
    if archive.digest != part.digest:
        archive.__exit__(None, None, None)
        raise ArchiveError(f"{part.file} belongs to another session")
    return archive
