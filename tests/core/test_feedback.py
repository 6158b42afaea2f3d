"""Feedback loops: measures by hand, rounds against a plain loop, the lesson over several seeds."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.feedback import START_RATINGS, simulate
from cfgui.core.feedback_choosing import best_unseen, chosen, popularity_penalty, with_random_places
from cfgui.core.feedback_measures import (
    coverage,
    gini,
    popularity_share,
    recommendation_counts,
    rmse,
    shares_by_genre,
)
from cfgui.core.feedback_model import Observed, even_weights, propensity_weights, retrained, untrained
from cfgui.core.feedback_options import FEEDBACK_OPTIONS, FeedbackChoices
from cfgui.core.feedback_world import PLANTED_GENRES, genres_of, planted_world, rarest_genre, trained_world
from cfgui.core.models import predict_all
from cfgui.core.starts import random_factors
from tests.helpers.reference import SHARED, real_ratings
from tests.helpers.tables import random_table

SMALL = {"n_users": 60, "n_movies": 40, "rounds": 4}


def played(**chosen_values):
    choices = FeedbackChoices(**chosen_values)
    return list(simulate(planted_world(choices), choices))


# Measures


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([0, 0, 0, 4], 0.75), ([1, 1, 1, 1], 0.0), ([1, 2, 3, 4], 0.25), ([4, 1, 3, 2], 0.25), ([0, 2], 0.5), ([5], 0.0)],
)
def test_gini_by_hand(counts, expected):
    assert gini(np.array(counts)) == pytest.approx(expected, abs=1e-15)


def test_gini_is_half_the_mean_difference_relative_to_the_mean():
    counts = np.random.default_rng(3).integers(0, 50, 40)
    differences = np.abs(counts[:, None] - counts[None, :]).mean()
    assert gini(counts) == pytest.approx(differences / (2 * counts.mean()), rel=1e-13)


def test_shares_and_coverage_by_hand():
    shown = np.array([[0, 1], [0, 2], [3, -1]], dtype=np.int32)
    counts = recommendation_counts(shown, 5)
    assert counts.tolist() == [2, 1, 1, 1, 0]
    # the second movie is half of each genre
    genre_shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert shares_by_genre(counts, genre_shares) == pytest.approx([2.5 / 5, 2.5 / 5])
    assert coverage(counts) == 0.8


def test_popularity_share_by_hand():
    n_ratings = np.array([5, 9, 9, 9] + [1] * 16)  # the tenth of 20 movies: the second and the third
    assert popularity_share(np.array([3, 0, 1, 0] + [0] * 16), n_ratings) == 0.25
    assert popularity_share(np.array([3, 0, 0, 1] + [0] * 16), n_ratings) == 0.0
    assert popularity_share(np.array([0, 2, 2, 4] + [0] * 16), n_ratings) == 0.5


def test_nothing_recommended_has_no_shares():
    nothing = np.zeros(3, dtype=np.int64)
    assert math.isnan(gini(nothing))
    assert math.isnan(popularity_share(nothing, nothing))
    assert np.isnan(shares_by_genre(nothing, np.eye(3))).all()
    assert math.isnan(rmse(np.zeros(0), np.zeros(0)))
    assert rmse(np.array([1.0, 2.0]), np.array([4.0, 6.0])) == pytest.approx(math.sqrt(12.5))


# Choosing


def test_the_best_unseen_by_hand():
    scores = np.array([[1.0, 3.0, 2.0, 3.0], [0.0, 0.0, 5.0, 1.0]])
    rated = np.array([[False, False, False, False], [True, True, False, True]])
    assert best_unseen(scores, rated, 3).tolist() == [[1, 3, 2], [2, -1, -1]]
    assert best_unseen(scores, rated, 6).tolist() == [[1, 3, 2, 0, -1, -1], [2, -1, -1, -1, -1, -1]]


def test_random_places_are_unseen_different_and_as_many_as_asked_for():
    rng = np.random.default_rng(1)
    rated, scores = rng.random((400, 60)) < 0.3, rng.random((400, 60))
    best = best_unseen(scores, rated, 5)
    lists = with_random_places(best, rated, 0.2, rng)
    assert np.mean(lists != best) == pytest.approx(0.2, abs=0.03)
    assert not rated[np.arange(400)[:, None], lists].any()
    assert all(len(set(row)) == 5 for row in lists.tolist())
    assert np.array_equal(with_random_places(best, rated, 0.0, rng), best)
    # nobody can be shown what there is not
    few = best_unseen(scores[:, :5], rated[:, :5], 5)
    assert np.array_equal(with_random_places(few, rated[:, :5], 1.0, rng), few)


def test_a_doubling_costs_three_tenths_of_a_star():
    penalty = popularity_penalty(np.array([1, 3, 7]), 1.0)
    assert np.diff(penalty) == pytest.approx([0.3, 0.3])
    assert popularity_penalty(np.array([4, 4]), 2.0) == pytest.approx([0.0, 0.0])


def test_thompson_draws_most_where_ratings_are_few():
    choices = FeedbackChoices(exploration=1.0, exploration_kind="thompson", shown=1)
    scores, rated = np.tile([0.0, 0.3], (4000, 1)), np.zeros((4000, 2), dtype=bool)
    few = chosen(scores, rated, np.array([0, 10_000]), 1.0, choices, np.random.default_rng(0))
    # the first wins where a standard normal exceeds .3 (but for a little noise of the second): 38.2 %
    assert np.mean(few == 0) == pytest.approx(0.382, abs=0.025)
    many = chosen(scores, rated, np.array([10_000, 10_000]), 1.0, choices, np.random.default_rng(0))
    assert np.mean(many == 0) < 0.001


# The model


def naive_sweep(p, q, bu, bm, cells, weights, lambda_, mean):
    """One sweep of weighted ALS, cell by cell."""
    k = p.shape[1]
    for rows, cols, row_bias, col_bias, place in ((p, q, bu, bm, 0), (q, p, bm, bu, 1)):
        for row in range(len(rows)):
            a, b = lambda_ * np.eye(k + 1), np.zeros(k + 1)
            for cell, value in cells.items():
                if cell[place] == row:
                    feature = np.append(cols[cell[1 - place]], 1.0)
                    a += weights[cell] * np.outer(feature, feature)
                    b += weights[cell] * feature * (value - mean - col_bias[cell[1 - place]])
            solved = np.linalg.solve(a, b)
            rows[row], row_bias[row] = solved[:k], solved[k]


def test_weighted_training_against_a_plain_loop():
    ratings = random_table(7, 6, 25, seed=5)
    observed = Observed(ratings.users, ratings.movies, ratings.values)
    weights = propensity_weights(observed, ratings.user_counts, ratings.movie_counts, 1.0)
    each = {
        (u, m): 1.0 / (ratings.user_counts[u] * ratings.movie_counts[m])
        for u, m in zip(ratings.users.tolist(), ratings.movies.tolist(), strict=True)
    }
    # the same up to one number for all, as each side's mean is 1
    ratio = weights.of(observed) / np.array(list(each.values()))
    assert ratio == pytest.approx(ratio[0], rel=1e-12)
    assert np.mean(weights.users[ratings.users]) == pytest.approx(1.0)

    start = untrained(7, 6, 2, seed=1)
    found = retrained(start, observed, weights, 0.5, 3, Watch())
    cells = dict(zip(each, ratings.values.tolist(), strict=True))
    by_cell = dict(zip(each, weights.of(observed).tolist(), strict=True))
    mean = sum(by_cell[c] * v for c, v in cells.items()) / sum(by_cell.values())
    p, q, bu, bm = (a.copy() for a in (start.user_factors, start.movie_factors, start.user_bias, start.movie_bias))
    for _ in range(3):
        naive_sweep(p, q, bu, bm, cells, by_cell, 0.5, mean)
    assert predict_all(found) == pytest.approx(p @ q.T + bu[:, None] + bm + mean, abs=1e-10)


# Whole rounds


def test_rounds_against_a_plain_loop():
    """Everything but the streams of chance done anew: start, training, lists, answers, habits and measures."""
    choices = FeedbackChoices(n_users=9, n_movies=12, rounds=3, shown=3, model_factors=2, enthusiasts=0.2, habit=0.2)
    world = planted_world(choices)
    genre = [int(np.argmax(row)) for row in world.genre_shares]
    noise = np.random.default_rng([42, 4]).normal(0.0, choices.noise, (9, 12))
    luck = np.random.default_rng([42, 6]).gumbel(size=(9, 12))
    answers = np.random.default_rng([42, 3])
    gained = np.zeros((9, 8))

    def opinion(u, m):
        return min(max(world.truth[u, m] + gained[u, genre[m]], 0.5), 5.0)

    def says(u, m):
        return round(2 * min(max(opinion(u, m) + noise[u, m], 0.5), 5.0)) / 2

    cells = {}
    for u in range(9):
        drawn = sorted(range(12), key=lambda m: -(math.log(world.popularity[m]) + luck[u, m]))[:6]
        loved = [m for m in range(12) if genre[m] == world.favourite] if u in world.enthusiasts else []
        cells |= {(u, m): says(u, m) for m in sorted({*drawn, *loved})}
    start = untrained(9, 12, 2, 42)
    p, q, bu, bm = (a.copy() for a in (start.user_factors, start.movie_factors, start.user_bias, start.movie_bias))
    average = world.truth.mean()
    for number, report in enumerate(simulate(world, choices), 1):
        cells = dict(sorted(cells.items()))
        mean = sum(cells.values()) / len(cells)
        for _ in range(6 if number == 1 else 2):
            naive_sweep(p, q, bu, bm, cells, dict.fromkeys(cells, 1.0), choices.model_lambda, mean)
        scores = p @ q.T + bu[:, None] + bm + mean
        lists = [
            sorted((m for m in range(12) if (u, m) not in cells), key=lambda m: -scores[u, m])[:3] for u in range(9)
        ]
        seen = [(u, m) for u in range(9) if u not in world.enthusiasts for m in lists[u]]
        counts = [sum(m == movie for _, m in seen) for movie in range(12)]
        assert report.counts.tolist() == counts
        shares = [sum(genre[m] == g for _, m in seen) / len(seen) for g in range(8)]
        assert report.genre_shares == pytest.approx(shares)
        assert report.favourite_share == pytest.approx(shares[world.favourite])
        assert report.n_ratings == len(cells)
        assert report.liking == pytest.approx(np.mean([opinion(u, m) for u, m in seen]))
        fit = [min(max(scores[cell], 0.5), 5.0) - value for cell, value in cells.items()]
        assert report.observed_rmse == pytest.approx(math.sqrt(np.mean(np.square(fit))), abs=1e-9)
        off = [(min(max(scores[u, m], 0.5), 5.0) - opinion(u, m)) ** 2 for u in range(9) for m in range(12)]
        assert report.truth_rmse == pytest.approx(math.sqrt(np.mean(off)), abs=1e-9)  # so few cells are all drawn
        draws = answers.random((9, 3))
        watched = []
        for u in range(9):
            for rank, m in enumerate(lists[u]):
                chance = choices.response + choices.pickiness * (opinion(u, m) - average) / 4.5
                if draws[u, rank] < chance:
                    watched.append((u, m))
        said = {cell: says(*cell) for cell in watched}
        for u, m in watched:
            gained[u, genre[m]] += 0.2
        assert report.n_new == len(watched)
        cells |= said


def same(left, right):
    for a, b in zip(left, right, strict=True):
        for name, value in vars(a).items():
            assert np.array_equal(value, vars(b)[name]), name


@pytest.mark.parametrize("extra", [{}, {"exploration": 0.3}, {"exploration": 0.5, "exploration_kind": "thompson"}])
def test_the_same_seed_gives_the_same_bits(extra):
    same(played(**SMALL, **extra), played(**SMALL, **extra))
    other = played(**SMALL, **extra, world_seed=7)
    assert not np.array_equal(other[-1].counts, played(**SMALL, **extra)[-1].counts)


def test_the_same_bits_on_one_thread_and_two():
    choices = FeedbackChoices(n_users=1200, n_movies=100, rounds=4, response=0.9, model_factors=20)
    world = planted_world(choices)
    one, two = (list(simulate(world, choices, n_threads=n)) for n in (1, 2))
    assert one[-1].n_ratings > 20_000  # more than one piece of work, with so many factors
    same(one, two)


def test_runs_that_differ_in_exploration_begin_alike():
    plain, exploring = played(**SMALL)[0], played(**SMALL, exploration=0.5)[0]
    assert plain.n_ratings == exploring.n_ratings
    assert plain.truth_rmse == exploring.truth_rmse
    assert not np.array_equal(plain.counts, exploring.counts)


def test_a_wish_to_stop_ends_it_between_rounds():
    choices = FeedbackChoices(**SMALL)
    wished = []
    rounds = simulate(planted_world(choices), choices, stop=lambda: bool(wished))
    next(rounds)
    wished.append(True)
    with pytest.raises(Interrupted):
        next(rounds)


def test_lists_run_dry_without_a_word():
    reports = played(n_users=20, n_movies=8, rounds=6, shown=8, response=1.0, pickiness=0.0)
    assert [it.n_new for it in reports[:2]] == [20 * 8 - reports[0].n_ratings, 0]
    assert reports[-1].n_ratings == 160
    assert math.isnan(reports[-1].gini)
    assert math.isnan(reports[-1].liking)


# The lesson

WAYS = {
    "nobody": {"enthusiasts": 0.0},
    "enthusiasts": {},
    "random": {"exploration": 0.2},
    "thompson": {"exploration": 1.0, "exploration_kind": "thompson"},
    "weights": {"debiasing": "weights"},
    "popularity": {"debiasing": "popularity"},
}


@pytest.fixture(scope="module")
def shares():
    """The share of the enthusiasts' genre by round, the mean of four seeds, for each way."""
    runs = {
        name: [[it.favourite_share for it in played(**way, world_seed=seed, rounds=12)] for seed in range(4)]
        for name, way in WAYS.items()
    }
    return {name: np.mean(run, axis=0) for name, run in runs.items()}


