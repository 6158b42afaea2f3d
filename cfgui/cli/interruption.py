"""Ctrl+C as a wish instead of an exception, so that a run ends between two steps and still writes its files."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Interruption:
    """While entered, the first Ctrl+C is only remembered; a second one raises KeyboardInterrupt as usual."""

    def __init__(self) -> None:
        self.wished = False
        self._handled = threading.current_thread() is threading.main_thread()  # elsewhere signals cannot be set

    def heed(self) -> None:
        """Raise KeyboardInterrupt where a wish came too late for the work to notice it, yet before it was answered."""
        if self.wished:
            raise KeyboardInterrupt

    def __enter__(self) -> Interruption:
        if self._handled:
            self._before = signal.signal(signal.SIGINT, self._remember)
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if self._handled:
            signal.signal(signal.SIGINT, self._before)
        if self.wished and isinstance(error, Exception):
            # A terminal sends Ctrl+C to child processes too: what fails after it, fails because of it.
            raise KeyboardInterrupt from error

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self.wished = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
