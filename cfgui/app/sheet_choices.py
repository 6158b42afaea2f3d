"""The choices that belong to a sheet, because its weights say what they are; all others are the whole session's."""

from __future__ import annotations

from dataclasses import replace

from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.losses import check_targets
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.structure import choices_of, mean_of, range_of

SHEET_OPTIONS = ("n_factors", "n_movie_factors", "factor_rule", "hidden", "global_mean", "range", "low", "high")
"""Options that change the weights of a sheet (``edits.SetStructure``)."""

_CONCESSIONS: tuple[dict[str, str], ...] = ({}, {"loss": "mse"}, {"loss": "mse", "optimizer": "gd"})
"""What gives way, in this order, where the session's choices do not go with a sheet."""


def mirrored(choices: Hyperparameters, factors: Factors) -> Hyperparameters:
    """The session's choices with those of the sheet that holds ``factors``.

    Where the two do not go together, the loss becomes the squared error, and then the optimizer gradient descent.
    Raises ValueError where the weights themselves are beyond what may be chosen, such as too many factors.
    """
    own = choices_of(factors)
    for concession in _CONCESSIONS:
        try:
            return replace(choices, **{**own, **concession})  # type: ignore[arg-type]  # checked by the option table
        except ValueError as error:
            problem = error
    raise problem


def check_choices(choices: Hyperparameters, ratings: Ratings) -> None:
    """Raise ValueError where the range would not rise, or binary cross-entropy would have no lowest value."""
    check_loss(choices, range_of(choices, ratings.scale), ratings)


def check_loss(choices: Hyperparameters, rating_range: RatingRange, ratings: Ratings) -> None:
    """Raise ValueError where the chosen loss has no lowest value for these ratings in that range."""
    if choices.loss == "bce" and choices.model != "ordinal" and ratings.n_ratings:
        check_targets(rating_range, ratings.scale)


def with_mean_of(factors: Factors, trains: Ratings | None) -> Factors:
    """The same weights whose global mean, where they have one, is that of the ratings that train."""
    return replace(factors, global_mean=mean_of(trains)) if factors.global_mean and trains is not None else factors
