"""The tables the benchmarks of large data share: of MovieLens 25M's shape, synthetic, seeded, made once and kept."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from cfgui.io.synthetic import write_synthetic

ROWS, USERS, MOVIES = 25_000_095, 162_541, 59_047
"""The shape of MovieLens 25M."""

SIZES = (100_000, 1_000_000, 5_000_000, ROWS)
SEED = 25
FOLDER = Path(tempfile.gettempdir()) / "cfgui-benchmarks"


def shape(rows: int) -> tuple[int, int]:
    """Users and movies of a table of so many ratings: with fewer ratings, movies thin out more slowly than users."""
    part = rows / ROWS
    return max(1, round(USERS * part)), max(1, round(MOVIES * part**0.35))


def table(rows: int, suffix: str = ".csv", folder: Path = FOLDER) -> Path:
    """The table of so many rows, made if it is not there, and in the system's cache."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ratings-{rows}-{SEED}{suffix}"
    if not path.exists():
        print(f"making {path.name} …", flush=True)
        write_synthetic(path, *shape(rows), rows, SEED)
        old = path.stat().st_mtime - 3600  # the cache takes no file that was just written
        os.utime(path, (old, old))
    with path.open("rb") as file:
        while file.read(2**24):
            pass
    return path


def peak_mb() -> float:
    """The most memory this process ever held, in MB; NaN where the system does not say."""
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
