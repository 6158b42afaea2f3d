"""From the start of the process to the first paint of the window, side by side with a bare PySide6 window.

Both are started alternately and timed by this process, from just before it creates theirs until their line
"first paint" arrives. Compiled files of Python are kept, in a folder of the benchmark's own, as they are wherever the
program is installed, whatever ``PYTHONDONTWRITEBYTECODE`` says. Run it with ``make bench``, or ``python -m
benchmarks.startup --runs 20``. Without a display it paints offscreen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

BARE_WINDOW = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("first paint", file=sys.stderr, flush=True)

app = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""

PROGRAMS = {"cfgui": ["main.py"], "bare window": ["-c", BARE_WINDOW]}


def milliseconds_to_first_paint(arguments: list[str], environment: dict[str, str]) -> float:
    """Start Python with these arguments, wait for its line, end it. Raises RuntimeError when it ends without one."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.startswith("first paint"):
                return (time.perf_counter() - start) * 1000
        raise RuntimeError(f"the window of {arguments[0]!r} ended before it painted")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def measure(runs: int) -> dict[str, list[float]]:
    """Milliseconds of each run by program; one more run of each before, not counted, fills the caches."""
    with tempfile.TemporaryDirectory() as settings:
        environment = {**os.environ, "CFGUI_TRACE_STARTUP": "1", "CFGUI_STATE_DIR": settings}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(Path(settings) / "compiled")
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
        for run in range(runs + 1):
            for name, arguments in PROGRAMS.items():
                milliseconds = milliseconds_to_first_paint(arguments, environment)
                if run:
                    times[name].append(milliseconds)
    return times


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=10)
    times = measure(parser.parse_args().runs)
    print(f"process start to first paint, ms ({os.cpu_count()} cores, Python {sys.version.split()[0]})")
    print(f"{'':<12} {'min':>6} {'median':>6} {'max':>6}")
    for name, values in times.items():
        print(f"{name:<12} {min(values):6.0f} {statistics.median(values):6.0f} {max(values):6.0f}")
    ratio = statistics.median(times["cfgui"]) / statistics.median(times["bare window"])
    print(f"cfgui takes {ratio:.2f} times as long as the bare window")


if __name__ == "__main__":
    main()
