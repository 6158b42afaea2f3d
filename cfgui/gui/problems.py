"""Errors nobody expected: one folded message for the person, everything else in a log file."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from cfgui.gui.message_bar import MessageBar

log = logging.getLogger("cfgui")


class _Crossing(QObject):
    """Carries a sentence from any thread to the window's."""

    happened = Signal(str)


_crossing: _Crossing | None = None
_fault_file: object = None
_telling = False


def log_path() -> Path:
    """Where unexpected errors are written down. ``CFGUI_STATE_DIR`` names another folder."""
    folder = os.environ.get("CFGUI_STATE_DIR") or platformdirs.user_log_dir("cfgui", appauthor=False)
    return Path(folder) / "cfgui.log"


def catch_problems(messages: MessageBar) -> None:
    """From now on, show unexpected errors in ``messages`` and write them to the log; the window goes on."""
    global _crossing, _fault_file  # noqa: PLW0603 - the hooks of Python and Qt are global too
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(filename=path, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
        _fault_file = path.with_name("crash.log").open("a", encoding="utf-8")
        faulthandler.enable(_fault_file)
    except OSError:
        logging.basicConfig(level=logging.WARNING)
    _crossing = _Crossing()
    _crossing.happened.connect(messages.complain)  # a bound method: disconnected when the bar goes
    sys.excepthook = _unexpected
    threading.excepthook = lambda args: _unexpected(args.exc_type, args.exc_value, args.exc_traceback)
    qInstallMessageHandler(_from_qt)


def _unexpected(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    global _telling  # noqa: PLW0603 - an error while telling of an error must not tell of itself
    log.error("unexpected", exc_info=(kind, error or kind(), trace))
    if _crossing is not None and not _telling:
        _telling = True
        _crossing.happened.emit(
            f"Something went wrong inside cfgui ({kind.__name__}): your sheet is unharmed; details are in {log_path()}."
        )
        _telling = False


def _from_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
        log.warning("Qt: %s", message)
