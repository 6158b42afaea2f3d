"""What genres and year are worth for movies without ratings: movies are hidden from training, then predicted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.app.evaluating import Length, OnReport
from cfgui.app.trained_model import newly_trained
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.metadata_features import movie_features
from cfgui.core.metadata_model import fit_metadata
from cfgui.core.models import predict
from cfgui.core.movie_facts import facts_of
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.split import rows_of
from cfgui.core.unknown import known_rows


@dataclass(frozen=True)
class MetadataChoice:
    """Which movies are hidden: the share ``share`` of those with a rating, at random from ``seed``.

    Raises ValueError where the share is none.
    """

    share: float = 0.2
    seed: int = 42

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"The share of hidden movies must lie between 0 and 1, not {self.share:g}.")


@dataclass(frozen=True)
class MetadataReport:
    """MSE of the ratings of hidden movies, by their metadata, by the mean movie and by the mean of all ratings.

    ``r_squared`` is the share of the variance of trained movies' weights that metadata explain for movies left out of
    the fit; ``helps`` whether metadata were found to be better than the mean movie, from trained movies alone.
    """

    n_movies: int
    n_ratings: int
    by_metadata: float
    by_mean_movie: float
    by_global_mean: float
    r_squared: float
    helps: bool
    note: str

    @property
    def sentence(self) -> str:
        """What came out, honestly."""
        if not self.helps:
            return "Genres and year say no more than the mean movie does, so the mean movie is what is predicted."
        better = 1.0 - self.by_metadata / self.by_mean_movie
        if better <= 0.0:
            return f"On the hidden movies genres and year are no better: their MSE is {-better:.1%} above the mean's."
        return f"Genres and year take {better:.1%} off the mean movie's MSE."


def evaluate_metadata(
    document: Document,
    hyperparameters: Hyperparameters,
    length: Length,
    choice: MetadataChoice | None = None,
    *,
    on_report: OnReport | None = None,
    stop: Stop = never,
) -> MetadataReport:
    """Hide movies, train on the others' ratings, predict. Raises ValueError, one plain sentence, and Interrupted."""
    choice = choice or MetadataChoice()
    ratings = document.ratings
    rated = np.flatnonzero(ratings.movie_counts > 0)
    n_hidden = round(choice.share * len(rated))
    if not 0 < n_hidden < len(rated):
        raise ValueError(f"There are {len(rated)} movies with ratings: too few to hide some and learn from the others.")
    hidden = np.random.default_rng(choice.seed).choice(rated, n_hidden, replace=False)
    is_hidden = np.isin(ratings.movies, hidden)
    train, held_out = rows_of(ratings, ~is_hidden), rows_of(ratings, is_hidden)
    if not train.n_ratings:
        raise ValueError("Hiding these movies would leave no rating to learn from.")
    learnt = replace(document, ratings=train, history={})
    found = newly_trained(learnt, hyperparameters, length, on_report=on_report, stop=stop)
    if stop():
        raise Interrupted
    factors = known_rows(found.factors, train)
    table = movie_features(facts_of(ratings)).table
    model = fit_metadata(train, factors, table)
    return MetadataReport(
        n_hidden,
        held_out.n_ratings,
        _mse(with_movie_rows(factors, hidden.astype(np.int32), model.rows(table[hidden])), held_out, train.scale),
        _mse(factors, held_out, train.scale),
        float(np.mean(np.square(held_out.values - train.values.mean(dtype=np.float64)))),
        model.r_squared,
        model.helps,
        found.note,
    )


def with_movie_rows(factors: Factors, movies: Indices, rows: Floats) -> Factors:
    """The weights with other rows (n, d) for some movies, the bias in the last column where there is one."""
    table = factors.movie_factors.copy()
    table[movies] = rows[:, : factors.n_movie_factors]
    if factors.movie_bias is None:
        return replace(factors, movie_factors=table)
    bias = factors.movie_bias.copy()
    bias[movies] = rows[:, -1]
    return replace(factors, movie_factors=table, movie_bias=bias)


def _mse(factors: Factors, held_out: Ratings, scale: tuple[float, float]) -> float:
    predictions = np.clip(predict(factors, held_out.users, held_out.movies), *scale)
    return float(np.mean(np.square(held_out.values.astype(np.float64) - predictions)))
