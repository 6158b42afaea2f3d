"""Keeps the open session in a file of its own, now and then and at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from cfgui.app.kept_sessions import keep_session, kept_sessions, new_session_path
from cfgui.app.session import Session, State
from cfgui.app.tasks import Task

KEEP_SECONDS = 30


class SessionKeeper(QObject):
    """Writes the session away in a child process every ``KEEP_SECONDS`` while there is something new to keep."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._path = new_session_path()
        self._kept: State | None = None
        self._task: Task[bool] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep_soon)
        self._timer.start(KEEP_SECONDS * 1000)

    @property
    def _has_news(self) -> bool:
        return self._session.modified and self._session.state is not self._kept

    def keep_soon(self) -> None:
        """Keep what there is now, in the background."""
        if self._task is not None and not self._task.done:
            return
        if self._has_news:
            document, path = self._session.document(), self._path

            def work(cancelled: Callable[[], bool]) -> bool:
                return keep_session(document, path, cancelled=cancelled)

            self._kept = self._session.state
            self._task = Task("Keeping the session", work)
            self._task.start()

    def keep_now(self) -> None:
        """Keep what there is before it goes: the window closes, or opens something else."""
        self._finish()
        if self._has_news and keep_session(self._session.document(), self._path):
            self._kept = self._session.state

    def begin_another(self) -> None:
        """From now on keep in a new file: another document is open."""
        self._path, self._kept = new_session_path(), None

    def stop(self) -> None:
        """No more keeping."""
        self._timer.stop()
        self._finish()

    def _finish(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task.join()
            self._kept = None if self._task.result is not True else self._kept
            self._task = None

    def last_session(self) -> Path | None:
        """The newest kept session that is not the open one."""
        return next((path for path in kept_sessions() if path != self._path), None)
