"""The lines of a net's sheet: for each rating the formulas that calculate the net, and the numbers they give."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.models import predict
from cfgui.core.networks import softmax
from cfgui.core.ratings import Floats, Ratings
from cfgui.io.embedding_values import needs_exact
from cfgui.io.net_layout import NetLayout


class NetLines:
    """The lines of one sheet, one for each rating in row order."""

    def __init__(self, layout: NetLayout, ratings: Ratings, factors: Factors) -> None:
        self._layout, self._ratings, self._factors = layout, ratings, factors
        self._exact = needs_exact(ratings.user_ids), needs_exact(ratings.movie_ids)

    @cached_property
    def lines(self) -> dict[tuple[int, int], int]:
        """The line of each rated (user, movie)."""
        pairs = zip(self._ratings.users.tolist(), self._ratings.movies.tolist(), strict=True)
        return {pair: line for line, pair in enumerate(pairs)}

    def prediction_formula(self, user: int, movie: int) -> str:
        """The formula of one prediction of the crosstab, "" where the sheet has no lines."""
        if not self._layout.has_lines:
            return ""
        return self._layout.crosstab_formula(user, movie, self.lines.get((user, movie)))

    def formula(self, line: int, place: int) -> str:
        """The formula at a place of a line, "" where an id is typed."""
        user, movie = int(self._ratings.users[line]), int(self._ratings.movies[line])
        exact = self._exact[0][user], self._exact[1][movie]
        return self._layout.line_formula(line, place, user, movie, exact=exact)

    @cached_property
    def values(self) -> dict[str, Floats]:
        """The program's own value of every column but the ids, (n_ratings,) each, by its name."""
        ratings, factors = self._ratings, self._factors
        users, movies = ratings.users, ratings.movies
        with np.errstate(all="ignore"):
            values = {"rating": ratings.values.astype(np.float64)}
            values |= {"user idx": (users + 1).astype(np.float64), "movie idx": (movies + 1).astype(np.float64)}
            embeddings = np.concatenate([factors.user_factors[users], factors.movie_factors[movies]], axis=1)
            names = [column.name for column in self._layout.line_columns if column.kind in ("user", "movie")]
            values |= dict(zip(names, embeddings.T, strict=True))
            values |= self._units(embeddings)
            predictions = predict(factors, users, movies)
            values |= {"predict": predictions, "error^2": np.square(ratings.values - predictions)}
        return values

    def _units(self, inputs: Floats) -> dict[str, Floats]:
        """What each unit gives, and of an ordinal net what makes probabilities of the outputs."""
        values: dict[str, Floats] = {}
        for number, layer in enumerate(self._factors.layers, start=1):
            inputs = inputs @ layer.weights + layer.bias
            if number < len(self._factors.layers):
                inputs = np.maximum(inputs, 0.0)
            values |= {f"layer {number} unit {unit}": column for unit, column in enumerate(inputs.T, start=1)}
        if self._factors.classes:
            highest = inputs.max(axis=1)
            values |= {"max": highest, "sum": np.exp(inputs - highest[:, None]).sum(axis=1)}
            values |= {f"p {number}": share for number, share in enumerate(softmax(inputs).T, start=1)}
        return values
