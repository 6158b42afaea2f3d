"""A small file in which a child process notes how far it is, and from which its parent reads it."""

from __future__ import annotations

import time
from contextvars import ContextVar
from pathlib import Path

from cfgui.io.table_options import Progress

NOTE_SECONDS = 0.02
"""A child writes at most so often: about fifty times a second."""


class NoteWriter:
    """The child's side. Without a path it writes nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._next = path, 0.0

    def tell(self, done: int, total: int, n_rows: int = 0) -> None:
        """Note ``done`` of ``total`` (0: not known) and the rows so far; cheap when called often."""
        now = time.monotonic()
        if self._path is None or now < self._next:
            return
        self._next = now + NOTE_SECONDS
        # One write of one line with its end mark: a parent that reads half of it sees that the mark is missing.
        self._path.write_bytes(b"%d %d %d.\n" % (done, total, n_rows))


_note: ContextVar[NoteWriter | None] = ContextVar("note", default=None)


def note_in(path: Path) -> None:
    """From now on readers of workbooks in this process note there how far they are."""
    _note.set(NoteWriter(path))


def note() -> NoteWriter:
    """Where readers of workbooks note how far they are: nowhere, unless ``note_in`` said where."""
    return _note.get() or NoteWriter(None)


class NoteReader:
    """The parent's side."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, b""

    def news(self) -> Progress | None:
        """What the child noted since the last look, None where there is nothing new."""
        try:
            text = self._path.read_bytes()
        except OSError:  # not there yet, or being written at this moment
            return None
        if text == self._seen or not text.endswith(b".\n"):
            return None
        self._seen = text
        done, total, n_rows = (int(number) for number in text[:-2].split())
        return Progress(done, total, n_rows)
