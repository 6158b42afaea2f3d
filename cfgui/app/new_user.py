"""A new user before a row is kept: predictions by every method side by side, and what is still uncertain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cfgui.app.new_user_model import NewUserModel, ToldModel
from cfgui.app.number_columns import Column
from cfgui.app.told_facts import ToldFacts
from cfgui.app.words import counted
from cfgui.core.chunks import Stop, never
from cfgui.core.cold_start import METHODS, Guess
from cfgui.core.fold_in import fold_in
from cfgui.core.questionnaire import Question
from cfgui.core.ratings import Floats, Mask, Ratings
from cfgui.core.view import indices_of

SUMMED = 2_000
"""The most rated movies whose predictions the uncertainty is of; they have nearly all the ratings."""

MOST_STEPS = 60
"""Ratings after each of which the uncertainty is worked out; of more, the last ones."""


@dataclass(frozen=True)
class NewUserQuestion:
    """What a person typed: ``ratings`` (movie id, rating) in the order given, and who is picked as of average taste.

    ``average`` is a user id, "" for the one nearest the mean. With ``asks`` the questionnaire goes on; ``skipped`` are
    the ids of movies that were answered with "don't know". ``facts``, joined by "|", are known of the user besides.
    """

    ratings: tuple[tuple[str, float], ...] = ()
    average: str = ""
    asks: bool = False
    skipped: frozenset[str] = frozenset()
    facts: str = ""


@dataclass(frozen=True, eq=False)
class NewUserAnswer:
    """Predictions of each method (``cold_start.METHODS``) for all movies, and the baseline beside them.

    ``places`` are the movie indices of the ratings; those of movies the table does not have are left out. ``spreads``
    holds how uncertain predictions are, in ratings, after ``first_spread``, ``first_spread`` + 1, … of them.
    """

    model: NewUserModel
    question: NewUserQuestion
    places: tuple[int, ...]
    guesses: Mapping[str, Guess]
    spreads: tuple[float, ...]
    first_spread: int
    next: Question | None

    @property
    def told(self) -> ToldFacts:
        """What came of the facts."""
        return self.model.told(self.question.facts).told

    @property
    def average_id(self) -> str:
        """Whose taste stands for the average."""
        row = self.guesses["average"].row
        return "" if row is None else self.model.reading.ratings.user_ids[row]


def answer_of(model: NewUserModel, question: NewUserQuestion, cancelled: Stop = never) -> NewUserAnswer:
    """Every method's answer; for a thread of its own, though on a hundred thousand ratings it takes a moment."""
    ratings = model.reading.ratings
    given = _by_index(ratings, question.ratings)
    places, values = np.array([*given], dtype=np.int32), np.array([*given.values()])
    told = model.told(question.facts)
    picked = indices_of(ratings.user_ids, [question.average]).tolist() if question.average else []
    guesses = {
        method: told.cold.guess(method, places, values, row=picked[0] if picked and method == "average" else None)
        for method in METHODS
    }
    _ = model.names, model.cold.item_mean
    first, spreads = _spreads(told, tuple(given.items()), cancelled)
    skipped = set(indices_of(ratings.movie_ids, sorted(question.skipped)).tolist())
    following = told.questionnaire.next(given, skipped) if question.asks and not cancelled() else None
    return NewUserAnswer(model, question, tuple(given), guesses, spreads, first, following)


def _by_index(ratings: Ratings, given: tuple[tuple[str, float], ...]) -> dict[int, float]:
    there = set(ratings.movie_ids).intersection(raw_id for raw_id, _ in given)
    known = [(raw_id, value) for raw_id, value in given if raw_id in there]
    return dict(
        zip(
            indices_of(ratings.movie_ids, [raw_id for raw_id, _ in known]).tolist(),
            (value for _, value in known),
            strict=True,
        )
    )


def _spreads(model: ToldModel, given: tuple[tuple[int, float], ...], cancelled: Stop) -> tuple[int, tuple[float, ...]]:
    """How uncertain predictions are after each rating: the root of their mean variance, weighted by ratings."""
    counts = model.cold.ratings.movie_counts
    most_rated = np.argsort(-counts, kind="stable")[:SUMMED].astype(np.int32)
    share = counts[most_rated] / max(1, int(counts[most_rated].sum()))
    first, found = max(0, len(given) - MOST_STEPS), []
    for n in range(first, len(given) + 1):
        if cancelled():
            break
        if given[:n] not in model.spreads:
            places = np.array([place for place, _ in given[:n]], dtype=np.int32)
            folded = fold_in(model.cold.prior, places, np.array([value for _, value in given[:n]]))
            variance = float((share * np.square(folded.sd(most_rated))).sum())
            model.spreads[given[:n]] = float(np.sqrt(variance))
        found.append(model.spreads[given[:n]])
    return first, tuple(found)


def unrated(answer: NewUserAnswer, least: int) -> Mask:
    """(n_movies,) True for movies with at least ``least`` ratings which the new user has not rated."""
    mask: Mask = answer.model.cold.ratings.movie_counts >= least
    mask[list(answer.places)] = False
    return mask


def prediction_columns(answer: NewUserAnswer) -> list[Column]:
    """The table of movies: each method's prediction side by side, and the item mean."""
    reading, guesses = answer.model.reading, answer.guesses
    ratings = reading.ratings
    bayesian = guesses["bayesian"]
    uncertain: Floats = np.full(ratings.n_movies, np.nan) if bayesian.sd is None else bayesian.sd
    draws = (
        f"folded into each of {bayesian.n_draws} draws of Gibbs sampling, and averaged"
        if bayesian.n_draws
        else "the same most probable vector, for there are no draws of Gibbs sampling"
    )
    return [
        Column("movie", answer.model.names, None, "The movie, by its title where one is known.", wide=True),
        Column("rated", answer.model.cold.ratings.movie_counts, 0, "How many users rated the movie."),
        Column("mean", guesses["mean"].predictions, 2, "By the mean user: the mean of all user vectors."),
        Column("average", guesses["average"].predictions, 2,
               f"By the vector of user {answer.average_id}, whose taste stands for the average."),
        Column("fold-in", guesses["fold-in"].predictions, 2,
               "By the most probable vector after these ratings, all movies staying as they are."),
        Column("Bayes", bayesian.predictions, 2, f"By what the ratings leave open: {draws}."),
        Column("±", uncertain, 2, "One standard deviation of the Bayesian prediction: what the ratings leave open."),
        Column("item", answer.model.cold.item_mean, 2, "The item mean, whoever asks: the plain baseline."),
    ]  # fmt: skip


def uncertainty_sentence(answer: NewUserAnswer) -> str:
    """As "After 3 ratings predictions are uncertain by ±0.41; before the first one by ±0.62."."""
    n, now = len(answer.places), answer.spreads[-1] if answer.spreads else float("nan")
    if not n:
        whose = "users like this one" if answer.told.helps else "users"
        return f"Without a rating, predictions are uncertain by ±{now:.2f}: as much as {whose} differ."
    before = answer.model.told(answer.question.facts).spreads.get(())
    since = "" if before is None else f"; before the first one by ±{before:.2f}"
    return f"After {counted(n, 'rating')} predictions are uncertain by ±{now:.2f}{since}."


def question_words(answer: NewUserAnswer) -> tuple[str, str]:
    """The movie asked about, and why it is."""
    question, ratings = answer.next, answer.model.reading.ratings
    if question is None:
        return "", ""
    why = f"Rated by {question.known:.0%} of the users; yours is uncertain by ±{question.spread:.2f}."
    return ratings.movie_name(question.movie), why
