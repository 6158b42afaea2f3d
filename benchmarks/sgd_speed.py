"""Ratings a second of SGD at 50 factors, and the time to an error, beside LIBMF, cornac and fastai's recipe.

    python -m benchmarks.sgd_speed [100k 1M 25M] [--errors] [--peers PYTHON] [--movielens-100k FOLDER]

The tables have the shapes of MovieLens 100k, 1M and 25M. All peers take turns in one process, so that a busy machine
slows all alike; a figure is the median of the turns, and the best one. LIBMF runs at the build, threads and bins that
were fastest just before; ``benchmarks.peer_libmf`` says how to build it. The times to an error are those on
ml-latest-small (beside the checkout, in ../shared/data), 80 to 20, or on fold u1 of a copy of MovieLens 100k: PYTHON is
an interpreter that has cornac. A peer that is not there is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np

from benchmarks import peer_libmf
from benchmarks.peer_embedding import one_cycle
from benchmarks.tables import FOLDER
from cfgui.core.factors import Factors
from cfgui.core.fast_sgd import Decays, FastSgd
from cfgui.core.starts import random_factors
from cfgui.io.synthetic import synthetic_ratings

SHAPES = {
    "100k": (943, 1_682, 100_000),
    "1M": (6_040, 3_706, 1_000_209),
    "25M": (162_541, 59_047, 25_000_095),
}
WANTED = {"100k": 1.4, "1M": 2.0, "25M": 1.0}
"""How many times LIBMF's speed is to be reached."""

N_FACTORS = 50
EPOCHS_A_TURN = {"100k": 200, "1M": 20, "25M": 2}
TURNS = {"100k": 9, "1M": 9, "25M": 5}
RATINGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "ml-latest-small-2016" / "ratings.csv"


