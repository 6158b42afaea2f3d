"""Why not this movie: what stands between one movie and the list of recommendations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cfgui.app.recommend_words import addend_words, shown_addends
from cfgui.app.recommending import Recommender, UserList
from cfgui.app.words import counted
from cfgui.core.chunks import Stop, never
from cfgui.core.ratings import Floats, Mask
from cfgui.core.reasons import Addend, addends, most_negative

N_AGAINST = 3
"""Addends that speak against a movie."""


@dataclass(frozen=True)
class WhyNot:
    """What keeps a movie from the list, or at which ``place`` (from 1) it stands in it.

    ``rating`` is the user's own, None where unrated. ``rank`` is its place by prediction among the ``n_unseen`` movies
    the user has not rated, ``rank_passing`` that among the ``n_passing`` that pass the filter; None where it is not one
    of them. ``objections`` are the filter's, in words. ``needed`` is the prediction of the last movie of the list, NaN
    where the list is empty. ``against`` are the lowest addends of its score below 0. ``too_alike`` says that diversity
    passed over it though its prediction is high enough.
    """

    movie: int
    name: str
    prediction: float
    spread: float | None
    rating: float | None
    place: int | None
    rank: int | None
    n_unseen: int
    rank_passing: int | None
    n_passing: int
    objections: tuple[str, ...]
    needed: float
    against: tuple[Addend, ...]
    too_alike: bool


def why_not(recommender: Recommender, listed: UserList, movie: int, stop: Stop = never) -> WhyNot:
    """What stands between the movie at this index and the list ``listed``, made by the same recommender.

    Raises Interrupted where ``stop`` says so.
    """
    user = listed.user
    predictions, unseen = recommender.predictions(user, stop), recommender.unseen(user)
    passing = unseen & listed.wish.only.candidates(recommender.facts)
    factors, row = recommender.weights_for(user)
    places = np.flatnonzero(listed.movies == movie)
    prediction, spread = recommender.prediction(user, movie)
    needed = float(listed.predictions.min()) if len(listed.movies) else float("nan")
    is_in = bool(len(places))
    return WhyNot(
        movie=movie,
        name=recommender.ratings.movie_name(movie),
        prediction=prediction,
        spread=spread,
        rating=None if unseen[movie] else recommender.ratings.rating(user, movie),
        place=int(places[0]) + 1 if is_in else None,
        rank=_rank(predictions, unseen, movie),
        n_unseen=int(unseen.sum()),
        rank_passing=_rank(predictions, passing, movie),
        n_passing=int(passing.sum()),
        objections=listed.wish.only.objections(recommender.facts, movie),
        needed=needed,
        against=most_negative(addends(factors, row, movie), N_AGAINST),
        too_alike=bool(listed.wish.diversity and passing[movie] and not is_in and prediction >= needed),
    )


def _rank(predictions: Floats, among: Mask, movie: int) -> int | None:
    """The place from 1 by prediction, of equals the smaller index first; None where the movie is not among them."""
    if not among[movie]:
        return None
    own = predictions[movie]
    if np.isnan(own):
        before = ~np.isnan(predictions)
        before[:movie] |= np.isnan(predictions[:movie])
    else:
        before = predictions > own
        before[:movie] |= predictions[:movie] == own
    return int((before & among).sum()) + 1


def sentences(found: WhyNot, user_id: str, n: int) -> tuple[str, ...]:
    """The answer, a sentence each."""
    about = "" if found.spread is None else f" ± {found.spread:.2f}"
    said = [f"{found.name}: predicted {found.prediction:.3f}{about} for user {user_id}."]
    if found.rating is not None:
        said.append(f"User {user_id} has rated it already: {found.rating:g}. Only unseen movies are recommended.")
    elif found.place is not None:
        said.append(f"It is in the list, at place {found.place}.")
    if found.rank is not None:
        said.append(f"By prediction it is number {found.rank:,} of {counted(found.n_unseen, 'unseen movie')}.")
    if found.objections:
        said.append(f"The filter rules it out: {'; '.join(found.objections)}.")
        if found.rating is None and found.prediction < found.needed:
            said.append(_needed_words(found, n))
    elif found.rank_passing is not None and found.place is None:
        if found.rank_passing != found.rank:
            said.append(f"Among the {found.n_passing:,} that pass the filter it is number {found.rank_passing:,}.")
        if found.too_alike:
            said.append(
                "Its prediction would do, but it is too much like movies of the list: diversity passed it over."
            )
        elif found.prediction < found.needed:
            said.append(_needed_words(found, n))
    against = shown_addends(found.against)
    if against and found.place is None:
        said.append(f"What counts against it most: {', '.join(map(addend_words, against))}.")
    return tuple(said)


def _needed_words(found: WhyNot, n: int) -> str:
    gap = found.needed - found.prediction
    return f"The lowest prediction in the list of {n} is {found.needed:.3f}: it would take {gap:.3f} more."
