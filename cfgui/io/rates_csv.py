"""The sweep of a learning-rate finder as a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cfgui.io.atomic import atomic_write


def write_rates(rates: Sequence[float], losses: Sequence[float], path: Path) -> None:
    """Write ``rate,loss`` lines, each number so that reading it gives the same bits.

    Atomic: raises SaveError and leaves the old file when it cannot be written.
    """
    lines = ["rate,loss", *(f"{rate!r},{loss!r}" for rate, loss in zip(rates, losses, strict=True))]
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
