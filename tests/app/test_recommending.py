"""One user's recommendations, their reasons, and why not another movie: against plain loops over everything."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.exports import weights_for_all
from cfgui.app.reading import Reading
from cfgui.app.recommend_answer import Question, answer, first_user
from cfgui.app.recommend_words import figure_words, filter_words, tally_words, user_words
from cfgui.app.recommending import Recommender, Wish
from cfgui.app.sorted_terms import sorted_terms
from cfgui.app.terms import terms_of
from cfgui.app.why_not import WhyNot, sentences, why_not
from cfgui.core.chunks import Interrupted
from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import PosteriorMean, predict_samples
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import predict
from cfgui.core.movie_facts import genre_place
from cfgui.core.movie_filter import MovieFilter, popular_mask
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.recommend import Recommended, recommend
from cfgui.core.recommend_lists import ListTally
from cfgui.core.samples import Samples
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights
from cfgui.core.unknown import UNKNOWN, with_mean_user

N_USERS, N_MOVIES = 12, 60
GENRES = ("Comedy", "Drama", "War")


def table(seed: int = 0) -> Ratings:
    rng = np.random.default_rng(seed)
    rated = rng.random((N_USERS, N_MOVIES)) < 0.25
    movie_ids = [str(10 * i) for i in range(N_MOVIES)]
    ratings = Ratings.from_crosstab(
        [f"u{i}" for i in range(N_USERS)], movie_ids, rng.integers(1, 11, rated.shape) / 2, rated
    )
    titles = {raw_id: f"Film {raw_id} ({1950 + i})" for i, raw_id in enumerate(movie_ids)}
    return replace(ratings, titles=titles, genres={raw_id: GENRES[i % 3] for i, raw_id in enumerate(movie_ids)})


def recommender(*, bias: bool = True, seed: int = 1, ratings: Ratings | None = None) -> Recommender:
    factors = random_factors(N_USERS, N_MOVIES, 4, bias=bias, init="normal", seed=seed)
    return Recommender(ratings or table(), replace(factors, global_mean=3.5 if bias else 0.0))


def by_loop(asked: Recommender, user: int, only: MovieFilter) -> list[int]:
    """Every unseen movie that passes, by prediction."""
    ratings = asked.ratings
    unseen = [movie for movie in range(N_MOVIES) if ratings.rating(user, movie) is None]
    passing = [movie for movie in unseen if not only.objections(asked.facts, movie)]
    value = {m: predict(asked.factors, np.array([user]), np.array([m]))[0] for m in passing}
    return sorted(passing, key=lambda movie: (-value[movie], movie))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "only", [MovieFilter(), MovieFilter(genres=("War",)), MovieFilter(min_ratings=3, to_year=1980)]
)
def test_the_list_is_that_of_a_loop_and_of_the_lists_for_everyone(bias: bool, only: MovieFilter) -> None:
    asked = recommender(bias=bias)
    candidates = only.candidates(asked.facts)
    for user in range(N_USERS):
        found = asked.for_user(f"u{user}", Wish(7, only))
        assert found.movies.tolist() == by_loop(asked, user, only)[:7]
        movies, predictions = recommend(
            asked.factors, asked.ratings, np.array([user], dtype=np.int32), 7, candidates=candidates
        )
        assert found.movies.tolist() == movies[0][movies[0] >= 0].tolist()
        np.testing.assert_array_equal(found.predictions, predictions[0][movies[0] >= 0])
        assert found.n_unseen == N_MOVIES - int(asked.ratings.user_counts[user])
        assert found.n_candidates == len(by_loop(asked, user, only))


def test_a_net_recommends_too() -> None:
    ratings = table()
    factors = starting_weights(ratings, Hyperparameters(model="neural", n_factors=4, hidden="5"))
    found = Recommender(ratings, factors).for_user("u3", Wish(5))
    movies, _ = recommend(factors, ratings, np.array([3], dtype=np.int32), 5)
    assert found.movies.tolist() == movies[0].tolist()
    assert all(not each.addends for each in found.reasons), "a net has no addends by factor"


def test_diversity_makes_the_list_more_diverse() -> None:
    asked = recommender()
    lists = [asked.for_user("u0", Wish(8, diversity=share)) for share in (0.0, 0.5, 1.0)]
    assert lists[0].figures.diversity < lists[1].figures.diversity < lists[2].figures.diversity
    assert lists[0].movies[0] == lists[1].movies[0] == lists[2].movies[0], "the first has nothing to be unlike"
    with pytest.raises(ValueError, match="from 0 to 1"):
        asked.for_user("u0", Wish(8, diversity=1.5))
    with pytest.raises(ValueError, match="At least one"):
        asked.for_user("u0", Wish(0))


def test_figures_of_a_list_by_hand() -> None:
    asked = recommender()
    order = sorted(range(N_MOVIES), key=lambda movie: (-asked.ratings.movie_counts[movie], movie))
    popular, other = order[:6], order[6:]
    assert (asked.ratings.movie_counts > 0).sum() == 57, "a tenth of them, rounded up, is 6"
    found = asked.figures(np.array([popular[0], popular[1], other[0], other[1]], dtype=np.int32))
    assert found.popularity_share == 0.5
    assert found.all_genres == 3
    assert math.isnan(asked.figures(np.zeros(0, dtype=np.int32)).popularity_share)


def test_reasons_are_the_largest_products_and_the_nearest_rated() -> None:
    asked = recommender()
    found = asked.for_user("u5", Wish(6))
    movies, ratings = asked.ratings.user_line(5)
    vectors = asked.factors.movie_factors
    for movie, own in zip(found.movies.tolist(), found.reasons, strict=True):
        products = (asked.factors.user_factors[5] * vectors[movie]).tolist()
        named = {f"factor {i + 1}": value for i, value in enumerate(products)}
        named["movie bias"] = float(asked.factors.movie_bias[movie])  # type: ignore[index]
        expected = sorted((value for value in named.values() if value > 0), reverse=True)[:2]
        assert [each.value for each in own.addends] == expected
        assert all(named[each.name] == each.value for each in own.addends)
        cosines = [
            float(vectors[movie] @ vectors[m] / np.linalg.norm(vectors[movie]) / np.linalg.norm(vectors[m]))
            for m in movies
        ]
        nearest = sorted(range(len(movies)), key=lambda i: -cosines[i])[:3]
        assert [near.movie for near in own.near] == movies[nearest].tolist()
        assert [near.rating for near in own.near] == ratings[nearest].tolist()
        assert [near.cosine for near in own.near] == pytest.approx([cosines[i] for i in nearest], abs=1e-14)


def test_the_explanation_adds_up() -> None:
    asked = recommender()
    explanation = asked.explanation("u5", 7)
    total = math.fsum(term.value for term in explanation.terms)
    assert explanation.prediction == predict(asked.factors, np.array([5]), np.array([7]))[0]
    assert total == pytest.approx(explanation.prediction, abs=1e-12)
    assert [term.label for term in explanation.terms][:3] == ["mean rating", "user bias", "movie bias"]
    sizes = [abs(term.value) for term in explanation.terms[3:]]
    assert sizes == sorted(sizes, reverse=True)


def test_of_many_factors_the_least_are_one_term() -> None:
    factors = random_factors(2, 3, 50, bias=False, init="normal", seed=3)
    terms, total = terms_of(factors, 1, 2)
    found = sorted_terms(terms)
    assert len(found) == 11
    assert found[-1].label == "40 others"
    assert math.fsum(term.value for term in found) == pytest.approx(total, abs=1e-12)
    assert sorted_terms(terms[:11])[-1].label.startswith("factor"), "one of eleven is not worth a line of its own"


def test_a_range_is_in_the_explanation() -> None:
    asked = recommender()
    ranged = Recommender(asked.ratings, replace(asked.factors, range=RatingRange("sigmoid", 0.0, 5.5)))
    explanation = ranged.explanation("u1", 2)
    assert explanation.score == pytest.approx(math.fsum(term.value for term in explanation.terms), abs=1e-12)
    assert explanation.prediction == predict(ranged.factors, np.array([1]), np.array([2]))[0]


# Somebody unknown


def test_for_an_unknown_user_the_mean_of_the_others_stands() -> None:
    asked = recommender()
    found = asked.for_user("nobody", Wish(5))
    everybody = with_mean_user(asked.factors, asked.ratings)
    expected = predict(everybody, np.full(N_MOVIES, UNKNOWN, dtype=np.int32), np.arange(N_MOVIES, dtype=np.int32))
    assert found.user == UNKNOWN
    assert found.movies.tolist() == np.argsort(-expected, kind="stable")[:5].tolist()
    np.testing.assert_allclose(found.predictions, expected[found.movies], rtol=1e-14)
    assert found.n_unseen == N_MOVIES
    assert all(not each.near for each in found.reasons)
    assert "user nobody is not in the table, so the mean of 12 users stands in" in user_words(asked, found)
    assert asked.explanation("nobody", 3).prediction == pytest.approx(expected[3], rel=1e-14)
    assert why_not(asked, found, 3).rating is None


# Why not


def answer_of(asked: Recommender, user: int, movie: int, wish: Wish) -> tuple[WhyNot, str]:
    listed = asked.for_user(f"u{user}", wish)
    found = why_not(asked, listed, movie)
    return found, " ".join(sentences(found, f"u{user}", wish.n))


def test_why_not_ranks_every_movie_as_a_loop_does() -> None:
    asked, wish = recommender(), Wish(5, MovieFilter(genres=("Drama", "War"), min_ratings=2))
    everything = by_loop(asked, 4, MovieFilter())
    passing = by_loop(asked, 4, wish.only)
    listed = asked.for_user("u4", wish)
    for movie in range(N_MOVIES):
        found = why_not(asked, listed, movie)
        assert found.rating == asked.ratings.rating(4, movie)
        assert found.rank == (everything.index(movie) + 1 if movie in everything else None)
        assert found.rank_passing == (passing.index(movie) + 1 if movie in passing else None)
        assert found.place == (passing.index(movie) + 1 if movie in passing[:5] else None)
        assert found.needed == listed.predictions[-1]
        assert (found.n_unseen, found.n_passing) == (len(everything), len(passing))


def test_why_not_in_words() -> None:
    asked = recommender()
    rated = int(asked.ratings.user_line(4)[0][0])
    _, said = answer_of(asked, 4, rated, Wish(5))
    assert f"User u4 has rated it already: {asked.ratings.rating(4, rated):g}." in said
    order = by_loop(asked, 4, MovieFilter())
    _, said = answer_of(asked, 4, order[0], Wish(5))
    assert "It is in the list, at place 1." in said
    found, said = answer_of(asked, 4, order[-1], Wish(5))
    assert f"By prediction it is number {len(order)} of {len(order)} unseen movies." in said
    assert f"it would take {found.needed - found.prediction:.3f} more" in said
    assert "What counts against it most" not in said  # all its addends would be written as 0.00
    factors = replace(asked.factors, movie_factors=1_000.0 * asked.factors.movie_factors)
    asked = Recommender(asked.ratings, factors)
    _, said = answer_of(asked, 4, by_loop(asked, 4, MovieFilter())[-1], Wish(5))
    assert "What counts against it most: " in said
    assert [each.value for each in found.against] == sorted(each.value for each in found.against)
    genre = asked.facts.genres_of(order[0])[0]
    _, said = answer_of(asked, 4, order[0], Wish(5, MovieFilter(without=(genre,))))
    assert f"The filter rules it out: it is {genre}, which was ruled out." in said


def test_why_not_says_where_diversity_passed_a_movie_over() -> None:
    """The second is a copy of the first, with a slightly lower prediction."""
    vectors = np.array([[2.0, 0.0], [1.9, 0.0], [0.0, 1.0], [0.1, 0.1]])
    ratings = Ratings.from_crosstab(["a"], list("wxyz"), np.zeros((1, 4)), np.zeros((1, 4), dtype=bool))
    asked = Recommender(ratings, Factors(np.array([[1.0, 1.0]]), vectors))
    listed = asked.for_user("a", Wish(2, diversity=0.7))
    assert listed.movies.tolist() == [0, 2]
    found = why_not(asked, listed, 1)
    assert found.too_alike
    assert "diversity passed it over" in " ".join(sentences(found, "a", 2))


# Draws, and other corners


def gibbs(asked: Recommender) -> Samples:
    draws = [random_factors(N_USERS, N_MOVIES, 4, bias=True, init="normal", seed=seed) for seed in range(9)]
    mean = PosteriorMean(np.zeros(0, np.int32), np.zeros(0, np.int32), burn_in=0)
    for draw in draws:
        mean.add(replace(draw, global_mean=3.5))
    return Samples(asked.factors, mean, (0.5, 5.0))


def test_of_draws_the_mean_counts_for_one_and_for_everyone() -> None:
    plain = recommender()
    samples = gibbs(plain)
    asked = Recommender(plain.ratings, plain.factors, samples)
    found = asked.for_user("u2", Wish(6))
    movies = np.arange(N_MOVIES, dtype=np.int32)
    mean = predict_samples(samples.draws, np.full(N_MOVIES, 2, dtype=np.int32), movies, samples.scale)
    unseen = [movie for movie in movies.tolist() if plain.ratings.rating(2, movie) is None]
    assert found.movies.tolist() == sorted(unseen, key=lambda movie: -mean.mean[movie])[:6]
    explanation = asked.explanation("u2", int(found.movies[0]))
    assert explanation.spread == pytest.approx(mean.sd[found.movies[0]])
    everyone, predictions = recommend(
        weights_for_all(asked.factors, samples), plain.ratings, np.array([2], dtype=np.int32), 6
    )
    assert everyone[0].tolist() == found.movies.tolist()
    np.testing.assert_allclose(predictions[0], found.predictions, rtol=1e-6)
    assert weights_for_all(plain.factors, None) is plain.factors
    nobody = asked.for_user("nobody", Wish(3))
    means = [draw.movie_factors @ draw.user_factors.mean(axis=0) + draw.movie_bias + draw.user_bias.mean() + 3.5
             for draw in samples.draws]  # fmt: skip
    expected = np.clip(np.mean(means, axis=0), 0.5, 5.0)
    np.testing.assert_allclose(nobody.predictions, expected[nobody.movies], rtol=1e-6)


def test_work_ends_when_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfgui.app.user_predictions.MOVIES_AT_ONCE", 10)
    with pytest.raises(Interrupted):
        recommender().for_user("u0", Wish(), lambda: True)


def test_what_the_page_shows() -> None:
    asked = recommender()
    reading = Reading(asked.ratings, asked.factors, "bias", "bias")
    first = answer(Question(reading, "u4", Wish(5), "590"))
    assert [column.title for column in first.columns] == [
        "#", "Title", "Prediction", "Ratings", "Year", "Reasons", "Genres"
    ]  # fmt: skip
    assert [len(column) for column in first.columns] == [5] * 7
    assert first.why[0].startswith("Film 590 (2009): predicted ")
    assert first.figures.startswith(f"from {first.listed.n_candidates} of ")
    again = answer(Question(reading, "u5", Wish(5)), first)
    assert again.recommender.facts is first.recommender.facts
    bare = Reading(replace(asked.ratings, titles={}, genres={}), asked.factors, "bias", "bias")
    assert [column.title for column in answer(Question(bare, "u4", Wish(5)), first).columns] == [
        "#", "Title", "Prediction", "Ratings", "Reasons"
    ]  # fmt: skip


def test_nothing_left_to_recommend_is_said() -> None:
    full = Ratings.from_crosstab(["a", "b"], ["x", "y"], np.ones((2, 2)), np.array([[True, True], [True, False]]))
    asked = Recommender(full, random_factors(2, 2, 2, bias=False))
    assert figure_words(asked.for_user("a", Wish())) == "Nothing to recommend: every movie is rated."
    none = asked.for_user("b", Wish(only=MovieFilter(min_ratings=9)))
    assert figure_words(none) == "Nothing to recommend: none of 1 unseen movie passes the filter."
    assert first_user(full) == "b"
    assert "nan" not in " ".join(sentences(why_not(asked, none, 1), "b", 10))


def test_filters_in_words() -> None:
    only = MovieFilter(("Drama", "War"), ("Comedy",), 20, 1950, 1990)
    assert filter_words(only) == "Drama or War, not Comedy, 20 ratings or more, 1950 to 1990"
    assert filter_words(MovieFilter(from_year=1950)) == "from 1950 on"
    assert filter_words(MovieFilter()) == ""


def test_what_lists_have_in_common() -> None:
    tally = ListTally(np.array([True, False, False, False]), 4)
    tally.add(Recommended(0, np.array([[0, 1], [0, -1]], dtype=np.int32), np.zeros((2, 2))))
    assert (tally.coverage, tally.popularity_share, tally.n_users) == (0.5, 2 / 3, 2)
    assert tally_words(tally) == (
        "2 lists: coverage 50.0 % of 4 movies, 66.7 % of the recommendations are among the most rated tenth"
    )
    assert math.isnan(ListTally(np.zeros(1, dtype=bool), 0).coverage)


@pytest.mark.parametrize(("wanted", "place"), [("sci fi", 2), ("SCIFI", 2), (" Film noir ", 1), ("-", 3), ("Fi", None)])
def test_genres_are_found_in_other_spellings(wanted: str, place: int | None) -> None:
    assert genre_place(("Drama", "Film-Noir", "Sci-Fi", "-"), wanted) == place
    assert genre_place(("Sci Fi", "Sci-Fi"), "sci-fi") == 1  # as it is written goes first


def test_lists_without_a_movie_are_no_figures() -> None:
    asked = recommender()
    nothing = ListTally(popular_mask(asked.facts, 0.1), 0)
    assert tally_words(nothing) == "Nothing to recommend: no movie passes the filter"
    assert tally_words(ListTally(nothing.popular, 3)).startswith("Nothing to recommend: everybody has rated")
