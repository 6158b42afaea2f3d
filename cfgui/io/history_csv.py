"""The loss curve as a CSV file."""

from __future__ import annotations

import math
from pathlib import Path

from cfgui.core.curve import Curve
from cfgui.io.atomic import atomic_write


def write_history(curve: Curve, path: Path) -> None:
    """Write ``step,rmse`` lines, each number so that reading it gives the same bits; a number that is not finite is
    left empty. Atomic: raises SaveError and leaves the old file when it cannot be written.
    """
    lines = ["step,rmse"]
    lines += [
        f"{step},{rmse!r}" if math.isfinite(rmse) else f"{step},"
        for step, rmse in zip(curve.steps.tolist(), curve.rmses.tolist(), strict=True)
    ]
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
