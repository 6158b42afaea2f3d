"""Progress on stderr, of a run or of reading and writing files, drawn by rich; nothing where that is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from cfgui.io.table_options import Progress, Report, no_report

if TYPE_CHECKING:
    from cfgui.core.position import StepReport

REDRAW_SECONDS = 0.05
"""A step may take 30 us, so only some of them are drawn."""


class Pace(Protocol):
    """Turns progress into words: how much, how fast, how long still."""

    def observe(self, progress: Progress) -> None:
        """Note how far the work is now."""

    def words(self) -> str:
        """What there is to say about it."""


@contextmanager
def shown_progress(total: int | None) -> Iterator[Callable[[StepReport], None] | None]:
    """Show a bar of ``total`` steps (None: nobody knows) while the block runs; gives what to call with every report."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("RMSE {task.fields[rmse]}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=total, rmse="-")
        due = 0.0

        def show(report: StepReport) -> None:
            nonlocal due
            now = time.monotonic()
            if now >= due:
                due = now + REDRAW_SECONDS
                bar.update(task, completed=report.step, rmse=f"{report.rmse:.6f}")

        yield show


@contextmanager
def shown_work(name: str, pace: Pace) -> Iterator[Report]:
    """Show a bar with rate and time left while the block reads or writes; gives what to call with every progress."""
    if not sys.stderr.isatty():
        yield no_report
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task, due = bar.add_task(name, total=None, words=""), 0.0

        def show(progress: Progress) -> None:
            nonlocal due
            now = time.monotonic()
            if now >= due:
                due = now + REDRAW_SECONDS
                pace.observe(progress)
                bar.update(task, completed=progress.done, total=progress.total or None, words=pace.words())

        yield show
