"""The neighbours of a user or movie as rows, and in words why they should have enough ratings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.app.number_columns import Column
from cfgui.app.subjects import subject_label, subject_name
from cfgui.app.words import counted
from cfgui.core.factors import Factors
from cfgui.core.neighbours import MEASURES, MeasureName, neighbours
from cfgui.core.one_side import SideName, one_side, usual_minimum
from cfgui.core.ratings import Ratings

WHY_A_MINIMUM = (
    "A {side} with few ratings has hardly left the place where its factors started, and may lie anywhere: without a"
    " minimum the nearest is often one with almost no ratings."
)
"""The sentence that teaches the minimum."""

RATINGS_TIP = "How many ratings there are: with few of them, the factors have hardly been learnt."


@dataclass(frozen=True)
class Neighbour:
    """One neighbour: ``value`` is the measure (NaN where it has none), ``mean`` and ``bias`` NaN where unknown."""

    rank: int
    index: int
    id: str
    name: str
    value: float
    n_ratings: int
    mean: float
    bias: float


@dataclass(frozen=True)
class NeighboursReport:
    """The neighbours of the user or movie at ``index``, nearest first.

    ``label`` names it with its id; ``n_among`` are the others with ``min_ratings`` ratings or more; ``usual`` is the
    minimum that is usual for these ratings.
    """

    side: SideName
    index: int
    id: str
    label: str
    n_ratings: int
    measure: MeasureName
    min_ratings: int
    usual: int
    n_among: int
    rows: tuple[Neighbour, ...]

    @property
    def is_of_zeros(self) -> bool:
        """Whether nothing can be said because its own factors are all zeros, or no numbers."""
        return bool(self.rows) and all(math.isnan(row.value) for row in self.rows)

    @property
    def words(self) -> str:
        """ "The 10 nearest to movie 593 · … (304 ratings) by cosine, among 1,297 movies with 20 ratings or more."."""
        which = f" with {counted(self.min_ratings, 'rating')} or more" if self.min_ratings > 1 else ""
        if not self.rows:
            return f"No other {self.side} has {counted(self.min_ratings, 'rating')} or more: ask for fewer."
        if self.is_of_zeros:
            return f"{self.label} has no {MEASURES[self.measure].label} to others: its factors are all zeros."
        nearest = "The nearest" if len(self.rows) == 1 else f"The {len(self.rows):,} nearest"
        return (
            f"{nearest} to {self.label} ({counted(self.n_ratings, 'rating')}) by {MEASURES[self.measure].label},"
            f" among {counted(self.n_among, self.side)}{which}."
        )

    @property
    def among(self) -> str:
        """ "Among 1,302 movies with 20 ratings or more.", or why there is nobody."""
        if not self.rows or self.is_of_zeros:
            return self.words
        which = f" with {counted(self.min_ratings, 'rating')} or more" if self.min_ratings > 1 else ""
        return f"Among {counted(self.n_among, self.side)}{which}."

    @property
    def columns(self) -> tuple[Column, ...]:
        """The rows as a table, the nearest first: name, measure, ratings, mean, and bias where the model has one."""
        measure = MEASURES[self.measure]
        known = [
            Column(*self._name_column(), wide=True),
            Column(measure.label, np.array([row.value for row in self.rows]), 3, measure.tip),
            Column("ratings", np.array([row.n_ratings for row in self.rows]), 0, RATINGS_TIP),
            Column("mean", np.array([row.mean for row in self.rows]), 2, "The mean of these ratings."),
        ]
        bias = np.array([row.bias for row in self.rows])
        if np.isfinite(bias).any():
            known.append(Column("bias", bias, 2, "The bias has no part in being near: alike is not equally good."))
        return tuple(known)

    def _name_column(self) -> tuple[str, tuple[str, ...], None, str]:
        names = tuple(row.id if self.side == "user" else row.name for row in self.rows)
        return self.side, names, None, "A double click, or Enter, lists the neighbours of this one."

    @property
    def lesson(self) -> str:
        """Why a minimum of ratings is asked for; where it is below the usual one, how few ratings the nearest has."""
        why = WHY_A_MINIMUM.format(side=self.side)
        if self.min_ratings >= self.usual or self.usual <= 1 or not self.rows:
            return why
        nearest = counted(self.rows[0].n_ratings, "rating")
        return f"{why} The nearest here has {nearest}; {self.usual} or more are usually asked for."


def make_neighbours_report(
    ratings: Ratings,
    factors: Factors,
    side: SideName,
    index: int,
    n: int = 10,
    measure: MeasureName = "cosine",
    min_ratings: int | None = None,
) -> NeighboursReport:
    """Everything to show of the neighbours of one user or movie; ``min_ratings`` None is ``usual_minimum``.

    Raises what ``neighbours`` raises.
    """
    it = one_side(ratings, factors, side)
    usual = usual_minimum(it.counts)
    least = usual if min_ratings is None else min_ratings
    found = neighbours(factors, it.counts, side, index, n, measure, least)
    means = it.means
    rows = [
        Neighbour(
            rank,
            place,
            it.ids[place],
            subject_name(ratings, side, place),
            value,
            int(it.counts[place]),
            float(means[place]),
            math.nan if it.bias is None else float(it.bias[place]),
        )
        for rank, (place, value) in enumerate(zip(found.indices.tolist(), found.values.tolist(), strict=True), start=1)
    ]
    n_among = int(np.count_nonzero(it.counts >= least)) - int(it.counts[index] >= least)
    label, n_ratings = subject_label(ratings, side, index), int(it.counts[index])
    return NeighboursReport(side, index, it.ids[index], label, n_ratings, measure, least, usual, n_among, tuple(rows))
