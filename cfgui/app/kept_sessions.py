"""Kept sessions, so that nothing a person made is ever lost: files in the user's state folder.

Each document that is opened has a file of its own there, written now and then while it differs from what was opened or
exported, and once more when it is closed. Large ratings lie beside it, written once. The newest sessions stay.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from cfgui.io.table_options import Cancelled, Report, never, no_report

if TYPE_CHECKING:
    from cfgui.app.kept_state import RestoredSession
    from cfgui.core.document import Document
    from cfgui.core.kept_session import KeptSession
    from cfgui.io.session_file import SessionSummary
    from cfgui.io.session_parts import Parts

_numbers = itertools.count(1)

MAX_KEPT = 10
"""Sessions that stay; older ones make room."""

MAX_BYTES = 2 * 10**9
"""What they may come to, with all that lies beside them; the newest stays, however large it is."""

GRACE_SECONDS = 600.0
"""How long a file beside the sessions may be named by none: another window may be about to name it."""

SUFFIX, WORKBOOK_SUFFIX = ".cfgui", ".xlsx"
"""How the names of sessions end, and of those that earlier versions kept."""


def sessions_folder() -> Path:
    """Where sessions are kept. ``CFGUI_STATE_DIR`` names another folder."""
    folder = os.environ.get("CFGUI_STATE_DIR") or platformdirs.user_state_dir("cfgui", appauthor=False)
    return Path(folder) / "sessions"


def new_session_path() -> Path:
    """A file for the session that begins now, unlike that of any other, also of another window."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return sessions_folder() / f"session-{stamp}-{os.getpid()}-{next(_numbers)}{SUFFIX}"


def kept_sessions() -> list[Path]:
    """The kept sessions, the newest first."""
    found = [(_written(path), path) for path in sessions_folder().glob("session-*") if _is_session(path)]
    return [path for _, path in sorted(found, reverse=True)]


def _is_session(path: Path) -> bool:
    return path.suffix in (SUFFIX, WORKBOOK_SUFFIX)


def _written(path: Path) -> int:
    """When a file was written, in ns; 0 for one that another window has just taken away."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@functools.cache
def _parts() -> Parts:
    """What lies beside the sessions, as far as this program wrote or read it."""
    from cfgui.io.session_parts import Parts

    return Parts()


def keep_session(session: KeptSession, path: Path, *, cancelled: Callable[[], bool] = never) -> bool:
    """Write the session to ``path``, all or nothing; False where the disk does not let it.

    For a thread: it leaves Python's lock to others. Raises ``Cancelled`` when ``cancelled()`` becomes true.
    """
    from cfgui.io.session_file import write_session

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_session(session, path, _parts(), cancelled=cancelled)
    except OSError:
        return False
    with contextlib.suppress(OSError):  # another window may have such a file open; next time, then
        make_room(path)
    return True


def open_kept(path: Path, *, report: Report = no_report, cancelled: Cancelled = never) -> RestoredSession | Document:
    """The session in a file, ready to go on; a document where an earlier version of the program kept it.

    Raises ``WorkbookError``, one plain sentence; ``Cancelled``.
    """
    if path.suffix == WORKBOOK_SUFFIX:
        from cfgui.io.workbook_import import read_workbook_guarded

        return read_workbook_guarded(path, cancelled=cancelled)
    from cfgui.app.kept_state import restored_session
    from cfgui.io.session_file import read_session

    return restored_session(read_session(path, _parts(), report=report, cancelled=cancelled))


@dataclass(frozen=True)
class Entry:
    """One line of the list of sessions.

    ``written`` is the time of its last keeping in seconds since 1970, ``summary`` None where there is none to read:
    ``problem`` then says why, or is empty for a session of an earlier version.
    """

    path: Path
    written: float
    summary: SessionSummary | None
    problem: str = ""


def list_sessions() -> list[Entry]:
    """Every kept session, the newest first; reads only the heads of the files."""
    return [_entry(path) for path in kept_sessions()]


def _entry(path: Path) -> Entry:
    from cfgui.io.session_file import SessionError, read_summary

    written = _written(path) / 1e9
    if path.suffix == WORKBOOK_SUFFIX:
        return Entry(path, written, None)
    try:
        return Entry(path, written, read_summary(path))
    except SessionError as error:
        return Entry(path, written, None, str(error))


def delete_session(path: Path) -> None:
    """Delete a session, and what lies beside it for no other. Raises OSError."""
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        make_room()


def make_room(newest: Path | None = None) -> None:
    """Delete the oldest sessions beyond MAX_KEPT and MAX_BYTES, never ``newest``, and what only they needed."""
    found = kept_sessions()
    if newest in found:
        found.remove(newest)
        found.insert(0, newest)
    stays, used = set[str](), 0
    all_known, full = True, False
    for number, path in enumerate(found):
        names = _names_beside(path)
        new = set(names or ()) - stays
        used += sum(_size(path.with_name(name)) for name in (path.name, *new))
        full = full or number >= MAX_KEPT or used > MAX_BYTES
        if full and number:
            path.unlink(missing_ok=True)
        else:
            stays |= new
            all_known &= names is not None
    if all_known:  # of a session that cannot be read nobody knows what it needs
        _remove_unnamed(stays)


def _remove_unnamed(named: set[str]) -> None:
    from cfgui.io.session_parts import SUFFIXES

    for path in sessions_folder().glob("session-*"):
        age = time.time() - _written(path) / 1e9
        if path.suffix in SUFFIXES and path.name not in named and age > GRACE_SECONDS:
            path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _names_beside(path: Path) -> tuple[str, ...] | None:
    """The files that a session needs beside its own; None where that cannot be found out."""
    return () if path.suffix == WORKBOOK_SUFFIX else _names_in(path, _written(path))


@functools.lru_cache(maxsize=4 * MAX_KEPT)
def _names_in(path: Path, _written: int) -> tuple[str, ...] | None:
    """As ``_names_beside``; looked up once for each time the file is written."""
    from cfgui.io.session_file import SessionError, read_summary

    try:
        return read_summary(path).parts
    except SessionError:
        return None
