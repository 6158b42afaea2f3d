"""What metadata are worth for movies, or users, without ratings: some are hidden from training, then predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cfgui.app.evaluating import Length, OnReport
from cfgui.app.hidden_ratings import trained_without
from cfgui.app.words import counted
from cfgui.core.chunks import Stop, never
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.metadata_features import movie_features
from cfgui.core.metadata_model import fit_metadata
from cfgui.core.models import predict
from cfgui.core.movie_facts import facts_of
from cfgui.core.one_side import SideName, counts_of_side
from cfgui.core.ratings import Indices, Ratings
from cfgui.core.side_rows import with_rows_at
from cfgui.core.unknown import known_rows
from cfgui.core.user_features import user_features

METADATA = {"movie": "genres and year", "user": "the facts about users"}
"""What is known besides ratings, by side."""


@dataclass(frozen=True)
class MetadataChoice:
    """Which movies, or users (``side``), are hidden: a ``share`` of those with a rating, at random from ``seed``.

    Raises ValueError where the share is none.
    """

    share: float = 0.2
    seed: int = 42
    side: SideName = "movie"

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"The share of hidden {self.side}s must lie between 0 and 1, not {self.share:g}.")


@dataclass(frozen=True)
class MetadataReport:
    """MSE of the ratings of hidden movies, or users, by their metadata, by the mean row and by the mean of all ratings.

    ``r_squared`` is the share of the variance of trained rows' weights that metadata explain for rows left out of the
    fit; ``helps`` whether metadata were found to be better than the mean row, from trained rows alone.
    """

    side: SideName
    n_hidden: int
    n_ratings: int
    by_metadata: float
    by_mean: float
    by_global_mean: float
    r_squared: float
    helps: bool
    note: str

    @property
    def sentence(self) -> str:
        """What came out, honestly."""
        what = METADATA[self.side]
        start, mean = f"{what[0].upper()}{what[1:]}", f"mean {self.side}"
        if not self.helps:
            return f"{start} say no more than the {mean} does, so the {mean} is what is predicted."
        better = 1.0 - self.by_metadata / self.by_mean
        if better <= 0.0:
            return f"On the hidden {self.side}s {what} are no better: their MSE is {-better:.1%} above the mean's."
        return f"{start} take {better:.1%} off the {mean}'s MSE."


def evaluate_metadata(
    document: Document,
    hyperparameters: Hyperparameters,
    length: Length,
    choice: MetadataChoice | None = None,
    *,
    on_report: OnReport | None = None,
    stop: Stop = never,
) -> MetadataReport:
    """Hide movies, or users, train on the others' ratings, predict.

    Raises ValueError, one plain sentence, also where nothing is known of users; and Interrupted.
    """
    choice = choice or MetadataChoice()
    hidden = _hidden_rows(document.ratings, choice)
    is_hidden = np.isin(_rows_of_ratings(document.ratings, choice.side), hidden)
    if is_hidden.all():
        raise ValueError(f"Hiding these {choice.side}s would leave no rating to learn from.")
    found, held_out = trained_without(document, is_hidden, hyperparameters, length, on_report=on_report, stop=stop)
    train, factors = found.ratings, known_rows(found.factors, found.ratings)
    is_user = choice.side == "user"
    table = user_features(train).table if is_user else movie_features(facts_of(document.ratings)).table
    model = fit_metadata(train, factors, table, choice.side)
    told = with_rows_at(factors, choice.side, hidden, model.rows(table[hidden]))
    return MetadataReport(
        choice.side,
        len(hidden),
        held_out.n_ratings,
        _mse(told, held_out, train.scale),
        _mse(factors, held_out, train.scale),
        float(np.mean(np.square(held_out.values - train.values.mean(dtype=np.float64)))),
        model.r_squared,
        model.helps,
        found.note,
    )


def _hidden_rows(ratings: Ratings, choice: MetadataChoice) -> Indices:
    """(n_hidden,) the indices of whom to hide. Raises ValueError where there are no facts, or nobody to hide."""
    if choice.side == "user" and not ratings.user_facts:
        raise ValueError(
            "No facts about users are known: put a users.csv beside the ratings, with their ids in its first column."
        )
    rated = np.flatnonzero(counts_of_side(ratings, choice.side) > 0)
    n_hidden = round(choice.share * len(rated))
    if not 0 < n_hidden < len(rated):
        raise ValueError(
            f"Only {counted(len(rated), choice.side)} with ratings: too few to hide some and learn from the others."
        )
    return np.random.default_rng(choice.seed).choice(rated, n_hidden, replace=False).astype(np.int32)


def _rows_of_ratings(ratings: Ratings, side: SideName) -> Indices:
    """(n_ratings,) whose rating each is, or of which movie."""
    return ratings.users if side == "user" else ratings.movies


def _mse(factors: Factors, held_out: Ratings, scale: tuple[float, float]) -> float:
    predictions = np.clip(predict(factors, held_out.users, held_out.movies), *scale)
    return float(np.mean(np.square(held_out.values.astype(np.float64) - predictions)))
