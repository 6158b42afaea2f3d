"""Reading a table of MovieLens 25M's shape to index arrays, beside pandas, polars and pyarrow.csv, and how cost grows.

The table is synthetic and seeded; it is made once, in a folder for temporary files, as CSV and as Parquet. Each reader
runs alone in a fresh process with the file in the system's cache; they take turns, so that a busy machine slows all
alike, and a figure is the best of the rounds. Ratios are to the fastest peer with its own coding of the ids, which is
part of cfgui's reading. Loading libraries is shown apart.

    python -m benchmarks.reading [--rows 25000095] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks.tables import FOLDER, ROWS, SIZES, table

PEERS = {"pandas": "pandas", "polars": "polars", "pyarrow.csv": "pyarrow"}

Figures = dict[str, float]


def measured(name: str, path: Path, folder: Path) -> Figures:
    """The figures of one reader in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.readers", name, str(path)],
        env=os.environ | {"CFGUI_CACHE_DIR": str(folder / "cache")},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: Figures = json.loads(done.stdout)
    return figures | {"sum": figures["read"] + figures["code"]}


def best_of(readers: dict[str, tuple[str, Path]], rounds: int, folder: Path) -> dict[str, Figures]:
    """The best round of each reader by reading and coding; all take turns."""
    found: dict[str, list[Figures]] = {label: [] for label in readers}
    for _ in range(rounds):
        for label, (name, path) in readers.items():
            found[label].append(measured(name, path, folder))
    return {label: min(figures, key=lambda figure: figure["sum"]) for label, figures in found.items()}


def compare(folder: Path, rows: int, rounds: int) -> None:
    """Print cfgui beside its peers."""
    csv, parquet = table(rows, ".csv", folder), table(rows, ".parquet", folder)
    measured("store", csv, folder)
    readers = {
        "cfgui, CSV": ("cfgui", csv),
        "cfgui, Parquet": ("cfgui", parquet),
        "cfgui, again": ("cfgui cached", csv),
    }
    for name, module in PEERS.items():
        if find_spec(module) is None:
            print(f"{name} is not installed and left out")
        else:
            readers[name] = (name, csv)
    best = best_of(readers, rounds, folder)
    fastest = min((best[name]["sum"] for name in PEERS if name in best), default=float("nan"))
    print(f"\n{rows:,} ratings, {csv.stat().st_size / 1e6:,.0f} MB; seconds, best of {rounds}, {os.cpu_count()} cores")
    print(f"{'':<16}{'read':>8}{'code ids':>10}{'sum':>8}{'ratio':>8}{'load':>8}{'peak GB':>9}")
    for label, figures in best.items():
        print(
            f"{label:<16}{figures['read']:8.2f}{figures['code']:10.2f}{figures['sum']:8.2f}"
            f"{figures['sum'] / fastest:8.2f}{figures['load']:8.2f}{figures['peak'] / 1e9:9.2f}"
        )


def grow(folder: Path, rows: int, rounds: int) -> None:
    """Print how the cost of reading grows with the table."""
    sizes = [size for size in SIZES if size <= rows]
    readers = {f"{size:,}": ("cfgui", table(size, ".csv", folder)) for size in sizes}
    best = best_of(readers, rounds, folder)
    print(f"\n{'cfgui, CSV rows':<16}{'seconds':>10}{'s a million':>13}{'peak GB':>9}")
    for size, (label, figures) in zip(sizes, best.items(), strict=True):
        print(f"{label:<16}{figures['sum']:10.3f}{figures['sum'] / size * 1e6:13.3f}{figures['peak'] / 1e9:9.2f}")


def main() -> None:
    """Make the tables, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    compare(chosen.folder, chosen.rows, chosen.rounds)
    grow(chosen.folder, chosen.rows, chosen.rounds)


if __name__ == "__main__":
    main()
