"""Keeps the open session in a file of its own, now and then and at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.kept_sessions import keep_session, kept_sessions, new_session_path
from cfgui.app.session import Session, State
from cfgui.app.tasks import Task

KEEP_SECONDS = 3
"""How long after a change it is kept, and how long between two keepings."""

RUN_SECONDS = 30
"""How long between two keepings while a run changes everything all the time, and wants the processor for itself."""


class SessionKeeper(QObject):
    """Writes the session away in a child process, soon after it changed.

    ``failed`` follows the first keeping that did not work; the next change tries again.
    """

    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject, running: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._running, self._last = running, 0.0
        self._session = session
        self._path = new_session_path()
        self._kept: State | None = None
        self._tasks: list[Task[bool]] = []
        self._has_failed = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep_soon)
        self._timer.start(KEEP_SECONDS * 1000)

    @property
    def _has_news(self) -> bool:
        return self._session.modified and self._session.state is not self._kept

    @property
    def busy(self) -> bool:
        """Whether a session is being written now."""
        return any(not task.done for task in self._tasks)

    def keep_soon(self) -> None:
        """Keep what there is now, in the background, unless that is still being done."""
        self._look_at_results()
        waits = self._running() and time.monotonic() - self._last < RUN_SECONDS
        if self._has_news and not self.busy and not waits:
            self._begin()

    def _begin(self) -> None:
        document, path = self._session.document(), self._path

        def work(cancelled: Callable[[], bool]) -> bool:
            return keep_session(document, path, cancelled=cancelled)

        self._kept, self._last = self._session.state, time.monotonic()
        self._tasks.append(Task("Keeping the session", work))
        self._tasks[-1].start()

    def _look_at_results(self) -> None:
        ended = [task for task in self._tasks if task.done]
        self._tasks = [task for task in self._tasks if not task.done]
        if any(task.result is not True and not task.cancelled for task in ended):
            self._kept = None
            if not self._has_failed:
                self._has_failed = True
                self.failed.emit(f"This session cannot be kept in {self._path.parent}: export it before you close.")

    def begin_another(self) -> None:
        """Another document is about to open: keep this one in its file, in the background, and take a new file."""
        if self._has_news:
            self._begin()
        self._path, self._kept = new_session_path(), None

    def end(self) -> None:
        """The window has closed: keep what there is, and no more after that."""
        self._timer.stop()
        for task in self._tasks:
            task.join()
        self._look_at_results()
        if self._has_news:
            keep_session(self._session.document(), self._path)

    def last_session(self) -> Path | None:
        """The newest kept session that is not the open one."""
        return next((path for path in kept_sessions() if path != self._path), None)
