"""Peers of ALS and Gibbs sampling in processes of their own, asked by turns, and a table of ratios."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cfgui.core.ratings import Ratings

SCRIPT = Path(__file__).with_name("peer_rows.py")
Turn = Callable[[], float]
"""Does one turn of work and returns its milliseconds."""


class Peer:
    """One peer under way; a context manager. ``present`` is False where the interpreter does not have it."""

    def __init__(self, python: str, name: str, table: Path, n_factors: int) -> None:
        command = [python, str(SCRIPT), name, str(table), str(n_factors)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        self.present = self._line() == "ready"

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(60)

    def turn(self) -> float:
        """Milliseconds of one sweep or sample."""
        assert self._process.stdin
        print("go", file=self._process.stdin, flush=True)
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def kept(ratings: Ratings) -> Path:
    """The ratings in a file that peers read."""
    path = Path(tempfile.mkdtemp(prefix="cfgui-peers-")) / "table.npz"
    np.savez(path, users=ratings.users, movies=ratings.movies, values=ratings.values)
    return path


def by_turns(turns: dict[str, Turn], n_turns: int) -> dict[str, list[float]]:
    """Milliseconds by name; all take turns, so that a busy machine slows all alike. The first round warms up."""
    found: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(n_turns + 1):
        for name, turn in turns.items():
            time = turn()
            if number:
                found[name].append(time)
    return found


def tell(found: dict[str, list[float]], ours: str) -> None:
    """Print the median and the least of each, and how many times ours it is."""
    own = statistics.median(found[ours])
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"  {name:<28}{middle:9.1f} ms (least {min(times):.1f})  {middle / own:6.2f}x ours", flush=True)
