"""The one piece of file work in hand: off the window's thread, with its progress and a way to cancel."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.tasks import Task
from cfgui.app.work_pace import WorkPace, share
from cfgui.io.table_options import Cancelled, Report

LOOK_MS = 34
"""How often the work is looked at: at most 30 times a second, however often it reports."""

WORDS_SECONDS = 0.2
"""How long the words stay, so that they can be read; the bar moves at every look."""

FIRST_WORDS_SECONDS = 0.3
"""Work that ends before this says no more than its name."""

WAIT = "Wait until the file in hand is done, or cancel it."
"""What is said where something is in hand already."""

Work = Callable[[Report, Cancelled], object]
Then = Callable[[object], None]


class BackgroundWork(QObject):
    """Does one thing at a time.

    ``busy`` (its name, "" at the end); ``progressed`` (words, share done from 0 to 1, or -1 where unknown) at most 30
    times a second; ``refused`` (sentence) when something is in hand already; ``cancelled`` when it was ended on demand;
    ``failed`` (exception).
    """

    busy = Signal(str)
    progressed = Signal(str, float)
    refused = Signal(str)
    cancelled = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task[object] | None = None
        self._then: Then | None = None
        self._pace = WorkPace()
        self._words, self._words_at = "", 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def begin(self, name: str, work: Work, then: Then, *, n_bytes: int = 0) -> bool:
        """Start ``work(report, cancelled)`` in a thread, and ``then(its result)`` on the window's when it is done.

        ``n_bytes`` is the size of the file that is read, if one is. False, with a word, while something is in hand.
        """
        if self._task is not None:
            self.refused.emit(WAIT)
            return False
        task: Task[object] = Task(name, lambda cancelled: work(task.report, cancelled))
        self._task, self._then, self._pace = task, then, WorkPace(n_bytes)
        self._words, self._words_at = "", time.monotonic() + FIRST_WORDS_SECONDS - WORDS_SECONDS
        task.start()
        self._timer.start(LOOK_MS)
        self.busy.emit(name)
        return True

    @property
    def working(self) -> bool:
        """Whether something is in hand."""
        return self._task is not None

    def cancel(self) -> None:
        """End the work in hand; what is open and what is on disk stay as they are."""
        if self._task is not None:
            self._task.cancel()

    def finish(self) -> None:
        """Before the window closes: let an export end, and end anything else."""
        if self._task is not None:
            if not self._task.name.startswith("Exporting"):
                self._task.cancel()
            self._task.join()
            self._timer.stop()
            self._task = None

    def _look(self) -> None:
        task, then = self._task, self._then
        if task is None or then is None:
            return
        if not task.done:
            self._show(task)
            return
        self._timer.stop()
        self._task = self._then = None
        self.busy.emit("")
        if task.error is None:
            then(task.result)
        elif task.cancelled:
            self.cancelled.emit()
        else:
            self.failed.emit(task.error)

    def _show(self, task: Task[object]) -> None:
        if task.progress is None:
            return
        self._pace.observe(task.progress)
        now = time.monotonic()
        if now - self._words_at >= WORDS_SECONDS:
            self._words, self._words_at = self._pace.words(), now
        done = share(task.progress)
        self.progressed.emit(self._words, -1.0 if done is None else done)
