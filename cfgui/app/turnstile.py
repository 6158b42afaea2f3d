"""Turnstile: background Python work steps aside while the window is busy.

Two threads of Python share one interpreter lock. A window that paints hundreds of cells asks for that lock hundreds of
times, and each time may wait for the whole switch interval while a background thread computes. So the window holds the
turnstile while it paints, and background work passes it between two small pieces of work.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Many holders, any number of waiters; holding never blocks, waiting does until nobody holds."""

    def __init__(self) -> None:
        self._holders = 0
        self._open = threading.Event()
        self._open.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make background work wait until the block ends. Only the window's thread may hold."""
        self._holders += 1
        self._open.clear()
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                self._open.set()

    def pass_through(self) -> None:
        """Called by background work between two pieces: returns at once unless somebody holds."""
        if not self._open.is_set():
            # The limit is a safety net: a holder that died must not stop training for ever.
            self._open.wait(1.0)


TURNSTILE = Turnstile()
"""The one turnstile between the window and everything behind it."""
