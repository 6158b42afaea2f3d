"""Where everything stands on the sheets that the export adds: ``history`` and ``predictions``."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.io.workbook_layout import Block

HISTORY_SHEET, PREDICTIONS_SHEET, NOTES_SHEET = "history", "predictions", "notes"
"""Names of the appended sheets, in their order."""

HISTORY_MODELS = ("dot", "bias", "neural", "ordinal")
"""Which model's curve stands in which pair of columns of ``history``, left to right."""
HISTORY_FIRST_ROW = 2
"""0-based row of the first point; above it the model's sheet with the curve's label, and the headings."""
MAX_HISTORY_POINTS = 100_000
"""Points of one curve that go to a workbook; a longer curve is thinned (a guarded reader must finish in seconds)."""


def history_columns(model: str) -> tuple[int, int]:
    """0-based columns of step and RMSE of a model."""
    first = 3 * HISTORY_MODELS.index(model)
    return first, first + 1


@dataclass(frozen=True)
class PredictionsLayout:
    """One of the two tables of the sheet ``predictions``, stacked: ``position`` 0 is the upper one."""

    n_users: int
    n_movies: int
    position: int

    @property
    def top(self) -> int:
        """0-based row of the caption; movie ids, titles and users follow."""
        return self.position * (self.n_users + 5)

    @property
    def movie_ids(self) -> Block:
        """(0, movie)."""
        return Block(self.top + 1, 2, 1, self.n_movies)

    @property
    def titles(self) -> Block:
        """(0, movie)."""
        return Block(self.top + 2, 2, 1, self.n_movies)

    @property
    def user_ids(self) -> Block:
        """(user, 0)."""
        return Block(self.top + 3, 0, self.n_users, 1)

    @property
    def values(self) -> Block:
        """(user, movie)."""
        return Block(self.top + 3, 2, self.n_users, self.n_movies)

    @property
    def n_rows(self) -> int:
        """Rows in use down to the end of this table."""
        return self.top + 3 + self.n_users
