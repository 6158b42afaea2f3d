"""How far an export is, and whether it is still wanted."""

from __future__ import annotations

from cfgui.io.child import Cancelled as WorkCancelled
from cfgui.io.table_options import Cancelled, Progress, Report


class ExportProgress:
    """Counts rows out of ``total`` towards ``report`` and listens to ``cancelled``."""

    def __init__(self, total: int, report: Report, cancelled: Cancelled) -> None:
        self._total, self._report, self._cancelled = total, report, cancelled
        self._done = 0

    def advance(self, n_rows: int) -> None:
        """Count rows as done. Raises Cancelled when the export is no longer wanted."""
        self.reach(self._done + n_rows)

    def reach(self, n_rows: int) -> None:
        """Say that ``n_rows`` are done, counted from the beginning. Raises Cancelled as ``advance``."""
        if self._cancelled():
            raise WorkCancelled
        self._done = n_rows
        self._report(Progress(n_rows, self._total, n_rows))