def test_the_enthusiasts_genre_grows_over_the_rounds(shares):
    grown, fair = shares["enthusiasts"], 1 / len(PLANTED_GENRES)
    assert grown[0] < fair
    assert grown[-3:].mean() > grown[:3].mean() + 0.2
    assert grown[-1] > 2.5 * fair
    assert grown[-1] > shares["nobody"][-1] + 0.25


@pytest.mark.parametrize("way", ["random", "thompson", "weights", "popularity"])
def test_exploration_and_debiasing_slow_it(shares, way):
    grown, slowed = shares["enthusiasts"], shares[way]
    assert slowed[-1] < grown[-1] - 0.12
    assert slowed[-1] - slowed[0] < 0.7 * (grown[-1] - grown[0])


def test_it_grows_without_habits_too_but_less():
    still = np.mean(
        [[it.favourite_share for it in played(habit=0.0, world_seed=s, rounds=12)] for s in range(3)], axis=0
    )
    without = [
        [it.favourite_share for it in played(habit=0.0, enthusiasts=0.0, world_seed=s, rounds=12)] for s in range(3)
    ]
    assert still[-1] > np.mean(without, axis=0)[-1] + 0.07


# Worlds


def test_a_planted_world():
    choices = FeedbackChoices(n_users=100, n_movies=80, enthusiasts=0.03)
    world = planted_world(choices)
    assert len(world.enthusiasts) == 3
    assert world.genres[world.favourite] == "Anime"
    loved = np.flatnonzero(world.favourite_movies)
    assert len(loved) == 10
    assert (world.truth[np.ix_(world.enthusiasts, loved)] == 5.0).all()
    assert world.popularity.sum() == pytest.approx(1.0)
    assert world.favourite_share == pytest.approx(0.125)
    nobody = planted_world(FeedbackChoices(n_users=100, n_movies=80, enthusiasts=0.0))
    assert np.array_equal(nobody.truth[world.others], world.truth[world.others])
    report = next(simulate(world, choices))
    extra = report.n_ratings - 100 * START_RATINGS
    assert 0 < extra <= 30  # what they had not happened to rate already