def arrays(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(users, movies, values) of the table of this name, made once and kept."""
    path = FOLDER / f"sgd-{name}.npz"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        ratings = synthetic_ratings(*SHAPES[name], seed=25)
        np.savez(path, users=ratings.users, movies=ratings.movies, values=ratings.values.astype(np.float32))
    found = np.load(path)
    return found["users"], found["movies"], found["values"]


class Ours:
    """Our engine on one table."""

    def __init__(
        self, name: str, table: tuple[np.ndarray, np.ndarray, np.ndarray], *, bias: bool, threads: int
    ) -> None:
        n_users, n_movies, _ = SHAPES[name]
        self.sgd = FastSgd(*table, n_users=n_users, n_movies=n_movies, n_factors=N_FACTORS, seed=1, n_threads=threads)
        start = random_factors(n_users, n_movies, N_FACTORS, bias=bias, init="normal")
        self.tables = self.sgd.pack(replace(start, global_mean=3.5) if bias else start)
        self.number = 0
        self.speed(1)  # compiles

    def speed(self, n_epochs: int) -> float:
        """Ratings a second."""
        start = time.perf_counter()
        for _ in range(n_epochs):
            self.sgd.epoch(self.tables, self.number, 0.002, Decays(0.01, 0.01, 0.01))
            self.number += 1
        return n_epochs * self.sgd.n_ratings / (time.perf_counter() - start)


def compare(name: str) -> None:
    """Print the speeds on one table."""
    table, n_epochs = arrays(name), EPOCHS_A_TURN[name]
    ours = {
        f"{'bias' if bias else 'dot'}, {threads} thread{'s' * (threads > 1)}": Ours(
            name, table, bias=bias, threads=threads
        )
        for bias in (False, True)
        for threads in (2, 1)
    }
    takers = {label: engine.speed for label, engine in ours.items()}
    libmf = ""
    if peer_libmf.present():
        peer = peer_libmf.Libmf(*table, N_FACTORS)
        best = peer.best(n_epochs, (20, 40), 1) if name == "25M" else peer.best(n_epochs)
        libmf = "LIBMF {} build, {} threads, {} bins".format(*best)
        takers[libmf] = lambda n: peer.speed(*best, n)
    turns: dict[str, list[float]] = {label: [] for label in takers}
    for _ in range(TURNS[name]):
        for label, speed in takers.items():
            turns[label].append(speed(n_epochs) / 1e6)
    for engine in ours.values():
        engine.sgd.close()
    print(f"\n{name}: M ratings a second at {N_FACTORS} factors, median (best) of {TURNS[name]} turns")
    for label, speeds in turns.items():
        ratio = f"{statistics.median(speeds) / statistics.median(turns[libmf]):5.2f} x LIBMF" if libmf else ""
        wanted = f" (wanted {WANTED[name]})" if label.endswith("2 threads") and libmf else ""
        print(f"  {label:<38}{statistics.median(speeds):7.1f} ({max(speeds):.1f})  {ratio}{wanted}", flush=True)
    if not libmf:
        print("  LIBMF is not there: see benchmarks.peer_libmf")


def split(folder: Path | None) -> tuple[dict[str, np.ndarray], int, int]:
    """Fold u1 of a copy of MovieLens 100k, else ml-latest-small 80 to 20: arrays by name, how many users and movies."""
    if folder is None:
        rows = np.genfromtxt(RATINGS, delimiter=",", skip_header=1, usecols=(0, 1, 2))
        test, train = np.split(np.random.default_rng(0).permutation(len(rows)), [len(rows) // 5])
    else:
        parts = [np.genfromtxt(folder / f"u1.{part}", usecols=(0, 1, 2)) for part in ("test", "base")]
        rows = np.concatenate(parts)
        test, train = np.split(np.arange(len(rows)), [len(parts[0])])
    users, movies = (np.unique(rows[:, i], return_inverse=True)[1].astype(np.int32) for i in (0, 1))
    found = {"users": users, "movies": movies, "values": rows[:, 2]}
    kept = {name: array[train] for name, array in found.items()}
    return kept | {f"test_{n}": array[test] for n, array in found.items()}, users.max() + 1, movies.max() + 1


def rmse(factors: Factors, data: dict[str, np.ndarray]) -> float:
    """Of the held-out ratings."""
    users, movies = data["test_users"], data["test_movies"]
    score = np.einsum("ij,ij->i", factors.user_factors[users], factors.movie_factors[movies]) + factors.global_mean
    assert factors.user_bias is not None
    assert factors.movie_bias is not None
    predictions = factors.range.apply(score + factors.user_bias[users] + factors.movie_bias[movies])
    return float(np.sqrt(np.mean((data["test_values"] - predictions) ** 2)))


def time_to(
    table: tuple[dict[str, np.ndarray], int, int], target: float, rate: float, decay: float, most: int = 60
) -> tuple[float, int, float]:
    """(seconds, epochs, RMSE reached) of our engine from the arrays to the error; compiled before, as in a session."""
    data, n_users, n_movies = table
    train = data["users"], data["movies"], data["values"]
    begin = random_factors(n_users, n_movies, N_FACTORS, bias=True, init="normal", seed=1)
    begin = replace(begin, global_mean=float(train[2].mean()))
    decays = Decays(decay, decay, decay)
    best, epochs, error = float("inf"), 0, float("inf")
    for _ in range(5):
        start = time.perf_counter()
        with FastSgd(*train, n_users=n_users, n_movies=n_movies, n_factors=N_FACTORS, seed=1) as sgd:
            tables, taken = sgd.pack(begin), time.perf_counter() - start
            for number in range(most):
                start = time.perf_counter()
                sgd.epoch(tables, number, rate, decays)
                taken += time.perf_counter() - start
                error = rmse(sgd.unpack(tables), data)
                if error <= target:
                    break
        best, epochs = min(best, taken), number + 1
    return best, epochs, error


def errors(python: str | None, folder: Path | None) -> None:
    """Print the times to the errors that the peers reach; ``folder`` as for ``split``."""
    table = data, n_users, n_movies = split(folder)
    name = "ml-latest-small, 80 to 20" if folder is None else "MovieLens 100k, fold u1"
    print(f"\n{name}, 50 factors: seconds to a held-out RMSE")
    if python:
        with tempfile.TemporaryDirectory() as kept:
            np.savez(path := Path(kept) / "split.npz", **data)
            script = Path(__file__).with_name("peer_cornac.py")
            command = [python, str(script), str(path), "0.01", "0.02", str(N_FACTORS), "25"]
            lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        runs = [json.loads(line) for line in lines if line.startswith("{")]
        lowest = min(run["rmse"] for run in runs)
        for target in (0.93, 0.90, round(lowest + 0.002, 3)):
            first = next((run for run in runs if run["rmse"] <= target), None)
            if first is None:
                continue
            seconds, epochs, reached = time_to(table, target, 0.01, 0.05)
            print(
                f"  to {target}: cornac MF {first['seconds']:.4f} ({first['epochs']} epochs),"
                f" ours {seconds:.4f} ({epochs} epochs, {reached:.4f}): {seconds / first['seconds']:.2f} x cornac's"
            )
    else:
        print("  cornac is not there: name an interpreter that has it")
    taken, mse = one_cycle(data, int(n_users), int(n_movies), N_FACTORS)
    seconds, epochs, reached = time_to(table, mse**0.5, 0.01, 0.1)
    print(
        f"  fastai's recipe in plain torch (one cycle, 5 epochs, batch 64): {taken:.2f} to MSE {mse:.4f};"
        f" ours {seconds:.4f} ({epochs} epochs, MSE {reached**2:.4f}): {taken / seconds:.0f} times faster"
    )


def main() -> None:
    """Measure what is asked for, by default everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(SHAPES)}; all where none is named")
    parser.add_argument("--errors", action="store_true", help="the times to errors only")
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has cornac")
    parser.add_argument(
        "--movielens-100k", type=Path, metavar="FOLDER", help="take fold u1 of this copy for the errors"
    )
    given = parser.parse_args()
    for name in [] if given.errors else given.tables or SHAPES:
        compare(name)
    if RATINGS.exists() or given.movielens_100k:
        errors(given.peers, given.movielens_100k)
    else:
        print("ml-latest-small is not there (../shared/data)")


if __name__ == "__main__":
    main()
