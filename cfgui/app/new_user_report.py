"""What a new user is told on the command line: the movies with the highest predictions, method beside method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cfgui.app.subjects import find_subject
from cfgui.app.trained_model import TrainedModel
from cfgui.core.cold_start import ColdStart, Guess
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings


@dataclass(frozen=True)
class KnownRatings:
    """Ratings by movie index, the last one where a movie was rated twice: ``twice`` are their names. ``unknown`` are
    sentences, one for each movie that the table does not have or that might be several.
    """

    by_movie: dict[int, float]
    unknown: tuple[str, ...]
    twice: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewUserRow:
    """One movie of the list: ``prediction`` by the method, ``sd`` of it where it has one, and what the mean user and
    the item mean say.
    """

    movie: str
    title: str
    n_ratings: int
    prediction: float
    sd: float | None
    by_mean: float
    item_mean: float


@dataclass(frozen=True, eq=False)
class NewUserReport:
    """``guess`` is of the method; ``rows`` the unrated movies with its highest predictions. ``like`` is the id of whose
    vector the average-taste user borrows, "" by other methods; ``sigma`` the standard deviation of a rating.
    """

    guess: Guess
    like: str
    n_ratings: int
    unknown: tuple[str, ...]
    sigma: float
    rows: tuple[NewUserRow, ...]


def known_ratings(
    ratings: Ratings, typed: Sequence[tuple[str, float]], of_model: RatingRange = NO_RANGE
) -> KnownRatings:
    """Ratings typed as (movie id or title, rating). Raises ValueError as ``check_scale``."""
    by_movie: dict[int, float] = {}
    unknown, twice = [], []
    for movie, value in typed:
        check_scale(ratings, value, of_model)
        try:
            index = find_subject(ratings, "movie", movie)
        except ValueError as error:
            unknown.append(str(error))
            continue
        if index in by_movie:
            twice.append(ratings.movie_name(index))
        by_movie[index] = value
    return KnownRatings(by_movie, tuple(unknown), tuple(dict.fromkeys(twice)))


def check_scale(ratings: Ratings, value: float, of_model: RatingRange = NO_RANGE) -> None:
    """Raise ValueError with one sentence where nobody could have given this rating.

    Where there are no ratings to tell the scale, the range of the model's predictions does, if it has one.
    """
    low, high = ratings.scale if ratings.n_ratings else (of_model.low, of_model.high)
    if (ratings.n_ratings or of_model.kind != "none") and not low <= value <= high:
        whose = "these ratings: they go" if ratings.n_ratings else "this model: its predictions go"
        raise ValueError(f"A rating of {value:g} is outside the scale of {whose} from {low:g} to {high:g}.")


def usual_method(cold: ColdStart) -> str:
    """The method for somebody who has not chosen."""
    return "bayesian" if cold.drawn_priors else "fold-in"


def make_new_user_report(
    model: TrainedModel,
    cold: ColdStart,
    known: KnownRatings,
    method: str,
    *,
    like: str | None = None,
    n: int = 10,
    min_ratings: int = 0,
) -> NewUserReport:
    """Predict and list. ``like`` picks a user by id for "average". Raises ValueError where there is no such user."""
    ratings, row = model.ratings, None if like is None else find_subject(model.ratings, "user", like)
    places = np.array([*known.by_movie], dtype=np.int32)
    values = np.array([*known.by_movie.values()], dtype=np.float64)
    guess, mean = cold.guess(method, places, values, row=row), cold.guess("mean")
    wanted = ratings.movie_counts >= min_ratings
    wanted[places] = False
    best = np.argsort(np.where(wanted, -guess.predictions, np.inf), kind="stable")[: min(n, int(wanted.sum()))]
    rows = tuple(
        NewUserRow(
            ratings.movie_ids[movie],
            ratings.titles.get(ratings.movie_ids[movie], ""),
            int(ratings.movie_counts[movie]),
            float(guess.predictions[movie]),
            None if guess.sd is None else float(guess.sd[movie]),
            float(mean.predictions[movie]),
            float(cold.item_mean[movie]),
        )
        for movie in best.tolist()
    )
    borrowed = "" if guess.row is None else ratings.user_ids[guess.row]
    return NewUserReport(guess, borrowed, len(places), known.unknown, float(np.sqrt(cold.prior.noise)), rows)