def test_the_genre_can_be_chosen_and_an_unknown_one_is_refused():
    world = planted_world(FeedbackChoices(**SMALL, genre="sci-fi"))
    assert world.genres[world.favourite] == "Sci-Fi"
    with pytest.raises(ValueError, match="no genre 'Western': choose one of Anime, Action"):
        planted_world(FeedbackChoices(**SMALL, genre="Western"))


def test_genres_of_a_table_and_the_rarest():
    ratings = random_table(4, 3, 12)
    ids = ratings.movie_ids
    known = type(ratings)(
        ratings.user_ids,
        ids,
        ratings.users,
        ratings.movies,
        ratings.values,
        {},
        {ids[0]: "Drama|Comedy", ids[1]: "Drama"},
    )
    genres, shares = genres_of(known, random_factors(4, 3, 2, bias=False, init="normal", seed=0))
    assert genres == ("(no genres listed)", "Comedy", "Drama")
    assert shares.tolist() == [[0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    # 8 ratings of the first genre, 7 of the third; the 5 of the second are of half a movie, which is too few
    assert rarest_genre(shares, np.array([10, 2, 8])) == 2
    assert rarest_genre(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 2])) == 0


def test_movies_without_genres_are_grouped_by_their_strongest_factor():
    ratings = random_table(6, 5, 24, seed=2)
    factors = random_factors(6, 5, 2, bias=True, init="normal", seed=3)
    world = trained_world(ratings, factors, FeedbackChoices(**{**SMALL, "n_users": 6, "n_movies": 5}))
    assert set(world.genres) == {"factor 1", "factor 2"}
    z = (factors.movie_factors - factors.movie_factors.mean(axis=0)) / factors.movie_factors.std(axis=0)
    groups = [world.genres[int(np.argmax(row))] for row in world.genre_shares]
    assert groups == [f"factor {1 + int(np.argmax(row))}" for row in z]


