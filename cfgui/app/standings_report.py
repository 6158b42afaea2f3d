"""Bias against mean in words and rows: for the command line, the plot, and whoever listens to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cfgui.app.subjects import subject_name
from cfgui.app.words import counted
from cfgui.core.factor_reading import ends as ends_of
from cfgui.core.one_side import SideName, ids_of_side
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.standings import Places, Standings

LOWEST_CODE: Mapping[SideName, str] = {"movie": "movie_bias.argsort()[:{n}]", "user": "user_bias.argsort()[:{n}]"}
HIGHEST_CODE: Mapping[SideName, str] = {
    "movie": "(-movie_bias).argsort()[:{n}]",
    "user": "(-user_bias).argsort()[:{n}]",
}
"""The classroom's line for the lowest and the highest biases; ``n`` is to be filled in."""

LESSON: Mapping[SideName, str] = {
    "movie": "The bias is what is left of a movie's mean once it is accounted for who rated it: how generous they are,"
    " and whether it is their kind of movie. So sorting by bias is not sorting by mean.",
    "user": "The bias is what is left of a user's mean once it is accounted for what was rated: how good the movies"
    " are, and whether they are the user's kind. So sorting by bias is not sorting by mean.",
}
"""Why bias and mean are not the same."""


@dataclass(frozen=True)
class Standing:
    """One user or movie in a list: ``departure`` is bias - what the mean lets expect; numbers are NaN where unknown."""

    index: int
    id: str
    name: str
    n_ratings: int
    mean: float
    bias: float
    departure: float


def standing_at(found: Standings, index: int, name: str, raw_id: str = "") -> Standing:
    """One user or movie under this name."""
    mean, bias = float(found.means[index]), math.nan if found.bias is None else float(found.bias[index])
    departure = bias - (found.line.intercept + found.line.slope * mean)
    return Standing(index, raw_id, name, int(found.counts[index]), mean, bias, departure)


def listed(found: Standings, ratings: Ratings, places: Places) -> tuple[Standing, ...]:
    """The users or movies at ``places``, in that order."""
    ids = ids_of_side(ratings, found.side)
    return tuple(
        standing_at(found, place, subject_name(ratings, found.side, place), ids[place]) for place in places.tolist()
    )


def sort_values(found: Standings, key: str) -> Floats:
    """(n,) what the lists are sorted by: "bias", "mean" or "count"; NaN where unknown."""
    return {"bias": _bias(found), "mean": found.means, "count": found.counts.astype(np.float64)}[key]


def ends(found: Standings, key: str, n: int, min_ratings: int = 0) -> tuple[Places, Places]:
    """The ``n`` lowest and the ``n`` highest by ``key`` among those with ``min_ratings``; equals by their index."""
    at = ends_of(sort_values(found, key), found.counts, min_ratings, n)
    return at.lowest, at.highest


def correlation_words(found: Standings) -> str:
    """ "Rank correlation of bias and mean: 0.88 over 1,682 movies."; or why there is none."""
    if found.bias is None:
        return no_bias_words()
    if math.isnan(found.rank_correlation):
        return f"No rank correlation yet: it needs two {found.side}s with different means and biases."
    n = counted(found.n_rated, found.side)
    return f"Rank correlation of bias and mean: {found.rank_correlation:.3f} over {n}."


def heading_words(found: Standings) -> str:
    """The same in three words: "rank correlation 0.885", "" where there is none."""
    return "" if math.isnan(found.rank_correlation) else f"rank correlation {found.rank_correlation:.3f}"


def no_bias_words(model: str = "") -> str:
    """What to say, and to do, where the model has no biases."""
    which = f"The model {model}" if model else "This model"
    return f"{which} has no biases to compare with means: choose the model bias."


def departure_words(it: Standing) -> str:
    """ "Bio-Dome (1996): mean 2.53, bias -0.91, 0.4 lower than its mean lets expect, 35 ratings"."""
    mean = f"mean {it.mean:.2f}, " if math.isfinite(it.mean) else ""
    said = f"{it.name}: {mean}bias {it.bias:+.2f}"
    if math.isfinite(it.departure):
        way = "higher" if it.departure > 0 else "lower"
        said += f", {abs(it.departure):.2f} {way} than its mean lets expect"
    return f"{said}, {counted(it.n_ratings, 'rating')}"


def _bias(found: Standings) -> Floats:
    return np.full(found.n, np.nan) if found.bias is None else found.bias
