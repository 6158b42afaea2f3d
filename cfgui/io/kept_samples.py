"""The draws of Gibbs sampling as members of an archive and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import KEPT_SAMPLES, Moments, PosteriorMean
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.view import View
from cfgui.io.archive import Archive, ArchiveError, Array
from cfgui.io.head_values import finite, is_finite, items, whole

MAX_SAMPLES = 128 * 2**20
"""Bytes of the draws of one sheet that are kept, with what is known of held-out ratings; more begin anew."""

_PAIRS = (("users", "<i4"), ("movies", "<i4"), ("values", "<f4 <f8"), ("mean", "<f8"), ("squares", "<f8"))
"""What is kept of each held-out rating."""


def put_samples(samples: Samples | None, prefix: str, members: dict[str, Array]) -> dict[str, object] | None:
    """Put draws among the members, their names beginning with ``prefix``; what the head says of them.

    None where there are none, or more than ``MAX_SAMPLES``.
    """
    if samples is None or _size(samples) > MAX_SAMPLES:
        return None
    moments, held_out = samples.mean.moments, samples.held_out
    members[f"{prefix}draws"] = _rows(samples.draws)
    if held_out is not None:
        arrays: list[Array] = [held_out.users, held_out.movies, held_out.values, moments.mean, moments.squares]
        members |= {f"{prefix}{name}": array for (name, _), array in zip(_PAIRS, arrays, strict=True)}
    return {
        "n_seen": moments.n_seen,
        "stride": moments.stride,
        "scale": list(samples.scale),
        "rmse": None if math.isnan(samples.rmse) else samples.rmse,
        "held_out": held_out is not None,
    }


def _size(samples: Samples) -> int:
    n_pairs = 0 if samples.held_out is None else samples.held_out.n_ratings
    return sum(4 * draw.n_parameters for draw in samples.draws) + 32 * n_pairs


def _rows(draws: tuple[Factors, ...]) -> Array:
    """(n_draws, n_parameters) float32."""
    return np.stack([draw.flat() for draw in draws]) if draws else np.zeros((0, 0), dtype=np.float32)


def read_samples(
    archive: Archive, prefix: str, described: object, factors: Factors, ratings: Ratings, view: View | None
) -> Samples | None:
    """The draws of a sheet with the weights ``factors``, drawn for all ``ratings`` or for those of ``view``.

    Raises ArchiveError, KeyError, TypeError where the head describes none, or such as cannot be.
    """
    if described is None:
        return None
    if not isinstance(described, dict) or factors.layers:
        raise ArchiveError("no draws")
    held_out, mean, squares = _read_held_out(archive, prefix, described["held_out"], ratings, view)
    moments = Moments(whole(described, "n_seen"), whole(described, "stride"), mean, squares)
    draws = _read_draws(archive, prefix, factors if view is None else factors.part(view.users, view.movies))
    scale = _scale(items(described, "scale"))
    pairs = (held_out.users, held_out.movies) if held_out is not None else (np.zeros(0, dtype=np.int32),) * 2
    resumed = PosteriorMean.resumed(pairs, moments, draws, scale)
    if len(draws) > min(KEPT_SAMPLES, resumed.n_samples) or moments.stride.bit_count() != 1:
        raise ArchiveError("more draws than there can be")
    return Samples(factors, resumed, scale, _rmse(described), held_out)


def _read_held_out(
    archive: Archive, prefix: str, described: object, ratings: Ratings, view: View | None
) -> tuple[Ratings | None, Array, Array]:
    """The held-out ratings that were looked at, with the mean and the squares of their predictions."""
    if described is False:
        return None, np.zeros(0), np.zeros(0)
    if described is not True:
        raise ArchiveError("ratings that may be held out")
    n_pairs: int | None = None
    arrays = []
    for name, dtypes in _PAIRS:
        arrays.append(archive.array(f"{prefix}{name}", dtypes, (n_pairs,)))
        n_pairs = len(arrays[0])
    users, movies, values, mean, squares = arrays
    n_users, n_movies = (ratings.n_users, ratings.n_movies) if view is None else (len(view.users), len(view.movies))
    for places, n_all in ((users, n_users), (movies, n_movies)):
        if len(places) and (places.min() < 0 or places.max() >= n_all):
            raise ArchiveError("a held-out rating of nobody")
    if (np.diff(users.astype(np.int64) * n_movies + movies) <= 0).any():
        raise ArchiveError("held-out ratings out of order")
    if not all(np.isfinite(array).all() for array in (values, mean, squares)) or (squares < 0.0).any():
        raise ArchiveError("a held-out rating is not finite")
    user_ids, movie_ids = ratings.user_ids, ratings.movie_ids
    if view is not None:
        user_ids = tuple(user_ids[user] for user in view.users.tolist())
        movie_ids = tuple(movie_ids[movie] for movie in view.movies.tolist())
    return Ratings(user_ids, movie_ids, users, movies, values), mean, squares


def _read_draws(archive: Archive, prefix: str, like: Factors) -> list[Factors]:
    """Draws of the shape of ``like``, in float32."""
    rows = archive.array(f"{prefix}draws", "<f4", (None, None))
    if len(rows) and rows.shape[1] != like.n_parameters:
        raise ArchiveError("draws of other weights")
    return [like.view_of(row) for row in rows]


def _scale(ends: list[Any]) -> tuple[float, float]:
    if len(ends) != 2 or not all(map(is_finite, ends)) or ends[0] > ends[1]:
        raise ArchiveError("a scale that does not rise")
    return float(ends[0]), float(ends[1])


def _rmse(described: dict[str, Any]) -> float:
    """That over the held-out ratings; NaN where nobody knew."""
    return math.nan if described["rmse"] is None else finite(described, "rmse")
