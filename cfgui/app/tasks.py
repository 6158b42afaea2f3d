"""A piece of work in the background that the window looks at now and then: opening, exporting, downloading."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from cfgui.io.table_options import Progress

Result = TypeVar("Result")


class Task(Generic[Result]):
    """Runs ``work(cancelled)`` in a thread; ``work`` asks ``cancelled()`` now and then, or hands it on.

    After ``done``, ``error`` is the exception that ended it or None, and ``result`` what it returned. ``progress`` is
    the newest that ``report`` was given, None before the first: who watches looks as often as it likes, and a worker
    that reports ten thousand times a second costs nobody anything.
    """

    def __init__(self, name: str, work: Callable[[Callable[[], bool]], Result]) -> None:
        self.name = name
        self.result: Result | None = None
        self.error: Exception | None = None
        self.progress: Progress | None = None
        self._work = work
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=False)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask it to end; ``done`` follows soon."""
        self._cancel.set()

    def report(self, progress: Progress) -> None:
        """Take the newest progress; for ``work``, from its own thread."""
        self.progress = progress

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked it to end."""
        return self._cancel.is_set()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self.result = self._work(self._cancel.is_set)
        except Exception as error:  # noqa: BLE001 - the boundary of the thread: the window shows the sentence
            self.error = error
