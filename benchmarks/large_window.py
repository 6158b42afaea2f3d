"""The window and a table of MovieLens 25M's shape: longest gaps of its event loop while it reads, trains and exports.

Also how long ml-latest-small, or a table of its shape, takes from a click to its painted sheet, and the peak memory of
the whole process. A precise 2 ms timer ticks on the window's thread; the longest time between two ticks is the longest
time in which the window could not answer.

    python -m benchmarks.large_window [--rows 25000095] [--small FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CFGUI_STATE_DIR"] = tempfile.mkdtemp()
os.environ["CFGUI_CACHE_DIR"] = tempfile.mkdtemp()

from PySide6.QtWidgets import QApplication

from benchmarks.tables import ROWS, peak_mb, table
from benchmarks.ui_gaps import GapMeter, after
from cfgui.app.torch_loading import TorchLoader
from cfgui.gui import application
from cfgui.gui.main_window import MainWindow
from cfgui.io.table_options import TableChoices


class Bench:
    """One window and its meter."""

    def __init__(self) -> None:
        sys.setswitchinterval(application.SWITCH_SECONDS)
        self.app = QApplication([])
        self.loader = TorchLoader()
        self.window: MainWindow = application.make_window(application.settings_of(self.app), self.loader)
        self.window.resize(1280, 800)
        self.window.show()
        self.app.processEvents()
        self.meter = GapMeter()
        application.load_plot(self.window, then=lambda: None)
        self.meter.measure(self.app, "plot loading", lambda: self.window.side.plot is not None)
        self.loader.start()
        self.meter.measure(self.app, "torch loading", lambda: self.loader.ready)

    def read(self, path: Path, name: str) -> None:
        """Open a file as the import dialog does once it is accepted, up to the painted sheet."""
        from cfgui.app.opening import file_source

        began, before = time.perf_counter(), self.window.session.name
        self.window.files.tables.read_source(file_source(path), TableChoices())
        self.meter.measure(self.app, name, lambda: self.window.session.name != before)
        self.window.repaint()
        print(f"{'':44s} {time.perf_counter() - began:.2f} s to the painted sheet, peak {peak_mb():,.0f} MB")

    def run(self, optimizer: str, seconds: float) -> None:
        """Train for a while, then pause."""
        self.window.training.choose("optimizer", optimizer)
        self.window.training.run_or_pause()
        self.meter.measure(self.app, f"running {optimizer}", after(seconds))
        self.window.training.run_or_pause()
        self.meter.measure(self.app, f"pausing {optimizer}", lambda: not self.window.bridge.running)
        session = self.window.session
        print(f"{'':44s} {session.sheet('dot').step:,} steps, RMSE {session.rmse('dot'):.4f}, peak {peak_mb():,.0f} MB")


def main() -> None:
    """Measure every phase."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--small", type=Path, help="ml-latest-small, or what is read in its place")
    parser.add_argument("--table", type=Path, help="a large table, read in place of a generated one")
    arguments = parser.parse_args()
    small = arguments.small or table(100_000)
    large = arguments.table or table(arguments.rows)
    bench = Bench()
    bench.read(small, "opening ml-latest-small's shape")
    bench.run("sgd", 3.0)
    bench.read(large, f"opening {arguments.rows:,} ratings")
    bench.meter.measure(bench.app, "measuring", after(3.0))
    bench.run("sgd", 8.0)
    bench.run("gd", 8.0)
    bench.window.files.export_path(Path(tempfile.mkdtemp()) / "out.xlsx")
    bench.meter.measure(bench.app, "exporting what is shown", lambda: not bench.window.files.working)
    bench.window.close()
    print(f"{'':44s} peak {peak_mb():,.0f} MB")


if __name__ == "__main__":
    main()
