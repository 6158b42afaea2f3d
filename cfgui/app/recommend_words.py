"""Recommendations in words: reasons, the figures of a list, and who was asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cfgui.app.recommending import ListFigures, Recommender, UserList
from cfgui.app.words import counted
from cfgui.core.movie_filter import MovieFilter
from cfgui.core.reasons import Addend, NearRated
from cfgui.core.recommend_lists import ListTally
from cfgui.core.unknown import UNKNOWN

LEAST_SHOWN = 0.005
"""The least that is not written as 0.00."""


def addend_words(addend: Addend) -> str:
    """ "factor 3 +0.82", "movie bias −0.31"."""
    return f"{addend.name} {addend.value:+.2f}".replace("-", "−")


def shown_addends(addends: Sequence[Addend]) -> list[Addend]:
    """Those that are not 0.00 as they are written: of hundreds of small products none is a reason of its own."""
    return [each for each in addends if abs(each.value) >= LEAST_SHOWN]


def near_words(recommender: Recommender, near: NearRated) -> str:
    """ "Heat (1995), rated 4.5"."""
    return f"{recommender.ratings.movie_name(near.movie)}, rated {near.rating:g}"


def reason_words(recommender: Recommender, listed: UserList, place: int) -> str:
    """The reasons for one movie on one line: "factor 3 +0.82, movie bias +0.45 · like Heat (1995), rated 5"."""
    own = listed.reasons[place]
    sums = ", ".join(map(addend_words, shown_addends(own.addends)))
    like = f"like {near_words(recommender, own.near[0])}" if own.near else ""
    return " · ".join(filter(None, (sums, like)))


def user_words(recommender: Recommender, listed: UserList) -> str:
    """Who is asked for: "user 14 has rated 51 of 9,066 movies", or by what rule somebody unknown is answered for."""
    if listed.user == UNKNOWN:
        n_counted = int((recommender.ratings.user_counts > 0).sum())
        biased = "movie bias + mean user bias + " if recommender.factors.has_bias else ""
        return (
            f"user {listed.user_id} is not in the table, so the mean of {counted(n_counted, 'user')} stands in:"
            f" {biased}what is known of the movie with the mean of the rest"
        )
    n_rated = int(recommender.ratings.user_counts[listed.user])
    return f"user {listed.user_id} has rated {n_rated:,} of {counted(recommender.ratings.n_movies, 'movie')}"


def filter_words(only: MovieFilter) -> str:
    """ "Drama or War, not Comedy, 20 ratings or more, 1950 to 1990"; "" for a filter that excludes nothing."""
    first, last = only.from_year, only.to_year
    years = f"{first} to {last}" if first is not None and last is not None else ""
    parts = (
        " or ".join(only.genres),
        f"not {' or '.join(only.without)}" if only.without else "",
        f"{counted(only.min_ratings, 'rating')} or more" if only.min_ratings > 0 else "",
        years or (f"from {first} on" if first is not None else f"up to {last}" if last is not None else ""),
    )
    return ", ".join(filter(None, parts))


def figure_words(listed: UserList) -> str:
    """What the list is like, on one line."""
    if not listed.n_unseen:
        return "Nothing to recommend: every movie is rated."
    if not len(listed.movies):
        return f"Nothing to recommend: none of {counted(listed.n_unseen, 'unseen movie')} passes the filter."
    figures = listed.figures
    among = f"from {listed.n_candidates:,} of {listed.n_unseen:,} unseen"
    return " · ".join(filter(None, (among, *_figures(figures))))


def _figures(figures: ListFigures) -> Sequence[str]:
    known = math.isfinite(figures.diversity)
    return (
        f"popular: {percent(figures.popularity_share)}",
        f"diversity: {figures.diversity:.2f}" if known else "",
        f"genres: {figures.n_genres} of {figures.all_genres}" if figures.all_genres else "",
    )


def tally_words(tally: ListTally) -> str:
    """What everybody's lists have in common."""
    if not tally.n_candidates:
        return "Nothing to recommend: no movie passes the filter"
    if not tally.counts.any():
        return "Nothing to recommend: everybody has rated every movie that passes the filter"
    return (
        f"{counted(tally.n_users, 'list')}: coverage {percent(tally.coverage)} of"
        f" {counted(tally.n_candidates, 'movie')}, {percent(tally.popularity_share)} of the recommendations are among"
        " the most rated tenth"
    )


def percent(share: float) -> str:
    """ "41.2 %", "–" for none."""
    return f"{100 * share:.1f} %" if math.isfinite(share) else "–"
