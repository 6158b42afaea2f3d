"""Facts as features, and a new user who begins from them: planted ones come back, idle ones change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.cold_start import METHODS, ColdStart
from cfgui.core.factors import Factors
from cfgui.core.metadata_model import PENALTIES, fit_metadata
from cfgui.core.prior import spread_of
from cfgui.core.ratings import Ratings
from cfgui.core.user_features import FEWEST_USERS, facts_in, user_features
from tests.core.test_cold_start import drawn
from tests.core.test_fold_in import model, ratings_of

JOBS = ("artist", "doctor", "lawyer", "writer")


def planted(*, telling: bool = True, n_users: int = 200) -> tuple[Ratings, Factors, np.ndarray]:
    """(ratings, factors, rows of users) whose weights are linear in two facts each, which are told or mixed up."""
    rng = np.random.default_rng(6)
    job, sex = rng.integers(0, 4, n_users), rng.integers(0, 2, n_users)
    factors = model(n_users=n_users, n_movies=40)
    rows = rng.normal(0, 0.8, (4, 4))[job] + rng.normal(0, 0.5, (2, 4))[sex] + rng.normal(0, 0.1, (n_users, 4))
    factors = replace(factors, user_factors=rows[:, :3], user_bias=rows[:, 3])
    order = np.arange(n_users) if telling else rng.permutation(n_users)
    facts = {str(user): f"{'FM'[sex[at]]}|{JOBS[job[at]]}" for user, at in enumerate(order)}
    ratings = ratings_of(factors, n=20 * n_users)
    facts = dict(zip(ratings.user_ids, facts.values(), strict=True))
    return replace(ratings, user_facts=facts), factors, rows


def test_a_fact_of_several_users_is_a_column():
    factors = model(n_users=12)
    ratings = ratings_of(factors, n=200)
    facts = ["b|A", "b", "b|rare", "A|b", "A", "A|c", " A | b ", "", "", "rare", "", "rare"]
    found = user_features(replace(ratings, user_facts=dict(zip(ratings.user_ids, facts, strict=True))))
    assert FEWEST_USERS == 5
    assert found.facts == ("A", "b")
    known = np.array([[1, 1], [0, 1], [0, 1], [1, 1], [1, 0], [1, 0], [1, 1]], dtype=float)
    np.testing.assert_array_equal(found.table[:7], known)
    np.testing.assert_array_equal(found.table[7:], np.tile(known.mean(axis=0), (5, 1)))
    assert found.is_known.tolist() == [True] * 7 + [False] * 5
    assert found.of_user(8) is None
    row, unknown = found.of(["B", " rare", "", "new"])
    assert row is not None
    assert (row.tolist(), unknown) == ([0.0, 1.0], ("rare", "new"))
    assert found.of(["new"]) == (None, ("new",))
    assert facts_in(" M || age 25-34 |") == ("M", "age 25-34")


def test_without_facts_there_is_no_column():
    ratings = ratings_of(model())
    found = user_features(ratings)
    assert (found.facts, found.table.shape) == ((), (40, 0))
    assert not found.is_known.any()


def test_users_linear_in_their_facts_come_back_for_those_hidden_from_the_fit():
    ratings, factors, rows = planted()
    hidden = np.arange(0, 200, 5)
    kept = ~np.isin(ratings.users, hidden)
    arrays = (array[kept] for array in (ratings.users, ratings.movies, ratings.values))
    train = Ratings(ratings.user_ids, ratings.movie_ids, *arrays, user_facts=ratings.user_facts)
    features = user_features(train)
    found = fit_metadata(train, factors, features.table, "user")
    left = np.square(rows[hidden] - found.rows(features.table[hidden])).sum()
    assert 1 - left / np.square(rows[hidden] - rows[hidden].mean(axis=0)).sum() > 0.95
    assert found.helps
    assert found.r_squared > 0.95


def test_the_prior_of_told_facts_is_their_row_with_what_the_fit_leaves_open():
    ratings, factors, rows = planted(n_users=30)
    features = user_features(ratings)
    cold = ColdStart(ratings, factors, features=features.table)
    row, _ = features.of(["M", "artist"])
    assert row is not None
    told = cold.of(row)
    found = cold.metadata
    assert found is not None
    np.testing.assert_array_equal(told.prior.mean, found.rows(row[None, :])[0])
    assert (told.plain_prior, told.metadata) == (cold.plain_prior, cold.metadata)
    assert found.penalty in PENALTIES
    left = np.empty_like(rows)  # each user really left out of a ridge regression, one after another
    counts, table = ratings.user_counts.astype(float), features.table
    scale = np.sqrt(np.average((table - np.average(table, axis=0, weights=counts)) ** 2, axis=0, weights=counts))
    for user in range(30):
        w = np.delete(counts, user)
        others, own = np.delete(table, user, axis=0), np.delete(rows, user, axis=0)
        centre, base = np.average(others, axis=0, weights=w), np.average(own, axis=0, weights=w)
        x = (others - centre) / scale
        a = x.T @ (w[:, None] * x) + found.penalty * counts.mean() * np.eye(x.shape[1])
        b = np.linalg.solve(a, x.T @ (w[:, None] * (own - base)))
        left[user] = rows[user] - base - (table[user] - centre) / scale @ b
    np.testing.assert_allclose(told.prior.covariance, spread_of(left)[1], rtol=1e-6, atol=1e-10)
    assert np.trace(told.prior.covariance) < 0.3 * np.trace(cold.prior.covariance)


def test_facts_change_the_fold_in_and_nothing_else():
    ratings, factors, _ = planted()
    features = user_features(ratings)
    cold = ColdStart(ratings, factors, drawn(factors, 4), features=features.table)
    row, _ = features.of(["doctor"])
    told, given = cold.of(row), (np.array([3, 9], dtype=np.int32), np.array([4.0, 2.0]))
    for method in METHODS:
        same = np.array_equal(told.guess(method, *given).predictions, cold.guess(method, *given).predictions)
        assert same == (method in ("mean", "average"))
    np.testing.assert_array_equal(told.guess("fold-in").weights, told.prior.mean)
    np.testing.assert_array_equal(told.of(None).guess("bayesian").predictions, cold.guess("bayesian").predictions)
    assert all(a.mean.tolist() != b.mean.tolist() for a, b in zip(told.drawn_priors, cold.drawn_priors, strict=True))


@pytest.mark.parametrize("n_draws", [0, 3])
def test_facts_that_say_nothing_change_nothing_bit_for_bit(n_draws):
    ratings, factors, _ = planted(telling=False)
    features = user_features(ratings)
    cold = ColdStart(ratings, factors, drawn(factors, n_draws) if n_draws else None, features=features.table)
    told = cold.of(features.of(["M", "doctor"])[0])
    assert cold.metadata is not None
    assert not cold.metadata.helps
    assert told.prior is cold.plain_prior
    assert told.drawn_priors is cold.drawn_priors
    for method in METHODS:
        np.testing.assert_array_equal(told.guess(method).predictions, cold.guess(method).predictions)
