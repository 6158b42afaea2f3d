"""Factors: the weights of one model, as the sheet shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Floats, Indices

Change = Callable[[Floats], Floats]
"""What makes a table of weights out of another."""


def _unchanged(table: Floats) -> Floats:
    return table


@dataclass(frozen=True, eq=False)
class Layer:
    """One linear layer of a net: ``weights`` (n_in, n_out) and ``bias`` (n_out,), float64."""

    weights: Floats
    bias: Floats

    @property
    def n_parameters(self) -> int:
        """How many numbers it has."""
        return int(self.weights.size + self.bias.size)


@dataclass(frozen=True, eq=False)
class Factors:
    """The parameters of one model, float64, and how a score becomes a prediction.

    ``user_factors`` is (n_users, n_factors), ``movie_factors`` (n_movies, n_movie_factors); ``user_bias`` (n_users,)
    and ``movie_bias`` (n_movies,) are None but in the bias model. A net has ``layers``, the output last; of an ordinal
    net ``classes`` are the rating values that its outputs stand for. ``global_mean`` is added to the score of the bias
    model and not trained; ``range`` makes the prediction of it. Treat the arrays as read-only: edits make new objects.
    """

    user_factors: Floats
    movie_factors: Floats
    user_bias: Floats | None = None
    movie_bias: Floats | None = None
    layers: tuple[Layer, ...] = ()
    classes: tuple[float, ...] = ()
    global_mean: float = 0.0
    range: RatingRange = NO_RANGE

    @property
    def n_users(self) -> int:
        """Rows of the user table."""
        return int(self.user_factors.shape[0])

    @property
    def n_movies(self) -> int:
        """Rows of the movie table."""
        return int(self.movie_factors.shape[0])

    @property
    def n_factors(self) -> int:
        """Latent factors per user; per movie too but in a net."""
        return int(self.user_factors.shape[1])

    @property
    def n_movie_factors(self) -> int:
        """Latent factors per movie."""
        return int(self.movie_factors.shape[1])

    @property
    def width(self) -> int:
        """Numbers held for each rating while it is worked on: its factors, or what goes into a net's layers."""
        if not self.layers:
            return self.n_factors
        return sum(int(layer.weights.shape[0]) for layer in self.layers) + int(self.layers[-1].bias.size)

    @property
    def has_bias(self) -> bool:
        """Whether users and movies carry a bias each."""
        return self.user_bias is not None

    @property
    def model(self) -> str:
        """The name of the model these are weights of."""
        if self.layers:
            return "ordinal" if self.classes else "neural"
        return "bias" if self.has_bias else "dot"

    @property
    def tables(self) -> tuple[Floats, ...]:
        """Every array of weights in the order of ``flat``: factors, biases, then each layer's weights and bias."""
        tables = [self.user_factors, self.movie_factors]
        if self.user_bias is not None and self.movie_bias is not None:
            tables += [self.user_bias, self.movie_bias]
        for layer in self.layers:
            tables += [layer.weights, layer.bias]
        return tuple(tables)

    @property
    def n_parameters(self) -> int:
        """How many numbers an optimizer may change."""
        return sum(table.size for table in self.tables)

    def flat(self) -> Floats:
        """A new vector of all parameters: ``tables`` one after another, each row by row."""
        return np.concatenate([table.ravel() for table in self.tables])

    def view_of(self, vector: Floats) -> Factors:
        """Factors of this shape whose arrays are views into ``vector`` (the layout of ``flat``)."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        a = n * k
        b = a + m * self.n_movie_factors
        c, d = (b + n, b + n + m) if self.has_bias else (b, b)
        return Factors(
            vector[:a].reshape(n, k),
            vector[a:b].reshape(m, self.n_movie_factors),
            vector[b:c] if self.has_bias else None,
            vector[c:d] if self.has_bias else None,
            self._layers_of(vector, d) if self.layers else (),
            self.classes,
            self.global_mean,
            self.range,
        )

    def _layers_of(self, vector: Floats, start: int) -> tuple[Layer, ...]:
        layers = []
        for layer in self.layers:
            middle, end = start + layer.weights.size, start + layer.n_parameters
            layers.append(Layer(vector[start:middle].reshape(layer.weights.shape), vector[middle:end]))
            start = end
        return tuple(layers)

    def flat_index(self, table: str, row: int, factor: int) -> int:
        """Where a weight stands in ``flat``.

        ``table`` is a field of this class, or "layer2.weights", "layer2.bias" for the second layer's; a bias of a user
        or movie has factor 0, one of a layer row 0.
        """
        start = 0
        for name, array in zip(self.table_names, self.tables, strict=True):
            if name == table:
                width = array.shape[1] if array.ndim == 2 else 1
                return start + (factor if name.startswith("layer") and array.ndim == 1 else row * width + factor)
            start += array.size
        raise KeyError(table)

    @property
    def table_names(self) -> tuple[str, ...]:
        """The name of each of ``tables``, as ``flat_index`` takes it."""
        names = ["user_factors", "movie_factors"]
        names += ["user_bias", "movie_bias"] if self.has_bias else []
        for number in range(1, len(self.layers) + 1):
            names += [f"layer{number}.weights", f"layer{number}.bias"]
        return tuple(names)

    @property
    def description(self) -> dict[str, object]:
        """All but the numbers, in terms that JSON can hold; ``Factors.described`` puts both together again."""
        return {
            "shapes": [list(table.shape) for table in self.tables],
            "has_bias": self.has_bias,
            "classes": list(self.classes),
            "global_mean": self.global_mean,
            "range": [self.range.kind, self.range.low, self.range.high],
        }

    @classmethod
    def described(cls, description: Mapping[str, Any], tables: Sequence[Floats]) -> Factors:
        """The weights of ``description`` with these ``tables``. The caller has checked both."""
        users, movies, *rest = tables
        user_bias, movie_bias = (rest.pop(0), rest.pop(0)) if description["has_bias"] else (None, None)
        layers = tuple(Layer(*pair) for pair in zip(rest[::2], rest[1::2], strict=True))
        classes, mean = tuple(description["classes"]), float(description["global_mean"])
        rating_range = RatingRange(*description["range"])
        return cls(users, movies, user_bias, movie_bias, layers, classes, mean, rating_range)

    def part(self, users: Indices | slice, movies: Indices | slice) -> Factors:
        """The weights of some users and movies, in that order; layers whole."""
        return self.with_tables(lambda table: table[users], lambda table: table[movies])

    def with_tables(self, users: Change = _unchanged, movies: Change = _unchanged) -> Factors:
        """New factors: ``users`` makes the tables of users, factors (n, k) and bias (n,), of the present ones.

        ``movies`` likewise those of movies; layers, range and all else stay.
        """
        return replace(
            self,
            user_factors=users(self.user_factors),
            movie_factors=movies(self.movie_factors),
            user_bias=None if self.user_bias is None else users(self.user_bias),
            movie_bias=None if self.movie_bias is None else movies(self.movie_bias),
        )

    def places(self, users: Indices, movies: Indices) -> NDArray[np.int64]:
        """Where the weights of ``part`` stand in ``flat``, in its order."""
        indices = self.view_of(np.arange(self.n_parameters, dtype=np.float64)).part(users, movies)
        return indices.flat().astype(np.int64)

    def copy(self) -> Factors:
        """A deep copy in one new read-only block of memory."""
        vector = self.flat()
        vector.flags.writeable = False
        return self.view_of(vector)

    def same_shape(self, other: Factors) -> bool:
        """Whether both have the same tables of the same sizes."""
        shapes, others = ([table.shape for table in factors.tables] for factors in (self, other))
        return shapes == others and self.has_bias == other.has_bias and self.classes == other.classes

    def equals(self, other: Factors) -> bool:
        """Whether shapes, range and every bit of every number agree (NaN equals nothing)."""
        return self._is_alike(other) and all(map(np.array_equal, self.tables, other.tables))

    def shares(self, other: Factors) -> bool:
        """Whether both are the very same numbers in memory, with the same range; a moment's work, however many."""
        places = ([table.__array_interface__ for table in factors.tables] for factors in (self, other))
        return self._is_alike(other) and next(places) == next(places)

    def _is_alike(self, other: Factors) -> bool:
        """Whether all but the numbers agrees."""
        return self.same_shape(other) and (self.range, self.global_mean) == (other.range, other.global_mean)

    def with_n_factors(self, n_factors: int, seed: int, n_movie_factors: int | None = None) -> Factors:
        """These factors with columns dropped from, or added at, the end; ``n_movie_factors`` None is as many.

        No prediction changes at the moment of adding and yet some gradient is not zero: an added factor is uniform in
        [0, 1) for users and exactly 0 for movies, or, in a net, uniform for both with zeros where the first layer takes
        it in. Raises ValueError for less than one.
        """
        n_movie_factors = n_factors if n_movie_factors is None else n_movie_factors
        if min(n_factors, n_movie_factors) < 1:
            raise ValueError("A model needs at least one factor.")
        rng = np.random.default_rng(seed)
        users = _widened(self.user_factors, n_factors, rng.random)
        movies = _widened(self.movie_factors, n_movie_factors, rng.random if self.layers else np.zeros)
        layers = self.layers
        if layers:
            first, k = layers[0].weights, self.n_factors
            rows = [
                _widened(part.T, n, np.zeros).T for part, n in ((first[:k], n_factors), (first[k:], n_movie_factors))
            ]
            layers = (Layer(np.vstack(rows), layers[0].bias), *layers[1:])
        return replace(self, user_factors=users, movie_factors=movies, layers=layers).copy()


Decay = float | Floats
"""Weight decay: one for all weights, or a vector of one for each in the order of ``Factors.flat``."""


def _widened(table: Floats, width: int, fresh: Callable[[tuple[int, int]], Floats]) -> Floats:
    """``table`` with so many columns: the first ones, or all and fresh ones after them."""
    keep = min(width, table.shape[1])
    return np.hstack([table[:, :keep], fresh((len(table), width - keep))])
