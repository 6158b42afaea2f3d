"""The last session, kept so that nothing a person made is ever lost: a workbook in the user's state folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from cfgui.core.document import Document


def last_session_path() -> Path:
    """Where the last session is kept. ``CFGUI_STATE_DIR`` names another folder."""
    folder = os.environ.get("CFGUI_STATE_DIR") or platformdirs.user_state_dir("cfgui", appauthor=False)
    return Path(folder) / "last-session.xlsx"


def keep_session(document: Document) -> bool:
    """Write the session away, all or nothing; False where the disk or Excel's limits do not let it."""
    from cfgui.io.workbook_export import TooLargeForExcel, write_workbook

    path = last_session_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(document, path)
    except (OSError, TooLargeForExcel):
        return False
    return True


def has_last_session() -> bool:
    """Whether a session is kept."""
    return last_session_path().is_file()
