"""Alternating least squares: all users at once, each exactly, then all movies, and so on.

With one side's factors held fast, the best ones of each row of the other are the solution of a small linear system, so
there is no learning rate. Sources: Bell & Koren, "Scalable collaborative filtering with jointly derived neighborhood
interpolation weights", ICDM 2007; Zhou, Wilkinson, Schreiber & Pan, "Large-scale parallel collaborative filtering for
the Netflix prize", AAIM 2008, for the weighted kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.als_sides import sides
from cfgui.core.als_systems import N_THREADS, Features, System, solve_rows
from cfgui.core.factors import Factors
from cfgui.core.objective import Objective, Problem
from cfgui.core.optimizer_state import OptimizerState, Pace, Update
from cfgui.core.ratings import Floats


@dataclass(frozen=True)
class Als:
    """ALS as an optimizer: update 1, 3, 5 ... solves for all users, update 2, 4, 6 ... for all movies.

    Minimises the sum of squared residuals + ``lambda_`` * sum(p ** 2) over all weights, biases included, or with
    ``weighted`` each row's squares times its number of ratings too. In the bias model a row's factors and its bias are
    solved for together. A row without ratings becomes 0. Of a large table the sums are float32, which moves the RMSE by
    less than 1e-4, and the rows are shared by ``n_threads``.
    """

    lambda_: float = 0.1
    weighted: bool = False
    n_threads: int = N_THREADS
    name: str = "als"

    def start(self, n_parameters: int) -> OptimizerState:
        """Nothing to remember but whose turn it is."""
        return OptimizerState(self.name, ())

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One half-step. Raises Interrupted, and ValueError where scores are no sums of products."""
        objective = linear(problem)
        new = self._half(objective, objective.shape.view_of(vector), users=state.count % 2 == 0)
        return Update(only_free(objective, vector, new), replace(state, count=state.count + 1))

    def _half(self, objective: Objective, factors: Factors, *, users: bool) -> Factors:
        """Factors with the users, or the movies, solved for."""
        both = sides(factors, objective.users, objective.movies, objective.values)
        side = both.by_user if users else both.by_movie
        known = features_of(factors, users=not users)
        d = known.table.shape[1]
        ridge = System(
            np.eye(d) * (0.0 if self.weighted else self.lambda_),
            np.zeros(d),
            self.lambda_ if self.weighted else 0.0,
        )
        rows = solve_rows(side, known, ridge, None, objective.watch, n_threads=self.n_threads, single=True)
        return with_rows(factors, rows, users=users)


def linear(problem: Problem) -> Objective:
    """The problem as one of ratings whose scores are sums of products. Raises ValueError for any other."""
    if not isinstance(problem, Objective) or problem.shape.layers or problem.shape.range.kind in ("sigmoid", "tanh"):
        raise ValueError(
            "ALS and Gibbs sampling solve for the dot and bias models with no range or clip: choose such a model, or"
            " another optimizer."
        )
    return problem


def only_free(objective: Objective, old: Floats, new: Factors) -> Floats:
    """The new weights as a vector, with those that are to stay as they were."""
    vector = new.flat()
    return vector if objective.free is None else np.where(objective.free != 0.0, vector, old)


def features_of(factors: Factors, *, users: bool) -> Features:
    """What the users', or the movies', weights are to the rows of the other side.

    In the bias model the other side's bias stands beside its factors, with the feature 1.
    """
    table = factors.user_factors if users else factors.movie_factors
    bias = factors.user_bias if users else factors.movie_bias
    if bias is None:
        return Features(table, np.full(len(table), factors.global_mean))
    return Features(np.column_stack([table, np.ones(len(table))]), bias + factors.global_mean)


def with_rows(factors: Factors, rows: Floats, *, users: bool) -> Factors:
    """Factors whose users, or movies, are these ``rows`` (n, k), or (n, k + 1) with the bias last."""
    k = factors.n_factors
    table, bias = np.ascontiguousarray(rows[:, :k]), rows[:, k] if factors.has_bias else None
    if users:
        return replace(factors, user_factors=table, user_bias=bias)
    return replace(factors, movie_factors=table, movie_bias=bias)
