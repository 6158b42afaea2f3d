"""The Qt application: window first, everything heavy behind it."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from cfgui import __version__
from cfgui.app.session import Session
from cfgui.app.tasks import Task
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.options import defaults
from cfgui.gui.load_order import load_behind_the_window
from cfgui.gui.main_window import MainWindow
from cfgui.gui.problems import catch_problems
from cfgui.gui.theme import apply_theme, set_theme_override
from cfgui.gui.view_actions import remembered_theme
from cfgui.io.sample import sample_document

SWITCH_SECONDS = 0.001
"""How long a background thread may keep Python's lock once the window asks for it (Python's own: 5 ms)."""


def make_window(settings: QSettings, loader: TorchLoader) -> MainWindow:
    """The window on the original 15 x 15, not yet shown."""
    choices = Hyperparameters(**defaults(window=True))  # type: ignore[arg-type]  # the table's own types
    session = Session(sample_document(), choices, name="the original 15 × 15")
    return MainWindow(session, loader, settings)


def settings_of(app: QApplication) -> QSettings:
    """The settings of the user; ``CFGUI_STATE_DIR`` names another folder for them."""
    folder = os.environ.get("CFGUI_STATE_DIR")
    if folder:
        return QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
    return QSettings(app.organizationName(), app.applicationName())


def run(path: str | None) -> int:
    """Show the window, with the file at ``path`` opened, until it is closed; returns the exit code."""
    sys.setswitchinterval(SWITCH_SECONDS)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("cfgui")
    app.setOrganizationName("cfgui")
    app.setApplicationVersion(__version__)
    settings = settings_of(app)
    set_theme_override(remembered_theme(settings))  # before there are widgets: dressing them in it later takes long
    apply_theme(app)
    loader = TorchLoader()
    window = make_window(settings, loader)
    catch_problems(window.messages)
    window.painted.connect(lambda: _after_first_paint(window, loader, path))
    window.show()
    gc.freeze()  # what there is by now stays, and need not be looked at again
    gc.enable()
    awake = close_on_signals(window)
    code = app.exec()
    awake.stop()
    # In this order and now: Qt's own end, after Python's, would find objects whose Python half is gone.
    delete(window)
    if app.platformName() in ("offscreen", "minimal"):
        app.clipboard().clear()  # the other platforms hand it to the desktop, where it outlives the program
    app.shutdown()
    return code


def close_on_signals(window: MainWindow) -> QTimer:
    """Let Ctrl+C in the terminal, and the system's wish that the program end, close the window as a person does.

    Python looks for signals only while it runs something, so a timer, which is returned, runs nothing now and then.
    """

    def close_soon(*_: object) -> None:
        # Not at once: a signal comes between any two instructions, also while the window waits for its worker.
        QTimer.singleShot(0, window, window.close)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), close_soon)
    awake = QTimer(window)
    awake.timeout.connect(lambda: None)
    awake.start(200)
    return awake


def _after_first_paint(window: MainWindow, loader: TorchLoader, path: str | None) -> None:
    if os.environ.get("CFGUI_TRACE_STARTUP"):
        print(f"first paint {milliseconds_since_process_start():.0f}", file=sys.stderr, flush=True)
    load_plot(window, then=lambda: load_rest(window, then=loader.start))
    if path is not None:
        window.files.open_path(Path(path))


def load_plot(window: MainWindow, *, then: Callable[[], object]) -> None:
    """Show the loss plot as soon as its library, which takes a tenth of a second, is imported behind the window."""

    def show() -> None:
        window.side.load_plot()
        then()

    _behind(window, Task("plot loading", lambda _cancelled: importlib.import_module("pyqtgraph")), show)


def load_rest(window: MainWindow, *, then: Callable[[], object]) -> None:
    """Import what the first click may want (``load_order``) behind the window."""
    _behind(window, Task("loading the rest", lambda _cancelled: load_behind_the_window()), then)


def _behind(window: MainWindow, task: Task[Any], then: Callable[[], object]) -> None:
    """Run a task, and call ``then`` on the window's thread once it has ended."""
    timer = QTimer(window)

    def look() -> None:
        if task.done:
            timer.stop()
            then()

    timer.timeout.connect(look)
    task.start()
    timer.start(10)


def milliseconds_since_process_start() -> float:
    """Wall time since this process was created; from the first import of this module where the system cannot tell."""
    try:
        with open("/proc/self/stat", encoding="ascii") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        started = ticks / os.sysconf("SC_CLK_TCK")
        return (time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1000
    except (OSError, AttributeError, ValueError):
        return (time.perf_counter() - _IMPORTED) * 1000


_IMPORTED = time.perf_counter()
