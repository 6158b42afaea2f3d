"""The world of a simulation: what every user really thinks of every movie, and who the enthusiasts are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.feedback_measures import Counts
from cfgui.core.feedback_options import FeedbackChoices
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.view import ViewChoice, make_view, part_of_factors, visible_ratings

PLANTED_GENRES = ("Anime", "Action", "Comedy", "Documentary", "Drama", "Horror", "Romance", "Sci-Fi")
"""Genres of the planted world; a movie has one of them. The first is the one that few people rate."""

NO_GENRE = "(no genres listed)"
"""What MovieLens calls it; the genre of movies of which nothing is known."""

NICHE = 0.3
"""How popular a planted movie of the first genre is, compared with another of its rank."""

MAX_FACTOR_GENRES = 8
"""Groups by factor, at most, where no genre of any movie is known."""

_MEAN, _TASTE, _BIAS, _OWN = 3.4, 0.5, 0.3, 0.33
_OWN_FACTORS, _MOVIE_SPREAD, _TAIL = 3, 0.6, 0.7
_RARE_FROM = 0.02
"""The share of movies a genre must have to be chosen for the enthusiasts by itself."""


@dataclass(frozen=True, eq=False)
class World:
    """What a simulation is played in; nothing of it changes.

    ``truth`` (n_users, n_movies) holds what each user thinks of each movie, in stars, before noise and not clipped;
    ``genre_shares`` (n_movies, n_genres) has rows that add up to 1; ``popularity`` (n_movies,) adds up to 1 and is the
    chance of being rated at the start. ``scale`` is the lowest and the highest rating, ``step`` what ratings are
    rounded to, 0 for not at all. ``enthusiasts`` are users, ascending, who love every movie of genre ``favourite``.
    ``planted`` says that it is made up, else it comes from a trained model. ``truth_sum`` is the sum of the truth from
    before the enthusiasts came: what tells one truth from another.
    """

    user_ids: tuple[str, ...]
    movie_names: tuple[str, ...]
    genres: tuple[str, ...]
    genre_shares: Floats
    truth: Floats
    popularity: Floats
    scale: tuple[float, float]
    step: float
    enthusiasts: Indices
    favourite: int
    planted: bool
    truth_sum: float = 0.0

    @property
    def n_users(self) -> int:
        """Rows of the truth."""
        return int(self.truth.shape[0])

    @property
    def n_movies(self) -> int:
        """Columns of the truth."""
        return int(self.truth.shape[1])

    @property
    def favourite_movies(self) -> Mask:
        """(n_movies,) True for the movies of the enthusiasts' genre."""
        return np.asarray(self.genre_shares[:, self.favourite] > 0.0)

    @property
    def favourite_share(self) -> float:
        """The share of that genre among all movies: what recommending at random would give."""
        return float(self.genre_shares[:, self.favourite].mean())

    @property
    def others(self) -> Indices:
        """Everybody but the enthusiasts, ascending."""
        return np.setdiff1d(np.arange(self.n_users, dtype=np.int32), self.enthusiasts)


def planted_world(choices: FeedbackChoices) -> World:
    """A made-up world: a mean, biases, a taste for each genre and three factors that have nothing to do with genres.

    Half-star ratings from 0.5 to 5. The first genre is liked as well as any other, on average, but rated by few:
    popularity falls as rank ** -0.7 and is 0.3 times that in it. Raises ValueError for an unknown genre.
    """
    rng = np.random.default_rng([choices.world_seed, 0])
    n_users, n_movies, n_genres = choices.n_users, choices.n_movies, len(PLANTED_GENRES)
    genre = rng.permutation(np.arange(n_movies) % n_genres)
    taste = rng.normal(0.0, _TASTE, (n_users, n_genres))
    biases = rng.normal(0.0, _BIAS, n_users)[:, None] + rng.normal(0.0, _BIAS, n_movies)
    users, movies = rng.normal(0.0, _OWN, (n_users, _OWN_FACTORS)), rng.normal(0.0, _MOVIE_SPREAD, (n_movies, 3))
    # Factor by factor, so that no bit depends on how a library multiplies matrices.
    own = sum(np.outer(users[:, factor], movies[:, factor]) for factor in range(_OWN_FACTORS))
    popularity = rng.permutation((1.0 + np.arange(n_movies)) ** -_TAIL) * np.where(genre == 0, NICHE, 1.0)
    return _with_enthusiasts(
        World(
            tuple(str(user + 1) for user in range(n_users)),
            tuple(f"movie {movie + 1} ({PLANTED_GENRES[genre[movie]]})" for movie in range(n_movies)),
            PLANTED_GENRES,
            np.eye(n_genres)[genre],
            _MEAN + biases + taste[:, genre] + own,
            popularity / popularity.sum(),
            (0.5, 5.0),
            0.5,
            np.zeros(0, dtype=np.int32),
            0,
            planted=True,
        ),
        choices,
    )


