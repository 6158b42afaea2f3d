"""MapDrawer: computes maps behind the window, each one's successor after it, so that every one is seen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cfgui.app.map_colours import genre_lists, genres_by_size
from cfgui.app.map_points import MapChoice, MapPoints, map_points
from cfgui.app.reading import Reading
from cfgui.core.ratings import Ratings
from cfgui.gui.latest_work import LatestWork
from cfgui.io.table_options import Cancelled

Drawn = tuple[MapPoints, tuple[str, ...]]
"""Points, and the genres there are by falling number of movies."""


class MapDrawer(QObject):
    """``drawn`` (MapPoints, genres) follows each map, ``refused`` (sentence) one that cannot be drawn."""

    drawn = Signal(object, object)
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = LatestWork(self)
        self._next: tuple[Reading, MapChoice] | None = None
        self._before: MapPoints | None = None
        self._genres: tuple[Ratings | None, tuple[str, ...]] = (None, ())
        self._chosen: MapChoice | None = None
        self._problem = ""

    @property
    def working(self) -> bool:
        """Whether a map is still to come."""
        return self._work.working

    def draw(self, reading: Reading, choice: MapChoice) -> None:
        """Draw this; what is in hand is given up for another choice, and finished first for other weights."""
        self._next = reading, choice
        if self._work.working and self._chosen == choice:
            return
        self._work.cancel()
        self._begin()

    def finish(self) -> None:
        """End what is in hand, and wait for its end."""
        self._next = None
        self._work.finish()

    def _begin(self) -> None:
        if self._next is None:
            return
        (reading, choice), self._next = self._next, None
        before, genres = self._before, self._genres
        self._chosen = choice

        def work(_cancelled: Cancelled) -> Drawn:
            points = map_points(reading, choice, before)
            if genres[0] is not None and genres[0].genres is reading.ratings.genres:
                return points, genres[1]
            return points, genres_by_size(genre_lists(reading.ratings.movie_ids, reading.ratings.genres))

        self._work.begin(work, self._take, failed=self._fail)

    def _take(self, drawn: Drawn) -> None:
        self._before, genres = drawn
        self._genres, self._problem = (self._before.reading.ratings, genres), ""
        self._begin()
        self.drawn.emit(*drawn)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, ValueError):
            raise error
        self._begin()
        if str(error) != self._problem:  # a run would say the same ten times a second
            self._problem = str(error)
            self.refused.emit(self._problem)
