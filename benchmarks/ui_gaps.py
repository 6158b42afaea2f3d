"""Longest gaps of the window's event loop while torch loads, while training runs and while files are written.

A precise 2 ms timer ticks on the window's thread; the longest time between two ticks is the longest time in which the
window could not answer. Prints one line per phase: longest and 99th percentile in ms.

    python -m benchmarks.ui_gaps [--seconds 5]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CFGUI_STATE_DIR"] = tempfile.mkdtemp()

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from cfgui.app.torch_loading import TorchLoader
from cfgui.gui import application


class GapMeter:
    """Collects the times between ticks of a timer on the window's thread."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.gaps: list[float] = []
        self._last = 0.0

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now

    def measure(self, app: QApplication, name: str, until: Callable[[], bool]) -> None:
        """Run the event loop until ``until()``, then print the gaps."""
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start(2)
        while not until():
            app.processEvents()
            time.sleep(0.0005)
        self._timer.stop()
        gaps = np.array(self.gaps)
        worst = np.sort(gaps)[-3:][::-1].round(1)
        print(f"{name:44s} longest {worst.tolist()} ms   p99 {np.percentile(gaps, 99):5.1f} ms   {len(gaps)} ticks")


def after(seconds: float) -> Callable[[], bool]:
    """True once this time has passed."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end


def main() -> None:
    """Measure every phase."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    sys.setswitchinterval(application.SWITCH_SECONDS)
    app = QApplication([])
    loader = TorchLoader()
    window = application.make_window(application.settings_of(app), loader)
    window.resize(1280, 800)
    window.show()
    app.processEvents()
    meter = GapMeter()
    application.load_plot(window, then=lambda: None)
    meter.measure(app, "plot loading", lambda: window.side.plot is not None)
    rest: list[bool] = []
    application.load_rest(window, then=lambda: rest.append(True))
    meter.measure(app, "the rest of the program loading", lambda: bool(rest))
    meter.measure(app, "idle", after(1.0))
    loader.start()
    meter.measure(app, "torch loading", lambda: loader.ready)
    for gradient, optimizer in (("forward", "gd"), ("autograd", "gd"), ("autograd", "sgd"), ("central", "adam")):
        for name, value in (("gradient", gradient), ("optimizer", optimizer)):
            window.training.choose(name, value)
        window.training.run_or_pause()
        meter.measure(app, f"running {optimizer}, {gradient}", after(seconds))
        window.bridge.stop_and_wait()
        sheet = window.session.sheet("dot")
        print(f"{'':44s} {sheet.step:,} steps so far, RMSE {window.session.rmse('dot'):.4f}")
        window.training.reset()
    path = Path(tempfile.mkdtemp()) / "out.xlsx"
    window.files.export_path(path)
    meter.measure(app, "exporting", lambda: not window.files.working)
    window.files.open_path(path)
    meter.measure(app, "opening", lambda: not window.files.working)
    window.close()


if __name__ == "__main__":
    main()
