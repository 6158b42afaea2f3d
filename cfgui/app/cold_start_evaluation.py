"""How well new users are predicted: users are held out, some of their ratings given, the rest of them predicted.

The model never sees the held-out users. Of each, the same ratings are always predicted: all but the most that are ever
given; so the errors after 0, 5, 10 ... ratings are of the same ratings and can be compared. Which ratings are given is
random, from a seed, and those given first are among those given later.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cfgui.app.evaluating import Length, OnReport
from cfgui.app.hidden_ratings import trained_without
from cfgui.app.trained_model import TrainedModel
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.cold_start import METHODS, ColdStart
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.unknown import known_rows
from cfgui.core.user_features import user_features

FACTS, ITEM_MEAN = "facts", "item mean"

LABELS: dict[str, str] = {**METHODS, FACTS: "Fold-in from facts", ITEM_MEAN: "Item mean"}
"""Every row of the comparison by its name: the methods, the fold-in that begins from facts, and the baseline."""


@dataclass(frozen=True)
class ColdStartChoice:
    """Whom to hold out: ``n_users`` of those with at least ``min_ratings``, and how many ``given`` ratings to try.

    Raises ValueError with one plain sentence where that is not possible.
    """

    n_users: int = 100
    min_ratings: int = 30
    given: tuple[int, ...] = (0, 5, 10, 20)
    seed: int = 42

    def __post_init__(self) -> None:
        if self.n_users < 1:
            raise ValueError(f"At least one user must be held out, not {self.n_users}.")
        if not self.given or min(self.given) < 0 or list(self.given) != sorted(set(self.given)):
            raise ValueError("The numbers of given ratings must rise and be 0 or more, as 0, 5, 10, 20.")
        if self.min_ratings <= self.given[-1]:
            raise ValueError(
                f"Users with {self.min_ratings} ratings have none left to predict after {self.given[-1]}: ask for more."
            )


@dataclass(frozen=True, eq=False)
class ColdStartEvaluation:
    """``mse`` by method (``LABELS``): one figure for each of ``given``; of ``n_users`` users and ``n_ratings`` ratings.

    ``FACTS`` is among them only where facts about users are known; ``facts_help`` says whether they were found to be
    better than the mean user, from the users trained on alone, and is None where there are none.

    ``sd`` is what the Bayesian method says of its predictions' standard deviation on average, for each of ``given``.
    ``n_unknown`` counts predicted ratings of movies that nobody else has rated: these have the mean movie.
    """

    given: tuple[int, ...]
    mse: dict[str, tuple[float, ...]]
    sd: tuple[float, ...]
    n_users: int
    n_ratings: int
    n_unknown: int
    n_draws: int
    note: str
    facts_help: bool | None = None

    @property
    def facts_sentence(self) -> str:
        """What beginning from facts is worth, honestly; "" where none are known."""
        if self.facts_help is None:
            return ""
        if not self.facts_help:
            return "The facts about users say no more than the mean user does, so they change nothing."
        shares = [own / other - 1.0 for own, other in zip(self.mse[FACTS], self.mse["fold-in"], strict=True)]
        changes = ", ".join(f"{share:+.1%} after {n}" for share, n in zip(shares, self.given, strict=True))
        return f"Beginning from the facts about users, the fold-in's MSE is changed by {changes} ratings."

    @property
    def falls(self) -> bool:
        """Whether the fold-in's MSE falls with every step of ``given``, and beats the mean vector after the first."""
        folded, mean = self.mse["fold-in"], self.mse["mean"]
        falls = all(after < before for before, after in pairwise(folded))
        return falls and all(own < other for own, other, n in zip(folded, mean, self.given, strict=True) if n)


