"""The questionnaire: gains counted plainly, and errors of simulated users that fall faster than with random movies."""

import numpy as np
import pytest

from cfgui.core.fold_in import fold_in
from cfgui.core.prior import prior_of
from cfgui.core.questionnaire import Questionnaire
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from tests.core.test_fold_in import model, ratings_of


def test_the_gain_is_what_one_more_rating_takes_off_the_mean_variance():
    factors = model()
    ratings = ratings_of(factors)
    prior = prior_of(ratings, factors, "user")
    answers = {4: 3.0, 9: 5.0}
    question = Questionnaire(prior, ratings).next(answers, skipped=[2])
    share = ratings.movie_counts / ratings.n_ratings

    def variance(movies):
        folded = fold_in(prior, np.array(movies, dtype=np.int32), np.full(len(movies), 3.0))
        return float(share @ folded.sd() ** 2)

    gains = {
        movie: (variance([4, 9]) - variance([4, 9, movie])) * ratings.movie_counts[movie]
        for movie in range(30)
        if movie not in (2, 4, 9)
    }
    best = max(gains, key=gains.get)
    assert question.movie == best
    assert question.gain == pytest.approx(gains[best] / ratings.movie_counts[best])
    assert question.variance == pytest.approx(variance([4, 9]))
    assert question.known == pytest.approx(ratings.movie_counts[best] / (ratings.user_counts > 0).sum())
    folded = fold_in(prior, np.array([4, 9], dtype=np.int32), np.array([3.0, 5.0]))
    assert question.spread == pytest.approx(folded.sd()[best])


def test_no_movie_is_asked_about_twice_and_it_ends():
    factors = model(n_movies=6)
    ratings = ratings_of(factors, n=120)
    asking, answers, skipped = Questionnaire(prior_of(ratings, factors, "user"), ratings), {}, []
    for number in range(6):
        movie = asking.next(answers, skipped).movie
        assert movie not in answers
        assert movie not in skipped
        if number % 2:
            skipped.append(movie)
        else:
            answers[movie] = 4.0
    assert asking.next(answers, skipped) is None


def test_nobody_is_asked_about_a_movie_without_ratings():
    factors = model()
    whole = ratings_of(factors)
    kept = whole.movies < 3
    ratings = Ratings(whole.user_ids, whole.movie_ids, whole.users[kept], whole.movies[kept], whole.values[kept])
    asking = Questionnaire(prior_of(ratings, factors, "user"), ratings)
    asked = []
    while (question := asking.next({}, asked)) is not None:
        asked.append(question.movie)
    assert sorted(asked) == [0, 1, 2]


def test_bent_predictions_are_asked_about_too():
    factors = model(rating_range=RatingRange("sigmoid", 0, 5.5))
    ratings = ratings_of(factors)
    asking = Questionnaire(prior_of(ratings, factors, "user"), ratings)
    first = asking.next({})
    second = asking.next({first.movie: 4.0})
    assert second.movie != first.movie


def test_simulated_users_are_known_sooner_than_by_random_movies_as_popular():
    rng = np.random.default_rng(7)
    factors = model("dot", n_users=300, n_movies=120, k=6, seed=3)
    ratings = ratings_of(factors, n=12_000)
    prior = prior_of(ratings, factors, "user")
    asking = Questionnaire(prior, ratings)
    popular = np.argsort(-ratings.movie_counts, kind="stable")[:60]
    chances = ratings.movie_counts / 300
    errors = np.zeros((2, 11))
    for _ in range(60):
        user = rng.multivariate_normal(prior.mean, prior.covariance)
        truth = factors.movie_factors @ user
        rated = truth + rng.normal(0, np.sqrt(prior.noise), 120)
        knows = rng.random(120) < chances + 0.4
        for way, order in enumerate((None, rng.permutation(popular))):
            answers, skipped = {}, []
            for number in range(11):
                errors[way, number] += np.mean((asking.folded(answers).predictions() - truth) ** 2) / 60
                movie = asking.next(answers, skipped).movie if order is None else int(order[number])
                if knows[movie]:
                    answers[movie] = float(rated[movie])
                else:
                    skipped.append(movie)
    clever, random = errors
    assert clever[0] == random[0]
    assert (clever[2:] < random[2:]).all()
    assert clever[1:].sum() < 0.9 * random[1:].sum()
