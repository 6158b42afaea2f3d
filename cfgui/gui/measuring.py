"""Measuring: an RMSE that takes longer than a moment is computed behind the window, and so are baselines."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from cfgui.app.baseline_levels import BaselineLevel, baseline_levels
from cfgui.app.measuring import measured_rmse
from cfgui.app.scope import Measured, Scope
from cfgui.app.session import Session
from cfgui.app.tasks import Task

LOOK_MS = 30

Found = float | tuple[BaselineLevel, ...] | None


class Measuring(QObject):
    """Finds every RMSE of the active sheet that the session does not know, one after another, newest state first.

    ``running`` says whether weights are being trained: they are measured by the run itself, and once it has ended.
    ``draws_baselines`` says whether anybody wants to see the baselines, which come last.
    """

    def __init__(
        self, session: Session, running: Callable[[], bool], draws_baselines: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__()
        self._session, self._running, self._draws_baselines = session, running, draws_baselines
        self._task: Task[Found] | None = None
        self._model = ""
        self._job: Measured | Scope | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    @property
    def working(self) -> bool:
        """Whether something is being measured now."""
        return self._task is not None

    def look(self) -> None:
        """Begin where something is unknown, and end what is no longer wanted; to be called after every change."""
        wanted = [] if self._running() else self._wanted()
        if self._task is not None:
            if not any(self._is_in_hand(job) for job in wanted):
                self._task.cancel()
        elif wanted:
            self._begin(wanted[0])

    def _wanted(self) -> list[Measured | Scope]:
        session = self._session
        wanted: list[Measured | Scope] = list(session.unmeasured(session.active))
        if self._draws_baselines() and session.baselines() is None:
            wanted.append(session.scope)
        return wanted

    def finish(self) -> None:
        """Before the window closes: end what is in hand."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task.join()
            self._task = self._job = None

    def _is_in_hand(self, job: Measured | Scope) -> bool:
        own = self._job
        if isinstance(own, Measured):
            return isinstance(job, Measured) and self._model == self._session.active and own.same_as(job)
        return isinstance(own, Scope) and isinstance(job, Scope) and own.is_of(job.ratings, job.held)

    def _begin(self, job: Measured | Scope) -> None:
        self._model, self._job = self._session.active, job
        self._task = Task("Measuring", lambda cancelled: _found(job, cancelled))
        self._task.start()
        self._timer.start(LOOK_MS)

    def _look(self) -> None:
        task, job = self._task, self._job
        if task is None or job is None or not task.done:
            return
        self._timer.stop()
        self._task = self._job = None
        found = task.result
        if isinstance(job, Measured) and isinstance(found, float):
            self._session.note_rmse(self._model, job, found)
        elif isinstance(job, Scope) and isinstance(found, tuple) and not task.cancelled:
            self._session.note_baselines(job, found)
        if task.error is None:
            self.look()


def _found(job: Measured | Scope, cancelled: Callable[[], bool]) -> Found:
    return measured_rmse(job, cancelled) if isinstance(job, Measured) else baseline_levels(job, cancelled)
