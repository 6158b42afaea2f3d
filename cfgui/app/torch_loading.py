"""Loading torch behind the window without ever stopping it.

Importing torch takes about a second of Python and a third of a second of dynamic linking, and both hold Python's one
lock. So the shared libraries are linked first by a foreign call, which releases the lock, and the Python part passes
the turnstile before each module it imports (``polite_imports``).
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cfgui.app.polite_imports import polite_imports

_LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")
_RTLD_NOW = 2
"""Of Linux."""


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
        try:
            link_libraries()
            with polite_imports():
                from cfgui.core.torch_gradients import warm_up

                warm_up()
        except Exception as error:  # noqa: BLE001 - a broken torch must not take the window down
            self.problem = f"torch cannot be loaded ({error}): use forward or central differences, or install it again."
        finally:
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
