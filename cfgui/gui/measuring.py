"""Measuring: an RMSE that takes longer than a moment is computed behind the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from cfgui.app.measuring import measured_rmse
from cfgui.app.scope import Measured
from cfgui.app.session import Session
from cfgui.app.tasks import Task

LOOK_MS = 30


class Measuring(QObject):
    """Finds every RMSE of the active sheet that the session does not know, one after another, newest state first.

    ``running`` says whether weights are being trained: they are measured by the run itself, and once it has ended.
    """

    def __init__(self, session: Session, running: Callable[[], bool]) -> None:
        super().__init__()
        self._session, self._running = session, running
        self._task: Task[float | None] | None = None
        self._model = ""
        self._measured: Measured | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    @property
    def working(self) -> bool:
        """Whether something is being measured now."""
        return self._task is not None

    def look(self) -> None:
        """Begin where something is unknown, and end what is no longer wanted; to be called after every change."""
        session, model = self._session, self._session.active
        wanted = [] if self._running() else session.unmeasured(model)
        if self._task is not None:
            if not any(self._is_in_hand(model, measured) for measured in wanted):
                self._task.cancel()
        elif wanted:
            self._begin(model, wanted[0])

    def finish(self) -> None:
        """Before the window closes: end what is in hand."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task.join()
            self._task = self._measured = None

    def _is_in_hand(self, model: str, measured: Measured) -> bool:
        return self._measured is not None and model == self._model and self._measured.same_as(measured)

    def _begin(self, model: str, measured: Measured) -> None:
        self._model, self._measured = model, measured
        self._task = Task("Measuring", lambda cancelled: measured_rmse(measured, cancelled))
        self._task.start()
        self._timer.start(LOOK_MS)

    def _look(self) -> None:
        task, measured = self._task, self._measured
        if task is None or measured is None or not task.done:
            return
        self._timer.stop()
        self._task = self._measured = None
        if task.result is not None:
            self._session.note_rmse(self._model, measured, task.result)
        if task.error is None:
            self.look()
