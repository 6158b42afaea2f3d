"""A small table of figures as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from cfgui.io.atomic import atomic_write


def write_figures(lines: Sequence[Sequence[str]], path: Path) -> None:
    """Write these lines, the first of them the header; the program's own words and numbers, none of a stranger's.

    Atomic: raises SaveError and leaves the old file when it cannot be written.
    """
    with atomic_write(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
