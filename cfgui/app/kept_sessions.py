"""Kept sessions, so that nothing a person made is ever lost: workbooks in the user's state folder.

Each document that is opened has a file of its own there, written now and then while it differs from what was opened or
exported, and once more when it is closed. The newest ones stay.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

from cfgui.core.document import Document

_numbers = itertools.count(1)

MAX_KEPT = 10
"""Sessions that stay; older ones make room."""


def sessions_folder() -> Path:
    """Where sessions are kept. ``CFGUI_STATE_DIR`` names another folder."""
    folder = os.environ.get("CFGUI_STATE_DIR") or platformdirs.user_state_dir("cfgui", appauthor=False)
    return Path(folder) / "sessions"


def new_session_path() -> Path:
    """A file for the session that begins now, unlike that of any other, also of another window."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return sessions_folder() / f"session-{stamp}-{os.getpid()}-{next(_numbers)}.xlsx"


def kept_sessions() -> list[Path]:
    """The kept sessions, the newest first."""
    found = [(_modified(path), path) for path in sessions_folder().glob("session-*.xlsx")]
    return [path for _, path in sorted(found, reverse=True)]


def _modified(path: Path) -> int:
    """When a file was written, in ns; 0 for one that another window has just taken away."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def keep_session(document: Document, path: Path, *, cancelled: Callable[[], bool] | None = None) -> bool:
    """Write the session to ``path``, all or nothing; False where the disk or Excel's limits do not let it.

    Without live formulas where they would be too many. With ``cancelled``, in a child process, which leaves the window
    free; the session is then not kept when ``cancelled()`` becomes true.
    """
    from cfgui.io.workbook_export import TooLargeForExcel, write_workbook
    from cfgui.io.workbook_import import write_workbook_in_child

    def write(values_only: bool) -> None:
        if cancelled is None:
            write_workbook(document, path, values_only=values_only)
        else:
            write_workbook_in_child(document, path, values_only=values_only, cancelled=cancelled)

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(False)
        except TooLargeForExcel as error:
            if not error.values_only_fits:
                return False
            write(True)
        for old in kept_sessions()[MAX_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return False
    return True
