"""Repainting, opening, sorting, searching and editing a table of MovieLens 25M's shape in the window.

An offscreen window of 1280 x 800 shows all of 162,541 x 59,047; the times are those in which the window's thread could
not answer. A repaint is that of the whole page: five blocks and their headers. Prints one line each, times in ms.

    python -m benchmarks.large_view [--ratings 25000095] [--factors 50]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CFGUI_STATE_DIR"] = tempfile.mkdtemp()

from PySide6.QtWidgets import QApplication

from benchmarks.tables import MOVIES, USERS
from cfgui.app.finding import Finder
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport
from cfgui.core.starts import random_factors
from cfgui.gui import application
from cfgui.gui.main_window import MainWindow
from cfgui.io.synthetic import synthetic_ratings

REPAINTS = 200


def memory() -> float:
    """MB of this process in memory; NaN where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return float("nan")


def report(name: str, times: list[float]) -> None:
    """Median, 95th percentile and longest of some times in ms."""
    p50, p95 = np.percentile(times, [50, 95])
    print(f"{name:46s} p50 {p50:6.1f}   p95 {p95:6.1f}   max {max(times):6.1f}   n {len(times)}", flush=True)


class Bench:
    """A window, and what is done to it."""

    def __init__(self, n_ratings: int, n_factors: int) -> None:
        self.app = QApplication([])
        sys.setswitchinterval(application.SWITCH_SECONDS)
        self.window: MainWindow = application.make_window(application.settings_of(self.app), TorchLoader())
        self.window.resize(1280, 800)
        self.window.show()
        self.window.side.load_plot()
        self.app.processEvents()
        ratings = synthetic_ratings(USERS, MOVIES, n_ratings, 1).prepare()
        factors = {
            name: random_factors(USERS, MOVIES, n_factors, bias=name == "bias", seed=2) for name in ("dot", "bias")
        }
        self.document = Document(ratings, factors, report=ImportReport("made.csv", "made"))
        print(
            f"{USERS:,} users, {MOVIES:,} movies, {n_ratings:,} ratings, {n_factors} factors; memory {memory():.0f} MB"
        )

    def timed(self, act: Callable[..., object], *arguments: object) -> float:
        """Milliseconds until ``act`` has been done and painted."""
        began = time.perf_counter()
        act(*arguments)
        self.app.processEvents()
        return (time.perf_counter() - began) * 1000

    def gap(self, act: Callable[..., object], *arguments: object) -> float:
        """Milliseconds of the longer of two: ``act``, or what the event loop does after it, painting included."""
        began = time.perf_counter()
        act(*arguments)
        done = time.perf_counter()
        self.app.processEvents()
        return max(done - began, time.perf_counter() - done) * 1000

    def wait(self) -> None:
        """Until nothing is being measured or sorted."""
        while self.window.measuring.working or self.window.shown.working:
            self.app.processEvents()
            time.sleep(0.002)

    def open(self) -> None:
        """Open the table."""
        taken = self.gap(lambda: self.window.documents.open(self.document, "made.csv", "seed 2's"))
        report("open", [taken])
        began = time.perf_counter()
        self.wait()
        print(f"{'RMSE measured behind the window':46s} {time.perf_counter() - began:.1f} s")

    def switch(self) -> None:
        """All of it, and back; what the window's thread does of it."""
        window, before = self.window, memory()
        steps: list[float] = []
        for act in (window.shown.all, window.shown.top) * 5:
            act()
            while window.shown.working:
                steps.append(self.gap(lambda: None))
                time.sleep(0.002)
            steps.append(self.gap(lambda: None))
        report("steps of switching between 15 x 15 and all", steps)
        window.shown.all()
        self.wait()
        self.app.processEvents()
        print(f"{'memory added by showing all':46s} {memory() - before:.0f} MB")

    def scroll(self) -> None:
        """Repaints of the whole page: page by page, and by jumps."""
        view = self.window.page.views["predictions"]
        across, down = view.horizontalScrollBar(), view.verticalScrollBar()
        rng = np.random.default_rng(0)

        def jump(x: int, y: int) -> None:
            across.setValue(x)
            down.setValue(y)

        places = rng.integers([across.maximum(), down.maximum()], size=(REPAINTS, 2)).tolist()
        jumps = [self.timed(jump, x, y) for x, y in places]
        jump(0, 0)
        pages = [self.timed(bar.setValue, n * bar.pageStep()) for bar in (across, down) for n in range(REPAINTS // 2)]
        report("repaint after a jump", jumps)
        report("repaint after a page", pages)

    def look(self) -> None:
        """Zoom, theme, whole columns, orders and the lookups."""
        window, page = self.window, self.window.page
        view = page.views["predictions"]
        view.horizontalHeader().resizeSection(5, 80)
        report("zoom", [self.gap(window.appearance.set_zoom, zoom) for zoom in (1.1, 1.2, 1.0)])
        report("theme", [self.gap(window.apply_theme)])
        report("select all", [self.gap(view.selectAll)])
        report("select a column", [self.gap(lambda: page.views["ratings"].selectColumn(3))])
        report("go to a cell", [self.gap(lambda: view.select_cell(100_000, 50_000))])
        for order in ("mean", "id"):
            began = time.perf_counter()
            window.shown.sort(users=order, movies=order)
            steps = []
            while window.shown.working:
                steps.append(self.gap(lambda: None))
                time.sleep(0.002)
            report(f"steps of sorting by {order} ({time.perf_counter() - began:.2f} s)", steps or [0.0])
        report("open movielens_emb", [self.gap(lambda: window.tabs.setCurrentIndex(2))])
        report("back to dotprod", [self.gap(lambda: window.tabs.setCurrentIndex(0))])

    def edit(self) -> None:
        """Typed ratings and weights, each after the last one has been measured."""
        for name in ("ratings", "movie_factors", "user_factors"):
            model = self.window.page.views[name].model()
            times = []
            for row in range(4):
                times.append(self.gap(model.set_cells, {(row, 1): f"{row + 1}.5"}))
                self.wait()
            report(f"type into {name.replace('_', ' ')}", times)
        report("undo", [self.gap(self.window.edits.undo)])
        self.wait()

    def find(self) -> None:
        """Search by id and title."""
        ids = self.document.ratings.movie_ids
        titles = {id_: f"The Movie, Part {place} of Many ({1920 + place % 100})" for place, id_ in enumerate(ids)}
        ratings = self.document.ratings
        named = type(ratings)(ratings.user_ids, ids, ratings.users, ratings.movies, ratings.values, titles)
        finder = Finder(named)
        began = time.perf_counter()
        finder.prepare()
        print(f"{'index of ids and titles, behind the window':46s} {(time.perf_counter() - began) * 1000:.0f} ms")
        texts = ("414", "movie 1198", "part 31415", "the movie", "many 1977", "of the movie 12", "nowhere")
        times = []
        for text in texts:
            began = time.perf_counter()
            finder.find(text)
            times.append((time.perf_counter() - began) * 1000)
        report("find", times)


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ratings", type=int, default=2_000_000)
    parser.add_argument("--factors", type=int, default=5)
    options = parser.parse_args()
    bench = Bench(options.ratings, options.factors)
    for part in (bench.open, bench.switch, bench.scroll, bench.look, bench.edit, bench.find):
        part()
    bench.window._loader.start()
    bench.window.close()


if __name__ == "__main__":
    main()