def held_out_users(ratings: Ratings, choice: ColdStartChoice) -> NDArray[np.int64]:
    """The users to hold out, ascending. Raises ValueError where nobody has enough ratings, or nobody else is left."""
    enough = np.flatnonzero(ratings.user_counts >= choice.min_ratings)
    if not len(enough):
        raise ValueError(f"Nobody has {choice.min_ratings} ratings: there is nobody to hold out.")
    n = min(choice.n_users, len(enough))
    if n >= int((ratings.user_counts > 0).sum()):
        raise ValueError("Holding these users out would leave nobody to learn from: hold out fewer.")
    return np.sort(np.random.default_rng(choice.seed).choice(enough, n, replace=False))


def evaluate_cold_start(
    document: Document,
    hyperparameters: Hyperparameters,
    length: Length,
    choice: ColdStartChoice | None = None,
    *,
    on_report: OnReport | None = None,
    stop: Stop = never,
) -> ColdStartEvaluation:
    """Hold users out, train on the others, predict. Raises ValueError, one plain sentence, and Interrupted."""
    choice = choice or ColdStartChoice()
    held = held_out_users(document.ratings, choice)
    is_held = np.isin(document.ratings.users, held)
    found, held_out = trained_without(document, is_held, hyperparameters, length, on_report=on_report, stop=stop)
    return measure(found, held_out, held, choice, stop)


def measure(
    found: TrainedModel, held_out: Ratings, held: NDArray[np.int64], choice: ColdStartChoice, stop: Stop = never
) -> ColdStartEvaluation:
    """The same of a model that was trained without the users ``held``; ``held_out`` are their ratings. May raise
    Interrupted.
    """
    train = found.ratings
    features = user_features(train)
    table = features.table if features.facts else None
    cold = ColdStart(train, known_rows(found.factors, train), found.samples, features=table)
    errors = _Errors(cold, choice.given, [name for name in LABELS if name != FACTS or table is not None])
    rng = np.random.default_rng([choice.seed, 1])
    for user in held.tolist():
        if stop():
            raise Interrupted
        movies, values = held_out.user_line(user)
        order = rng.permutation(len(movies))
        errors.add(movies[order], values[order], features.of_user(user))
    return ColdStartEvaluation(
        choice.given,
        {name: errors.mean(sums) for name, sums in errors.squares.items()},
        errors.mean(errors.sds),
        len(held),
        errors.n_ratings,
        errors.n_unknown,
        len(cold.drawn_priors),
        found.note,
        None if cold.metadata is None else cold.metadata.helps,
    )


class _Errors:
    """Sums over predicted ratings, for each number of ``given`` ones: ``squares`` of errors by method, and ``sds``."""

    def __init__(self, cold: ColdStart, given: tuple[int, ...], names: list[str]) -> None:
        self._cold, self._given = cold, given
        self.squares = {name: np.zeros(len(given)) for name in names}
        self.sds = np.zeros(len(given))
        self.n_ratings = self.n_unknown = 0

    def add(self, movies: Indices, values: Floats, facts: Floats | None) -> None:
        """Predict one user's ratings, those after the most that are given, from the first of them."""
        ratings, last = self._cold.ratings, self._given[-1]
        asked, truth = movies[last:], values[last:].astype(np.float64)
        self.n_ratings += len(asked)
        self.n_unknown += int((ratings.movie_counts[asked] == 0).sum())
        from_facts = self._cold.of(facts)
        for place, n in enumerate(self._given):
            for name, sums in self.squares.items():
                cold = from_facts if name == FACTS else self._cold
                predictions, sd = _predicted(cold, name, (movies[:n], values[:n]), asked)
                sums[place] += np.square(truth - np.clip(predictions, *ratings.scale)).sum()
                if sd is not None:
                    self.sds[place] += sd.sum()

    def mean(self, sums: Floats) -> tuple[float, ...]:
        """The same for one predicted rating."""
        return tuple((sums / self.n_ratings).tolist())


def _predicted(
    cold: ColdStart, name: str, given: tuple[Indices, Floats], asked: Indices
) -> tuple[Floats, Floats | None]:
    if name == ITEM_MEAN:
        return cold.item_mean[asked], None
    guess = cold.guess("fold-in" if name == FACTS else name, *given, among=asked)
    return guess.predictions, guess.sd
