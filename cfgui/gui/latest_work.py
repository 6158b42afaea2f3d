"""LatestWork: the newest question answered in a thread; an answer nobody waits for any more is never given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.tasks import Task
from cfgui.io.table_options import Cancelled

T = TypeVar("T")
Work = Callable[[Cancelled], T]
Failed = Callable[[Exception], None]

LOOK_MS = 8
"""How often the work is looked at."""


class LatestWork(QObject):
    """One piece of work at a time; the newest wins.

    ``busy`` (True, then False) says that an answer is on its way, or that none is.
    """

    busy = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: Task[Any] | None = None
        self._then: Callable[[Any], None] | None = None
        self._failed: Failed | None = None
        self._next: tuple[Work[Any], Callable[[Any], None], Failed | None] | None = None
        self._was_busy = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    @property
    def working(self) -> bool:
        """Whether an answer is still to come."""
        return self._next is not None or (self._task is not None and self._then is not None)

    def begin(
        self, work: Work[T], then: Callable[[T], None], *, failed: Failed | None = None, patient: bool = False
    ) -> None:
        """Start ``work(cancelled)`` in a thread, and ``then(its result)`` on the window's when it is done.

        What is in hand is asked to end, and neither its ``then`` nor its ``failed`` is called; this work starts once it
        has ended. ``work`` should ask ``cancelled()`` now and then where it takes long. ``failed`` takes what work
        raised; without it the error goes to where all unexpected ones go.

        With ``patient`` what is in hand is left to end and to give its answer first: for news that may come faster
        than it can be answered, as during a run, where the newest would otherwise always be too late.
        """
        self._next = work, then, failed
        if self._task is None:
            self._start()
        elif not patient:
            self._drop()
        self._tell()

    def cancel(self) -> None:
        """Forget the question in hand and the next."""
        self._next = None
        self._drop()
        self._tell()

    def finish(self) -> None:
        """Before the window closes: end what is in hand, and wait for its end."""
        self._timer.stop()
        self._next = None
        task = self._task
        self._drop()
        self._task = None
        if task is not None:
            task.join()
        self._tell()

    def _drop(self) -> None:
        self._then = self._failed = None
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        if self._next is not None:
            (work, self._then, self._failed), self._next = self._next, None
            self._task = Task("Exploring", work)
            self._task.start()
            self._timer.start(LOOK_MS)

    def _look(self) -> None:
        task = self._task
        if task is None or not task.done:
            return
        self._timer.stop()
        then, failed = self._then, self._failed
        self._task = self._then = self._failed = None
        self._start()
        self._tell()
        if then is not None:
            _hand_over(task, then, failed)

    def _tell(self) -> None:
        if self.working != self._was_busy:
            self._was_busy = self.working
            self.busy.emit(self._was_busy)


def _hand_over(task: Task[Any], then: Callable[[Any], None], failed: Failed | None) -> None:
    if task.error is None:
        then(task.result)
    elif failed is not None:
        failed(task.error)
    else:
        raise task.error
