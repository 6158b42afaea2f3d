"""What the page Recommend shows, put together in one go for a thread: the list, its reasons, and why not a movie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cfgui.app.exports import ExportSource, ValueExport
from cfgui.app.number_columns import Column
from cfgui.app.reading import Reading
from cfgui.app.recommend_words import figure_words, near_words, reason_words, user_words
from cfgui.app.recommending import Recommender, UserList, Wish
from cfgui.app.why_not import sentences, why_not
from cfgui.core.chunks import Stop, never
from cfgui.core.movie_filter import popular_mask
from cfgui.core.ranking_metrics import POPULAR_SHARE
from cfgui.core.ratings import Ratings
from cfgui.core.recommend_lists import ListTally

TIPS = {
    "#": "The place in the list: by prediction, or with diversity in the order in which they were chosen.",
    "Title": "The movie. A double click, or Enter, goes to it on the sheet.",
    "Prediction": "What the model predicts that the user would rate it.",
    "Ratings": "How many ratings the movie has: with few of them its prediction rests on little.",
    "Year": "The year in brackets in the title.",
    "Genres": "The genres, as the file of movies lists them.",
    "Reasons": "The largest addends of the score, user factor × movie factor and the movie's bias, and the movie rated"
    " by the user whose factors point most the same way. The user's own bias is left out: it is the same for all.",
}


@dataclass(frozen=True, eq=False)
class Question:
    """Whom the list is for, by which weights, and the raw id of the movie that is asked about; "" for none."""

    reading: Reading
    user_id: str
    wish: Wish
    asked: str = ""


@dataclass(frozen=True, eq=False)
class Answer:
    """The list, as columns and in words; ``why`` are sentences about the movie asked for."""

    question: Question
    recommender: Recommender
    listed: UserList
    columns: tuple[Column, ...]
    user: str
    figures: str
    why: tuple[str, ...]


def answer(question: Question, before: Answer | None = None, stop: Stop = never) -> Answer:
    """Recommend. ``before`` is an earlier answer: facts of the same ratings are taken from it.

    Raises ValueError for a wish that cannot be, Interrupted where ``stop`` says so.
    """
    reading = question.reading
    facts = before.recommender.facts if before and before.recommender.ratings is reading.ratings else None
    recommender = Recommender(reading.ratings, reading.factors, reading.samples, facts)
    listed = recommender.for_user(question.user_id, question.wish, stop)
    why: tuple[str, ...] = ()
    if question.asked in reading.ratings.movie_ids:
        movie = reading.ratings.movie_ids.index(question.asked)
        why = sentences(why_not(recommender, listed, movie, stop), question.user_id, question.wish.n)
    return Answer(
        question,
        recommender,
        listed,
        _list_columns(recommender, listed),
        user_words(recommender, listed),
        figure_words(listed),
        why,
    )


def _list_columns(recommender: Recommender, listed: UserList) -> tuple[Column, ...]:
    """The list as a table."""
    ratings, facts, movies = recommender.ratings, recommender.facts, listed.movies
    years = [str(year) if (year := int(facts.years[movie])) else "" for movie in movies]
    titles = [ratings.movie_name(int(movie)) for movie in movies]
    columns = [
        Column("#", np.arange(1, len(movies) + 1), 0, TIPS["#"]),
        Column("Title", titles, None, TIPS["Title"]),
        Column("Prediction", listed.predictions, 3, TIPS["Prediction"]),
        Column("Ratings", facts.counts[movies], 0, TIPS["Ratings"]),
    ]
    if facts.span is not None:
        columns.append(Column("Year", years, None, TIPS["Year"]))
    reasons = [reason_words(recommender, listed, place) for place in range(len(movies))]
    columns.append(Column("Reasons", reasons, None, TIPS["Reasons"], wide=not facts.genres))
    if facts.genres:
        genres = [", ".join(facts.genres_of(int(movie))) for movie in movies]
        columns.append(Column("Genres", genres, None, TIPS["Genres"], wide=True))
    return tuple(columns)


def first_user(ratings: Ratings) -> str:
    """The id of the first user who has not rated everything, or of the first at all; "" where there is nobody."""
    unseen = np.flatnonzero(ratings.user_counts < ratings.n_movies)
    return ratings.user_ids[int(unseen[0]) if len(unseen) else 0] if ratings.n_users else ""


def near_columns(recommender: Recommender, listed: UserList, place: int) -> tuple[Column, ...]:
    """The movies the user rated that are nearest to the one at this place of the list."""
    near = listed.reasons[place].near
    names = [recommender.ratings.movie_name(each.movie) for each in near]
    return (
        Column("Rated movie", names, None, "A movie that the user rated.", wide=True),
        Column("Cosine", np.array([each.cosine for each in near]), 3,
               "How alike their factors point: 1 the same way, 0 neither, -1 the other way."),
        Column("Rating", np.array([each.rating for each in near]), 1, "What the user rated it."),
    )  # fmt: skip


def near_sentence(recommender: Recommender, listed: UserList, place: int) -> str:
    """The same for a screen reader."""
    near = listed.reasons[place].near
    return "; ".join(near_words(recommender, each) for each in near) or "The user has rated nothing."


def everyone(reading: Reading, wish: Wish, ending: str) -> tuple[ExportSource, ValueExport]:
    """What writes the lists of all users: by the mean of the draws, where there are such."""
    source = ExportSource(reading.ratings, reading.factors, samples=reading.samples)
    return source, ValueExport("recommendations", False, wish.n, ending, wish.only, wish.diversity)


def tally_for(recommender: Recommender, wish: Wish) -> ListTally:
    """Counts what everybody is recommended. Raises ValueError for a genre that no movie has."""
    candidates = wish.only.candidates(recommender.facts)
    return ListTally(popular_mask(recommender.facts, POPULAR_SHARE), int(candidates.sum()))
