"""Recommending to everyone: 162,541 users x the 10 best of 59,047 unseen movies at 50 factors, beside two peers.

The ratings are a table of MovieLens 25M's kind and size, the weights N(0, 0.3), both from a seed. Each figure comes
from a process of its own; all take turns, so that a busy machine slows all alike. The peers are a plain chunked matrix
product of numpy in float32 with argpartition, and implicit's ``topk`` (``--peers``: an interpreter that has implicit).
Ours answers with exact float64 predictions, checked by tests against a full sort; the peers with float32.

Run it with ``python -m benchmarks.recommend --peers PYTHON``; ``--files`` also writes CSV, Parquet and, of the 6 best,
a workbook, for Excel has no room for 10 lines a user.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.tables import peak_mb
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings

N_USERS, N_MOVIES, N_RATINGS, K, N = 162_541, 59_047, 25_000_095, 50, 10
CHUNK = 256
SEED = 7


def kept(path: Path) -> Path:
    """The table of ratings as arrays that every process reads."""
    from cfgui.io.synthetic import synthetic_ratings

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        ratings = synthetic_ratings(N_USERS, N_MOVIES, N_RATINGS, SEED)
        np.savez(path, starts=ratings.user_starts, movies=ratings.movies, n_movies=N_MOVIES)
    return path


def weights() -> tuple[np.ndarray, np.ndarray]:
    """(n_users, K) and (n_movies, K), the same in every process."""
    rng = np.random.default_rng(7)
    return rng.normal(0, 0.3, (N_USERS, K)), rng.normal(0, 0.3, (N_MOVIES, K))


def table(path: Path) -> Ratings:
    """The ratings; their values are of no account here."""
    found = np.load(path)
    starts, movies = found["starts"], found["movies"]
    users = np.repeat(np.arange(N_USERS, dtype=np.int32), np.diff(starts))
    ids = (tuple(map(str, range(n))) for n in (N_USERS, N_MOVIES))
    ratings = Ratings(*ids, users, movies, np.full(len(movies), 3.5, dtype=np.float32))
    _ = ratings.user_starts
    return ratings


def ours(path: Path, n: int) -> float:
    """Seconds of ``recommend_in_chunks`` over everyone, compiling or loading its loops included."""
    from cfgui.core.recommend import recommend_in_chunks

    ratings, factors = table(path), Factors(*weights())
    began = time.perf_counter()
    n_given = sum(part.movies.size for part in recommend_in_chunks(factors, ratings, _everyone(), n))
    assert n_given == N_USERS * n
    return time.perf_counter() - began


def plain(path: Path, n: int) -> float:
    """Seconds of the product and argpartition in chunks; BLAS has all cores."""
    ratings = table(path)
    users, movies = (each.astype(np.float32) for each in weights())
    columns = np.ascontiguousarray(movies.T)
    starts = ratings.user_starts
    began = time.perf_counter()
    for first in range(0, N_USERS, CHUNK):
        scores = users[first : first + CHUNK] @ columns
        for row in range(len(scores)):
            user = first + row
            scores[row, ratings.movies[starts[user] : starts[user + 1]]] = -np.inf
        best = np.argpartition(scores, N_MOVIES - n, axis=1)[:, -n:]
        values = np.take_along_axis(scores, best, axis=1)
        np.take_along_axis(best, np.argsort(-values, axis=1), axis=1)
    return time.perf_counter() - began


def written(path: Path, ending: str) -> float:
    """Seconds to recommend to everyone and write the file."""
    from cfgui.io.factors_export import write_recommendations

    ratings, factors = table(path), Factors(*weights())
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"out{ending}"
        began = time.perf_counter()
        write_recommendations(ratings, factors, out, 6 if ending == ".xlsx" else N)
        seconds = time.perf_counter() - began
        print(f"{out.stat().st_size / 1e6:.0f} MB on disk", file=sys.stderr)
    return seconds


def _everyone() -> np.ndarray:
    return np.arange(N_USERS, dtype=np.int32)


def _in_a_process(command: list[str]) -> tuple[float, float]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def main() -> None:
    """Measure and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--table", type=Path, default=Path(tempfile.gettempdir()) / "cfgui-recommend" / "table.npz")
    parser.add_argument("--peers", help="an interpreter that has implicit")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--files", action="store_true", help="also write files")
    parser.add_argument("--child", choices=("ours", "plain", ".csv", ".parquet", ".xlsx"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        work = {"ours": ours, "plain": plain}.get(arguments.child)
        seconds = work(arguments.table, N) if work else written(arguments.table, arguments.child)
        print(seconds, peak_mb())
        return
    path = kept(arguments.table)
    own = [sys.executable, "-m", "benchmarks.recommend", "--table", str(path), "--child"]
    commands = {"ours": [*own, "ours"], "numpy, argpartition": [*own, "plain"]}
    if arguments.peers:
        script = str(Path(__file__).with_name("peer_topk.py"))
        commands["implicit topk"] = [arguments.peers, script, str(path), str(K), str(N)]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(arguments.turns):
        for name, command in commands.items():
            found[name].append(_in_a_process(command))
    middle = statistics.median(seconds for seconds, _ in found["ours"])
    print(f"{N_USERS:,} users x top {N} of {N_MOVIES:,} movies, {K} factors, {N_RATINGS:,} ratings")
    for name, turns in found.items():
        times = [seconds for seconds, _ in turns]
        own_middle, peak = statistics.median(times), max(megabytes for _, megabytes in turns)
        print(
            f"  {name:<22}{own_middle:7.1f} s (least {min(times):.1f}), peak {peak:,.0f} MB,"
            f" ours / this {middle / own_middle:.2f}"
        )
    for ending in (".csv", ".parquet", ".xlsx") if arguments.files else ():
        seconds, megabytes = _in_a_process([*own, ending])
        print(f"  recommend and write {ending:<9}{seconds:7.1f} s, peak {megabytes:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
