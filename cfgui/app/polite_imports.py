"""Importing large libraries behind the window without stopping it.

An import holds Python's one lock while it runs a module. A finder that is asked before every import lets the window go
first, and no garbage is collected among the hundred thousand new objects: that would hold the lock for 60 ms and find
nothing.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

from cfgui.app.turnstile import TURNSTILE

_REST_SECONDS = 0.0001


class PoliteFinder:
    """A finder that finds nothing: asked before every import, it lets the window go first."""

    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing, a moment later."""
        if threading.current_thread() is self._thread:
            TURNSTILE.pass_through()
            time.sleep(_REST_SECONDS)  # also lets go of the interpreter lock
        return None


@contextmanager
def polite_imports() -> Iterator[None]:
    """What this thread imports until the block ends steps aside for the window."""
    finder = PoliteFinder(threading.current_thread())
    gc.disable()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        gc.freeze()  # nor need later collections look at them
        gc.enable()
