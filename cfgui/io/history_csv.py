"""The loss curve as a CSV file."""

from __future__ import annotations

import math
from pathlib import Path

from cfgui.core.curve import Curve
from cfgui.io.atomic import atomic_write


def write_history(curve: Curve, path: Path, held_out: Curve | None = None) -> None:
    """Write ``step,rmse`` lines, and with a curve of held-out ratings ``step,rmse,valid_rmse`` ones.

    Each number so that reading it gives the same bits; one that is not finite, or not known at a step, is left empty.
    Atomic: raises SaveError and leaves the old file when it cannot be written.
    """
    lines = ["step,rmse" if held_out is None else "step,rmse,valid_rmse"]
    valid = {} if held_out is None else dict(zip(held_out.steps.tolist(), held_out.rmses.tolist(), strict=True))
    for step, rmse in zip(curve.steps.tolist(), curve.rmses.tolist(), strict=True):
        numbers = [rmse] if held_out is None else [rmse, valid.get(step, math.nan)]
        lines.append(",".join([str(step), *(repr(number) if math.isfinite(number) else "" for number in numbers)]))
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