def test_the_trained_truth_is_what_the_model_predicts():
    ratings = random_table(12, 9, 75, seed=4)
    factors = random_factors(12, 9, 3, bias=True, init="uniform", seed=1)
    choices = FeedbackChoices(n_users=12, n_movies=9, enthusiasts=0.0, rounds=2)
    world = trained_world(ratings, factors, choices)
    users = [ratings.user_ids.index(raw) for raw in world.user_ids]
    movies = [ratings.movie_ids.index(name.removeprefix("movie ")) for name in world.movie_names]
    assert np.array_equal(world.truth, predict_all(factors)[np.ix_(users, movies)])
    assert world.scale == ratings.scale
    assert not world.planted
    assert len(list(simulate(world, choices))) == 2


def test_real_genres():
    path = SHARED / "data" / "ml-latest-small-2016" / "movies.csv"
    ratings = real_ratings()
    with path.open(encoding="utf-8", newline="") as file:
        genres = {row["movieId"]: row["genres"] for row in csv.DictReader(file)}
    ratings = replace(ratings, genres=genres)
    factors = random_factors(ratings.n_users, ratings.n_movies, 4, bias=True, init="normal", seed=1)
    choices = FeedbackChoices(n_users=100, n_movies=300, rounds=2)
    world = trained_world(ratings, factors, choices)
    assert world.truth.shape == (100, 300)
    assert world.step == 0.5
    assert world.scale == (0.5, 5.0)
    assert world.genre_shares.sum(axis=1) == pytest.approx(1.0)
    assert {"Drama", "Comedy", "Sci-Fi"} <= set(world.genres)
    reports = list(simulate(world, choices))
    assert all(report.genre_shares.sum() == pytest.approx(1.0) for report in reports)


