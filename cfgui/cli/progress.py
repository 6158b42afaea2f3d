"""The progress of a run on stderr, drawn by rich; nothing at all where stderr is not a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cfgui.core.trainer import StepReport

REDRAW_SECONDS = 0.05
"""A step may take 30 us, so only some of them are drawn."""


@contextmanager
def shown_progress(total: int | None) -> Iterator[Callable[[StepReport], None] | None]:
    """Show a bar of ``total`` steps (None: nobody knows) while the block runs; gives what to call with every report."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("RMSE {task.fields[rmse]}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("training", total=total, rmse="-")
        due = 0.0

        def show(report: StepReport) -> None:
            nonlocal due
            now = time.monotonic()
            if now >= due:
                due = now + REDRAW_SECONDS
                progress.update(task, completed=report.step, rmse=f"{report.rmse:.6f}")

        yield show
