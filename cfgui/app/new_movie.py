"""A new movie before a column is kept: its weights from title and genres, beside those of the mean movie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cfgui.app.learnt_ratings import OfReading, learnt_ratings
from cfgui.app.number_columns import Column
from cfgui.app.reading import Reading
from cfgui.core.chunks import Stop, never
from cfgui.core.metadata_features import MovieFeatures, movie_features
from cfgui.core.metadata_model import MetadataModel, fit_metadata
from cfgui.core.movie_facts import NO_YEAR, facts_of, year_of
from cfgui.core.one_side import one_side
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.row_slopes import predict_row


@dataclass(frozen=True, eq=False)
class NewMovieModel(OfReading):
    """What answers need of one reading; worked out once. ``learnt`` are the ratings of who is not new."""

    learnt: Ratings
    features: MovieFeatures
    metadata: MetadataModel


def new_movie_model(reading: Reading, added_users: Mapping[str, str], added_movies: Mapping[str, str]) -> NewMovieModel:
    """For any thread: about a tenth of a second where titles are many."""
    learnt = learnt_ratings(reading.ratings, added_users, added_movies)
    features = movie_features(facts_of(reading.ratings))
    metadata = fit_metadata(learnt, reading.factors, features.table)
    return NewMovieModel(reading, added_users, added_movies, learnt, features, metadata)


@dataclass(frozen=True)
class NewMovieQuestion:
    """What is known of the movie: its title, with the year in brackets where there is one, and genres."""

    title: str = ""
    genres: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class NewMovieAnswer:
    """``weights`` (d,) from metadata and ``mean`` (d,) of all movies, bias last where there is one; what they predict.

    ``predictions`` and ``by_mean`` are (n_users,). ``year`` is 0 where the title tells none.
    """

    model: NewMovieModel
    question: NewMovieQuestion
    year: int
    weights: Floats
    predictions: Floats
    by_mean: Floats


def answer_of(model: NewMovieModel, question: NewMovieQuestion, _cancelled: Stop = never) -> NewMovieAnswer:
    """What the metadata say of the movie; a moment's work."""
    year, factors = year_of(question.title), model.reading.factors
    row, _ = model.features.of(question.genres, year)
    weights = model.metadata.rows(row[None, :])[0]
    return NewMovieAnswer(
        model,
        question,
        year,
        weights,
        predict_row(factors, "movie", weights),
        predict_row(factors, "movie", model.metadata.mean),
    )


def user_columns(answer: NewMovieAnswer) -> list[Column]:
    """The table of users: what each would rate the movie, by metadata and by the mean movie."""
    users = one_side(answer.model.learnt, answer.model.reading.factors, "user")
    return [
        Column("user", users.ids, None, "Each user of the table.", wide=True),
        Column("ratings", users.counts, 0, "How many movies the user has rated."),
        Column("mean", users.means, 2, "The mean of the user's ratings."),
        Column("metadata", answer.predictions, 2, "What the user would rate this movie, by its genres and year."),
        Column("mean movie", answer.by_mean, 2, "What the user would rate a movie of which nothing is known."),
        Column("difference", answer.predictions - answer.by_mean, 2, "What genres and year change for this user."),
    ]


def year_words(answer: NewMovieAnswer) -> str:
    """As "The year is 1999.", or how to give one."""
    usual = answer.model.features.usual_year
    if answer.year == NO_YEAR:
        return f"The title tells no year, such as “(1999)”: {usual}, the middle one, is taken."
    return f"The year is {answer.year}."


def honest_sentence(answer: NewMovieAnswer) -> str:
    """How much genres and year are worth, on movies left out of the fit; also where that is nothing."""
    metadata = answer.model.metadata
    if not metadata.n_rows:
        return "No movie has a rating yet: there is nothing to learn from."
    if not metadata.helps:
        return (
            "Genres and year say no more about movies left out of the fit than the mean movie does. So the mean movie"
            " is what is predicted: a movie needs ratings before this model knows it."
        )
    return (
        f"On movies left out of the fit, genres and year explain {metadata.r_squared:.0%} of what sets their vectors"
        f" apart: the error they leave in predictions is {metadata.error:.3f}, that of the mean movie"
        f" {metadata.mean_error:.3f} (mean squares)."
    )