def test_a_truth_of_no_numbers_is_refused():
    ratings = random_table(5, 4, 18, seed=4)
    factors = random_factors(5, 4, 2, bias=False, init="normal", seed=1).with_n_factors(2, 0)
    broken = type(factors)(factors.user_factors * np.nan, factors.movie_factors)
    with pytest.raises(ValueError, match="no numbers"):
        trained_world(ratings, broken, FeedbackChoices(**SMALL))


# Choices


def test_every_option_has_its_field_and_its_default():
    choices = FeedbackChoices()
    assert [option.name for option in FEEDBACK_OPTIONS] == list(vars(choices))
    for option in FEEDBACK_OPTIONS:
        assert getattr(choices, option.name) == option.default, option.name
        assert option.help
        assert option.label


@pytest.mark.parametrize(
    "wrong", [{"rounds": 0}, {"exploration": 1.5}, {"debiasing": "magic"}, {"n_users": 1}, {"shown": 2.5}]
)
def test_wrong_choices_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        FeedbackChoices(**wrong)


def test_even_weights_count_one():
    weights = even_weights(3, 2)
    observed = Observed(np.array([0, 2], np.int32), np.array([1, 0], np.int32), np.array([3.0, 4.0]))
    assert weights.of(observed).tolist() == [1.0, 1.0]
