"""What the page of factors shows: what each factor carries, and who stands at both ends of the one chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.app.number_columns import Column
from cfgui.app.reading import Reading
from cfgui.app.words import counted
from cfgui.core.factor_reading import Ends, FactorShares, ends, factor_sizes, shares_over_all, shares_over_rated
from cfgui.core.factors import Factors
from cfgui.core.one_side import SideName, counts_of_side
from cfgui.core.ratings import Floats, Ratings

Places = NDArray[np.int64]

SHOWN = 100
"""Movies and users shown at each end at most."""


@dataclass(frozen=True)
class FactorQuestion:
    """What is asked: the place of a factor, counted from 0, or of a bias after them (``factor_names``).

    ``at_least`` ratings are asked of those at the ends. With ``all_pairs`` the shares are those over all pairs of a
    user and a movie, else over the rated cells.
    """

    factor: int = 0
    at_least: int = 5
    all_pairs: bool = False


@dataclass(frozen=True, eq=False)
class FactorAnswer:
    """``shares`` and ``sizes`` (n_factors,) are None of a net; ``movies`` and ``users`` those at both ends."""

    reading: Reading
    question: FactorQuestion
    shares: FactorShares | None
    sizes: Floats | None
    movies: Ends
    users: Ends


def usual_least(ratings: Ratings) -> int:
    """Ratings asked of those at the ends at first: 20, for the value of a movie with few is mostly where it started.

    1 for tables of the workbook's size.
    """
    return 20 if max(ratings.n_users, ratings.n_movies) > 100 else 1


def factor_names(factors: Factors) -> tuple[str, ...]:
    """ "1", "2", …, then "user bias" and "movie bias" where there are any: what stands at each place.

    Numbers are padded on the left, so that they sort as numbers do.
    """
    n = max(factors.n_factors, factors.n_movie_factors)
    numbers = tuple(f"{number:{len(str(n))}d}" for number in range(1, n + 1))
    return (*numbers, "user bias", "movie bias") if factors.has_bias else numbers


def values_at(factors: Factors, side: SideName, place: int) -> Floats | None:
    """(n_owners,) the values of the "user" or "movie" side at a place of ``factor_names``; None where it has none."""
    table = factors.user_factors if side == "user" else factors.movie_factors
    if place < table.shape[1]:
        column: Floats = table[:, place]
        return column
    owners = ("user", "movie")[place - table.shape[1]] if factors.has_bias else ""
    return (factors.user_bias if side == "user" else factors.movie_bias) if owners == side else None


def read_factor(
    reading: Reading, question: FactorQuestion, known: FactorAnswer | None, stop: Callable[[], bool]
) -> FactorAnswer:
    """Answer ``question``; the shares of ``known`` are taken over where they are of the same weights and cells.

    May take seconds for the rated cells of a large table; raises Interrupted where ``stop`` says so.
    """
    factors, ratings = reading.factors, reading.ratings
    shares, sizes = None, None
    if known is not None and reading.same_as(known.reading) and question.all_pairs == known.question.all_pairs:
        shares, sizes = known.shares, known.sizes
    elif not factors.layers:
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
            sizes = factor_sizes(factors)
            shares = shares_over_all(factors) if question.all_pairs else shares_over_rated(factors, ratings, stop)
    at = {side: _ends_of(reading, side, question) for side in ("movie", "user")}
    return FactorAnswer(reading, question, shares, sizes, at["movie"], at["user"])


def _ends_of(reading: Reading, side: SideName, question: FactorQuestion) -> Ends:
    counts = counts_of_side(reading.ratings, side)
    values = values_at(reading.factors, side, question.factor)
    if values is None:
        values, counts = np.zeros(0), counts[:0]
    return ends(values, counts, question.at_least, SHOWN)


def share_columns(answer: FactorAnswer) -> list[Column]:
    """The list of factors: its number, its share in percent, and by how much it moves a score.

    Only the numbers for a net: what one factor carries through its layers cannot be told.
    """
    names = factor_names(answer.reading.factors)
    numbers = Column("Factor", names, None, "The factors as the sheet counts them, and the biases.")
    if answer.shares is None or answer.sizes is None:
        return [numbers]
    k = len(answer.sizes)
    shares, sizes = np.full(len(names), np.nan), np.full(len(names), np.nan)
    shares[:k], sizes[:k] = 100.0 * answer.shares.factors, answer.sizes
    if answer.shares.user_bias is not None and answer.shares.movie_bias is not None:
        shares[k:] = 100.0 * answer.shares.user_bias, 100.0 * answer.shares.movie_bias
        factors = answer.reading.factors
        sizes[k:] = _size(factors.user_bias), _size(factors.movie_bias)
    return [
        numbers,
        Column(
            "Share %",
            shares,
            1,
            "What it carries of the variance of the predictions, so that all add up to 100:\nthe covariance of its"
            " product, user × movie, with the prediction, by the prediction's variance.\nBelow 0 it pulls against the"
            " rest.",
        ),
        Column(
            "Moves",
            sizes,
            2,
            "By how much it moves a prediction up or down, in units of a rating:\nthe root of the mean square of its"
            " product over all pairs of a user and a movie.\nAlong principal axes it falls from the first to the last;"
            " the share over the rated cells need not.",
        ),
    ]


def _size(biases: Floats | None) -> float:
    return float("nan") if biases is None else float(np.sqrt(np.square(biases).mean()))


def movie_columns(answer: FactorAnswer, places: Places) -> list[Column]:
    """Movies at an end, nearest to it first: title, value and number of ratings."""
    ratings = answer.reading.ratings
    names = [ratings.movie_name(int(place)) for place in places]
    return _columns("Movie", names, answer, "movie", places, ratings.movie_counts)


def user_columns(answer: FactorAnswer, places: Places) -> list[Column]:
    """Users at an end, nearest to it first: id, value and number of ratings."""
    ratings = answer.reading.ratings
    names = [f"user {ratings.user_ids[int(place)]}" for place in places]
    return _columns("User", names, answer, "user", places, ratings.user_counts)


def _columns(
    title: str, names: list[str], answer: FactorAnswer, side: SideName, places: Places, counts: Places
) -> list[Column]:
    values = values_at(answer.reading.factors, side, answer.question.factor)
    found = np.zeros(0) if values is None else values[places]
    return [
        Column(title, names, None, f"The {side}. A double click shows it among all {side}s.", wide=True),
        Column("Value", found, 3, f"What the model found for the {side} on this factor."),
        Column("Ratings", counts[places], 0, f"How many ratings the {side} has: the more, the surer the value."),
    ]


def farthest_factor(factors: Factors, side: str, index: int) -> int:
    """The factor on which this user or movie stands farthest out, in units of the spread of its side."""
    table = factors.user_factors if side == "user" else factors.movie_factors
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scores = np.abs(table[index] - table.mean(axis=0)) / table.std(axis=0)
    return int(np.argmax(np.nan_to_num(scores, nan=0.0, posinf=0.0)))


def factor_sentences(answer: FactorAnswer) -> str:
    """How to read the factor chosen, with its numbers."""
    factors, place = answer.reading.factors, answer.question.factor
    name, k = factor_names(factors)[place].strip(), max(factors.n_factors, factors.n_movie_factors)
    if factors.layers:
        return (
            f"Factor {name} goes into the layers of the net, which may bend it: what it carries alone cannot be told,"
            " but to the net those at one end are alike."
        )
    told = _told_share(answer, place)
    if place >= k:
        return f"The {name} is added as it is, whatever the taste. {told}"
    return (
        f"On factor {name} the user's value is multiplied by the movie's: two values above 0, or two below, raise the"
        f" prediction; one above and one below lower it. {told} What an end has in common is for you to see: nobody"
        " told the model, and with both signs turned it would predict the same."
    )


def _told_share(answer: FactorAnswer, place: int) -> str:
    shares = answer.shares
    if shares is None:
        return ""
    k = len(shares.factors)
    value = float(shares.factors[place]) if place < k else (shares.user_bias, shares.movie_bias)[place - k]
    cells = "over every pair of a user and a movie" if answer.question.all_pairs else "over the rated cells"
    if value is None or not np.isfinite(value):
        return "The predictions do not vary yet, so that it carries nothing of them."
    return f"It carries {100.0 * value:.1f} % of the variance of the predictions {cells}."


def rotation_sentence(n_factors: int, rank: int) -> str:
    """What is said once factors lie along principal axes."""
    idle = n_factors - rank
    rest = f" {counted(idle, 'factor')} of {n_factors} did nothing of their own and stand at 0 now." if idle else ""
    return f"The factors lie along the principal axes now, the largest first. Every prediction is as before.{rest}"


def place_in(ratings: Ratings, side: str, raw_id: str) -> int | None:
    """The index of a user or movie by raw id; None where there is none."""
    ids = ratings.user_ids if side == "user" else ratings.movie_ids
    return ids.index(raw_id) if raw_id in ids else None
