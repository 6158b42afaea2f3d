"""Loading torch behind the window without ever stopping it.

Importing torch takes about a second of Python and a third of a second of dynamic linking, and both hold Python's one
lock. So the shared libraries are linked first by a foreign call, which releases the lock, and the Python part passes
the turnstile before each module it imports.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from cfgui.app.turnstile import TURNSTILE

_LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")
_REST_SECONDS = 0.0001
_RTLD_NOW = 2
"""Of Linux."""


class _PoliteFinder:
    """A finder that finds nothing: asked before every import, it lets the window go first."""

    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if threading.current_thread() is self._thread:
            TURNSTILE.pass_through()
            time.sleep(_REST_SECONDS)  # also lets go of the interpreter lock
        return None


class TorchLoader:
    """Loads torch once in a background thread; ``ready`` tells when, ``problem`` why not."""

    def __init__(self) -> None:
        self.problem = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._load, name="torch loading", daemon=False)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def join(self) -> None:
        """Wait until loading has ended, if it ever began."""
        if self._thread.is_alive():
            self._thread.join()

    @property
    def ready(self) -> bool:
        """Whether torch can be used without waiting."""
        return self._done.is_set() and not self.problem

    @property
    def settled(self) -> bool:
        """Whether loading has ended, well or badly."""
        return self._done.is_set()

    def _load(self) -> None:
        finder = _PoliteFinder(threading.current_thread())
        # A collection among torch's hundred thousand new objects would hold the lock for 60 ms and find nothing.
        gc.disable()
        try:
            link_libraries()
            sys.meta_path.insert(0, finder)
            from cfgui.core.torch_gradients import warm_up

            warm_up()
        except Exception as error:  # noqa: BLE001 - a broken torch must not take the window down
            self.problem = f"torch cannot be loaded ({error}): use forward or central differences, or install it again."
        finally:
            if finder in sys.meta_path:
                sys.meta_path.remove(finder)
            gc.freeze()  # nor need later collections look at them
            gc.enable()
            self._done.set()


def link_libraries() -> None:
    """Link torch's shared libraries without holding Python's lock; where that is not possible, do nothing.

    Only for Linux: elsewhere the import links them itself.
    """
    spec = importlib.util.find_spec("torch") if "torch" not in sys.modules else None
    if spec is None or spec.origin is None or not sys.platform.startswith("linux"):
        return
    dlopen: Callable[[bytes, int], int | None] = ctypes.CDLL(None).dlopen
    for name in _LIBRARIES:
        path = Path(spec.origin).parent / "lib" / name
        if path.exists():
            dlopen(str(path).encode(), _RTLD_NOW)