def trained_world(ratings: Ratings, factors: Factors, choices: FeedbackChoices) -> World:
    """A world whose truth is what a trained model predicts, for the users and movies with the most ratings.

    Popularity is that of the ratings. Where no genre is known, movies are grouped by the factor in which they stand
    out most. Raises ValueError for an unknown genre, and where there is nothing to predict.
    """
    view = make_view(ratings, ViewChoice(choices.n_users, choices.n_movies, "id", "id"))
    part, weights = visible_ratings(ratings, view), part_of_factors(factors, view)
    if not part.n_ratings:
        raise ValueError("A simulation needs ratings: open a table that has some.")
    everybody, everything = (np.arange(n, dtype=np.int32) for n in (part.n_users, part.n_movies))
    with np.errstate(all="ignore"):
        truth = models.predict_block(weights, everybody, everything)
    if not np.isfinite(truth).all():
        raise ValueError("Some predictions of this model are no numbers: reset the weights, or train anew.")
    genres, shares = genres_of(part, weights)
    counts = part.movie_counts + 1.0
    steps = np.diff(part.levels)
    low, high = part.scale
    step = float(steps.min()) if len(steps) and steps.min() >= (high - low) / 100 else 0.0
    favourite = rarest_genre(shares, part.movie_counts)
    names = tuple(part.movie_name(movie) for movie in range(part.n_movies))
    nobody = np.zeros(0, dtype=np.int32)
    return _with_enthusiasts(
        World(
            part.user_ids,
            names,
            genres,
            shares,
            truth,
            counts / counts.sum(),
            (low, high),
            step,
            nobody,
            favourite,
            planted=False,
        ),
        choices,
    )


def genres_of(ratings: Ratings, factors: Factors) -> tuple[tuple[str, ...], Floats]:
    """The genres there are and (n_movies, n_genres) the share of each in each movie; rows add up to 1."""
    found = [_split(ratings.genres.get(raw_id, "")) for raw_id in ratings.movie_ids]
    if not any(found):
        return _groups_by_factor(factors)
    lists = [own or (NO_GENRE,) for own in found]
    genres = tuple(sorted({genre for own in lists for genre in own}))
    place = {genre: index for index, genre in enumerate(genres)}
    shares = np.zeros((len(lists), len(genres)))
    for movie, own in enumerate(lists):
        shares[movie, [place[genre] for genre in own]] = 1.0 / len(own)
    return genres, shares


def known_genres(ratings: Ratings) -> tuple[str, ...]:
    """Every genre that any movie of a table has, by name; empty where none is known."""
    return tuple(sorted({genre for text in set(ratings.genres.values()) for genre in _split(text)}))


def _split(text: str) -> tuple[str, ...]:
    """The genres in "Comedy|Drama", each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip() and part.strip() != NO_GENRE))


def _groups_by_factor(factors: Factors) -> tuple[tuple[str, ...], Floats]:
    """Movies grouped by the factor in which they lie furthest above the others, in spreads of that factor."""
    table = factors.movie_factors[:, :MAX_FACTOR_GENRES]
    spread = table.std(axis=0)
    standing = (table - table.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    n = table.shape[1]
    return tuple(f"factor {factor + 1}" for factor in range(n)), np.eye(n)[np.argmax(standing, axis=1)]


def rarest_genre(genre_shares: Floats, n_ratings: Counts) -> int:
    """The genre with the fewest ratings, a movie of two counting half in each, among those that are not very small."""
    sizes, totals = genre_shares.sum(axis=0), (n_ratings[:, None] * genre_shares).sum(axis=0)
    large = sizes >= min(max(_RARE_FROM * len(genre_shares), 1.0), float(sizes.max()))
    return int(np.argmin(np.where(large, totals, np.inf)))


def _with_enthusiasts(world: World, choices: FeedbackChoices) -> World:
    """The world with the enthusiasts that are asked for; the others think what they thought."""
    favourite = _favourite(world, choices.genre)
    n = round(choices.enthusiasts * world.n_users)
    n = max(n, 1) if choices.enthusiasts else 0
    # One order for every share: more enthusiasts are the same ones and others.
    order = np.random.default_rng([choices.world_seed, 1]).permutation(world.n_users)
    enthusiasts = np.sort(order[:n]).astype(np.int32)
    world = replace(world, favourite=favourite, enthusiasts=enthusiasts)
    truth = world.truth.copy()
    truth[np.ix_(enthusiasts, np.flatnonzero(world.favourite_movies))] = world.scale[1]
    return replace(world, truth=truth, truth_sum=float(world.truth.sum()))


def _favourite(world: World, genre: str) -> int:
    if not genre:
        return world.favourite
    for index, name in enumerate(world.genres):
        if name.casefold() == genre.strip().casefold():
            return index
    raise ValueError(f"There is no genre {genre!r}: choose one of {', '.join(world.genres)}.")
