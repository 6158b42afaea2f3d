"""The finder of the open table; where there are many ids, its index is made behind the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from cfgui.app.finding import Finder
from cfgui.app.tasks import Task
from cfgui.core.ratings import Ratings

QUICK_IDS = 50_000
"""Users and movies up to which an index is made in a moment."""

LOOK_MS = 20


class FinderIndex(QObject):
    """``ready`` follows once an index that took longer has been made."""

    ready = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._finder: Finder | None = None
        self._task: Task[Finder] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def finder(self, ratings: Ratings) -> Finder:
        """The finder of a table."""
        if self._finder is None or not self._finder.is_for(ratings):
            self._finder = Finder(ratings)
        return self._finder

    def prepare(self, ratings: Ratings) -> bool:
        """Whether the finder of a table can be asked now; where not, ``ready`` follows soon."""
        finder = self.finder(ratings)
        if finder.is_prepared or ratings.n_users + ratings.n_movies <= QUICK_IDS:
            return True
        if self._task is None:
            self._task = Task("Making an index", lambda _cancelled: finder.prepare())
            self._task.start()
            self._timer.start(LOOK_MS)
        return False

    def finish(self) -> None:
        """Before the window closes: wait for an index in the making."""
        self._timer.stop()
        if self._task is not None:
            self._task.join()
            self._task = None

    def _look(self) -> None:
        if self._task is not None and self._task.done:
            self._timer.stop()
            self._task = None
            self.ready.emit()
