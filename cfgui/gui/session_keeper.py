"""Keeps the open session in a file of its own, now and then and at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.kept_sessions import keep_session, kept_sessions, new_session_path
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.app.tasks import Task
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.view import View

KEEP_SECONDS = 3
"""How long after a change it is kept, and how long between two keepings."""

RUN_SECONDS = 30
"""How long between two keepings while a run changes everything all the time, and wants the processor for itself."""

SHARE = 20
"""A keeping that takes long is followed by this many times as long without one: writing weights all day wears disks."""

LONG_SECONDS = 0.5


class _Kept(NamedTuple):
    """What a keeping is about: while it is the same, there is nothing new to keep."""

    state: State
    hyperparameters: Hyperparameters
    view: View
    trains_visible: bool

    def same_as(self, other: _Kept | None) -> bool:
        """Whether there is nothing new in it."""
        return other is not None and self.state is other.state and self[1:] == other[1:]


class SessionKeeper(QObject):
    """Writes the session away in the background, soon after it changed.

    ``failed`` follows the first keeping that did not work; the next change tries again. ``window_state`` says what of
    the window is kept with it (see ``kept_session``).
    """

    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject, running: Callable[[], bool]) -> None:
        super().__init__(parent)
        self.window_state: Callable[[], Mapping[str, object]] = dict
        self._running, self._last, self._seconds = running, 0.0, 0.0
        self._session = session
        self._path = new_session_path()
        self._kept: _Kept | None = None
        self._tasks: list[Task[bool]] = []
        self._has_failed = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep_soon)
        self._timer.start(KEEP_SECONDS * 1000)

    @property
    def path(self) -> Path:
        """The file in which the open session is kept, or will be."""
        return self._path

    @property
    def _present(self) -> _Kept:
        session = self._session
        return _Kept(session.state, session.hyperparameters, session.view, session.trains_visible)

    @property
    def _has_news(self) -> bool:
        return self._session.modified and not self._present.same_as(self._kept)

    @property
    def busy(self) -> bool:
        """Whether a session is being written now."""
        return any(not task.done for task in self._tasks)

    def keep_soon(self) -> None:
        """Keep what there is now, in the background, unless that is still being done."""
        self._look_at_results()
        pause = max(RUN_SECONDS if self._running() else 0.0, SHARE * self._seconds if self._is_slow else 0.0)
        waits = time.monotonic() - self._last < pause
        if self._has_news and not self.busy and not waits:
            self._begin()

    @property
    def _is_slow(self) -> bool:
        return self._seconds > LONG_SECONDS

    def _begin(self) -> None:
        from cfgui.app.kept_state import kept_session

        session, path = kept_session(self._session, self.window_state()), self._path

        def work(cancelled: Callable[[], bool]) -> bool:
            began = time.monotonic()
            is_kept = keep_session(session, path, cancelled=cancelled)
            self._seconds = time.monotonic() - began
            return is_kept

        self._kept, self._last = self._present, time.monotonic()
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
        from cfgui.app.kept_state import kept_session

        self._timer.stop()
        for task in self._tasks:
            task.join()
        self._look_at_results()
        if self._has_news:
            keep_session(kept_session(self._session, self.window_state()), self._path)

    def last_session(self) -> Path | None:
        """The newest kept session that is not the open one."""
        return next((path for path in kept_sessions() if path != self._path), None)
