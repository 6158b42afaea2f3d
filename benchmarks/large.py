"""Training on tables from 100,000 to 25 million ratings: time, memory, gaps of the window and how long a pause takes.

Each size is a table of MovieLens 25M's kind, made from a seed and written as CSV, with 50 factors and biases from
N(0, 0.01) and SGD rating by rating. Every figure comes from a process of its own:

- *open + epoch* reads the CSV, or what the cache has kept of it, makes weights, trains one epoch and looks at the RMSE;
  its peak memory is all that the process ever held;
- *window* opens an offscreen window with the table in it and trains, with nothing compiled beforehand. A precise 2 ms
  timer ticks on the window's thread: the longest time between two ticks is the longest in which it could not answer.

Run it with ``python -m benchmarks.large``, or with ``--ratings 1000000``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import FOLDER, SIZES, peak_mb, table

SECONDS_RUN = 8.0


def train_once(path: Path, n_factors: int) -> dict[str, float]:
    """Open, one epoch, one look; seconds of each."""
    from cfgui.core.chunks import Watch
    from cfgui.core.compiled_engine import CompiledEngine
    from cfgui.core.compiled_warm_up import warm_up
    from cfgui.core.hyperparameters import Hyperparameters
    from cfgui.core.starts import random_factors
    from cfgui.core.trainer import Trainer
    from cfgui.io.open_any import open_ratings

    began = time.perf_counter()
    ratings = open_ratings(path).ratings
    opened = time.perf_counter()
    warm_up(ratings.values)
    warm = time.perf_counter()
    factors = random_factors(ratings.n_users, ratings.n_movies, n_factors, bias=True, init="normal")
    choices = Hyperparameters(model="bias", optimizer="sgd", n_factors=n_factors)
    trainer = Trainer(ratings, factors, choices)
    ready = time.perf_counter()
    report = trainer.advance(trainer.stride)
    done = time.perf_counter()
    assert (trainer.engine, report.epoch) == ("compiled", 1)
    arrays = (ratings.users, ratings.movies, ratings.values)
    CompiledEngine(factors, *arrays, 0.0, Watch()).square_sum(trainer.factors.flat())
    looked = time.perf_counter() - done
    return {
        "open": opened - began,
        "compile": warm - opened,
        "start": ready - warm,
        "epoch": done - ready - looked,
        "look": looked,
        "ratings": float(ratings.n_ratings),
        "rmse": report.rmse,
        "mb": peak_mb(),
    }


def train_in_the_window(path: Path, n_factors: int) -> dict[str, float]:
    """Longest gaps of the event loop while training, and how long a pause and an immediate end take; in ms."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["CFGUI_STATE_DIR"], os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(), tempfile.mkdtemp()
    from PySide6.QtWidgets import QApplication

    from benchmarks.ui_gaps import GapMeter, after
    from cfgui.app.torch_loading import TorchLoader
    from cfgui.core.document import Document
    from cfgui.core.models import MODELS
    from cfgui.core.starts import random_factors
    from cfgui.gui import application
    from cfgui.io.open_any import open_ratings

    sys.setswitchinterval(application.SWITCH_SECONDS)
    app = QApplication([])
    window = application.make_window(application.settings_of(app), TorchLoader())
    window.show()
    application.load_plot(window, then=lambda: None)
    document = open_ratings(path)
    shape = (document.ratings.n_users, document.ratings.n_movies, n_factors)
    factors = {name: random_factors(*shape, bias=model.bias, init="normal") for name, model in MODELS.items()}
    window.session.open(Document(document.ratings, factors, active="bias", report=document.report), path.name)
    window.training.choose("optimizer", "sgd")
    window.training.choose("gradient", "central")  # forward differences by SGD explode after a hundred epochs
    meter = GapMeter()
    meter.measure(app, "opened", after(3.0))
    speeds: list[float] = []
    window.bridge.progressed.connect(lambda snapshot: speeds.append(snapshot.ratings_per_second))
    window.training.run_or_pause()
    meter.measure(app, "training begins, compiling", after(1.5))
    first = max(meter.gaps)
    meter.measure(app, "training", after(SECONDS_RUN))
    training = max(meter.gaps)
    began = time.perf_counter()
    window.training.run_or_pause()
    meter.measure(app, "pausing", lambda: not window.bridge.running)
    paused = (time.perf_counter() - began) * 1000
    window.training.run_or_pause()
    meter.measure(app, "training again", after(2.0))
    began = time.perf_counter()
    window.bridge.stop_and_wait()
    ended = (time.perf_counter() - began) * 1000
    window.close()
    return {
        "first": first,
        "training": training,
        "pause": paused,
        "end": ended,
        "speed": speeds[-1] if speeds else 0.0,
        "mb": peak_mb(),
    }


def in_a_process_of_its_own(what: str, path: Path, n_factors: int, cache: Path) -> dict[str, float]:
    """The figures of one of the two functions above, called in a new process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.large", "--child", what, str(path), "--factors", str(n_factors)],
        env={**os.environ, "CFGUI_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ratings", type=int, nargs="*", default=SIZES)
    parser.add_argument("--factors", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the tables are made and kept")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        what, path = arguments.child
        print(json.dumps({"once": train_once, "window": train_in_the_window}[what](Path(path), arguments.factors)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        _show_growth(arguments.ratings, arguments.factors, arguments.folder, Path(temporary) / "cache")
        _show_window(arguments.ratings, arguments.factors, arguments.folder, Path(temporary) / "cache")


def _show_growth(sizes: list[int], n_factors: int, folder: Path, cache: Path) -> None:
    print(f"open + one epoch of SGD, {n_factors} factors ({os.cpu_count()} cores, Python {sys.version.split()[0]})")
    print(
        f"{'ratings':>12} {'from':>6} {'open s':>7} {'epoch s':>8} {'M/s':>6} {'look s':>7} {'RMSE':>7} {'peak MB':>8}"
    )
    pace: dict[int, float] = {}
    for size in sizes:
        path = table(size, ".csv", folder)
        for source in ("CSV", "cache"):
            own = in_a_process_of_its_own("once", path, n_factors, cache)
            speed = own["ratings"] / own["epoch"] / 1e6
            pace[size] = own["epoch"] / own["ratings"]
            print(
                f"{size:12,} {source:>6} {own['open']:7.2f} {own['epoch']:8.3f} {speed:6.1f} {own['look']:7.3f}"
                f" {own['rmse']:7.4f} {own['mb']:8.0f}",
                flush=True,
            )
    smallest, largest = min(sizes), max(sizes)
    print(f"a rating of {largest:,} takes {pace[largest] / pace[smallest]:.2f} times as long as one of {smallest:,}")


def _show_window(sizes: list[int], n_factors: int, folder: Path, cache: Path) -> None:
    print("the window meanwhile: longest gaps of its event loop, a pause and an end that cannot wait, in ms")
    print("     ratings  compiling  training   pause     end    M/s  peak MB")
    for size in sizes:
        own = in_a_process_of_its_own("window", table(size, ".csv", folder), n_factors, cache)
        print(
            f"{size:12,} {own['first']:10.1f} {own['training']:9.1f} {own['pause']:7.1f} {own['end']:7.1f}"
            f" {own['speed'] / 1e6:6.1f} {own['mb']:8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
