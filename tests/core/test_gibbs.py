"""Gibbs sampling: its draws against formulas known by hand, the same bits again, and what real ratings show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.core import als_systems, models
from cfgui.core.als_sides import sides
from cfgui.core.als_systems import Features, System, solve_rows
from cfgui.core.chunks import Watch
from cfgui.core.gibbs import GibbsSampler
from cfgui.core.gibbs_posterior import PosteriorMean, predict_samples
from cfgui.core.gibbs_priors import drawn_precisions, drawn_spread, drawn_wishart
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ml-latest-small-2016" / "ratings.csv"


def chain(ratings, factors, n, sampler=None, posterior=None, first=0):
    sampler = sampler or GibbsSampler(seed=1)
    both = sides(factors, ratings.users, ratings.movies, ratings.values)
    for number in range(first, first + n):
        factors = sampler.draw(both, factors, number, Watch())
        if posterior is not None:
            posterior.add(factors)
    return factors


@pytest.mark.parametrize("compiled", [False, True])
def test_rows_are_drawn_with_the_mean_and_covariance_of_their_equations(compiled, monkeypatch):
    """20,000 equal rows: x ~ N(A^-1 b, A^-1)."""
    if compiled:
        monkeypatch.setattr(als_systems, "COMPILED_FROM", 0)
    n = 20_000 if compiled else 4_000
    rng = np.random.default_rng(0)
    table, offsets = rng.normal(size=(5, 3)), rng.normal(size=5)
    rows = np.repeat(np.arange(n, dtype=np.int32), 5)
    partners, values = np.tile(np.arange(5, dtype=np.int32), n), np.tile(rng.normal(size=5), n)
    side = als_systems.Side(np.arange(0, 5 * n + 1, 5), partners, values)
    assert len(rows) == len(values)
    prior = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 3.0]])
    right = np.array([1.0, -2.0, 0.5])
    weights = np.array([1.0, 2.0, 0.5, 1.0, 3.0])
    scales = np.full(n, 1.7)
    system = System(prior, right, 0.0, scales)
    drawn = solve_rows(side, Features(table, offsets, weights), system, rng.standard_normal((n, 3)), Watch())
    a = prior + 1.7 * (table.T * weights) @ table
    b = right + 1.7 * (table.T * weights) @ (values[:5] - offsets)
    assert drawn.mean(axis=0) == pytest.approx(np.linalg.solve(a, b), abs=5 / np.sqrt(n))
    assert np.cov(drawn.T) == pytest.approx(np.linalg.inv(a), abs=5 / np.sqrt(n))


def test_wishart_draws_have_the_mean_and_variance_of_the_books():
    """Mean v S, and the variance of an entry v (S_ij^2 + S_ii S_jj)."""
    scale = np.array([[1.0, 0.3], [0.3, 0.5]])
    rng = np.random.default_rng(1)
    draws = np.array([drawn_wishart(7.0, scale, rng) for _ in range(20_000)])
    assert draws.mean(axis=0) == pytest.approx(7 * scale, abs=0.1)
    variance = 7 * (scale**2 + np.outer(np.diag(scale), np.diag(scale)))
    assert draws.var(axis=0) == pytest.approx(variance, rel=0.06)


def test_spreads_surround_the_spread_of_many_rows():
    rng = np.random.default_rng(2)
    covariance = np.array([[0.5, 0.2], [0.2, 0.3]])
    rows = rng.multivariate_normal([1.0, -2.0], covariance, 50_000)
    spread = drawn_spread(rows, rng)
    assert spread.mean == pytest.approx([1.0, -2.0], abs=0.02)
    assert np.linalg.inv(spread.precision) == pytest.approx(covariance, abs=0.02)


def test_precisions_follow_the_noise_of_users_who_rate_much_and_the_others_where_they_do_not():
    rng = np.random.default_rng(3)
    counts = np.concatenate([np.full(200, 10_000.0), np.zeros(2000)])
    variance = np.concatenate([np.repeat([0.25, 1.0], 100), np.zeros(2000)])
    precisions = drawn_precisions(variance * counts, counts, rng)
    assert precisions[:100].mean() == pytest.approx(4.0, rel=0.02)
    assert precisions[100:200].mean() == pytest.approx(1.0, rel=0.02)
    # Those who have rated nothing: a Gamma around the common mean, which lies between.
    assert 1.0 < precisions[200:].mean() < 4.0


def test_precisions_of_no_noise_are_finite():
    assert np.isfinite(drawn_precisions(np.zeros(3), np.array([5.0, 1.0, 0.0]), np.random.default_rng(0))).all()


@pytest.mark.parametrize("bias", [False, True])
def test_the_same_seed_gives_the_same_bits_with_any_number_of_threads(bias):
    ratings = random_table(400, 300, 30_000, seed=1, dtype=np.float32)
    factors = random_factors(400, 300, 4, bias=bias, seed=4)
    one = chain(ratings, factors, 3, GibbsSampler(5, n_threads=1))
    assert chain(ratings, factors, 3, GibbsSampler(5, n_threads=2)).equals(one)
    assert not chain(ratings, factors, 3, GibbsSampler(6)).equals(one)


def test_a_chain_taken_up_again_goes_on_with_the_same_bits(ratings, bias):
    whole = chain(ratings, bias, 6)
    assert chain(ratings, chain(ratings, bias, 2), 4, first=2).equals(whole)


def test_the_trainer_draws_the_chain(ratings, bias):
    choices = Hyperparameters(optimizer="gibbs", model="bias", seed=1)
    trainer = Trainer(ratings, bias, choices, gradient="exact")
    trainer.advance(3)
    again = Trainer(ratings, trainer.factors, choices, gradient="exact", optimizer_state=trainer.optimizer_state)
    again.advance(2)
    assert again.factors.equals(chain(ratings, bias, 5))
    assert again.rmse == models.rmse(again.factors, ratings)


def test_movies_without_ratings_scatter_around_the_others():
    full = random_table(200, 60, 6000, seed=2)
    keep = full.movies >= 10
    ratings = type(full)(full.user_ids, full.movie_ids, full.users[keep], full.movies[keep], full.values[keep])
    factors = replace(random_factors(200, 60, 2, bias=True, seed=1), global_mean=float(ratings.values.mean()))
    pairs = np.repeat(np.arange(200, dtype=np.int32), 10), np.tile(np.arange(10, dtype=np.int32), 200)
    posterior = PosteriorMean(*pairs, burn_in=20)
    chain(ratings, factors, 220, posterior=posterior)
    mean, sd = posterior.posterior()
    assert mean.mean() == pytest.approx(ratings.values.mean(), abs=0.15)
    known = PosteriorMean(ratings.users[:500], ratings.movies[:500], burn_in=0)
    for sample in posterior.samples:
        known.add(sample)
    assert sd.mean() > known.posterior().sd.mean() * 0.9


def test_a_planted_table_comes_back_with_its_noise():
    """Ratings of rank 2 plus noise of 0.3: held-out predictions miss by little more than the noise."""
    rng = np.random.default_rng(4)
    p, q = rng.normal(size=(150, 2)), rng.normal(size=(100, 2))
    table = random_table(150, 100, 8000, seed=3)
    clean = np.einsum("ij,ij->i", p[table.users], q[table.movies]) + 3.0
    values = clean + rng.normal(0.0, 0.3, 8000)
    held = rng.permutation(8000) < 1600
    train = type(table)(table.user_ids, table.movie_ids, table.users[~held], table.movies[~held], values[~held])
    posterior = PosteriorMean(table.users[held], table.movies[held], burn_in=20)
    chain(train, random_factors(150, 100, 4, bias=True, init="normal", seed=0), 120, posterior=posterior)
    mean, sd = posterior.posterior()
    missed = mean - clean[held]
    assert np.sqrt((missed**2).mean()) < 0.15
    # The standard deviations say how far the means miss.
    assert np.sqrt((missed**2).mean()) == pytest.approx(np.sqrt((sd**2).mean()), rel=0.3)
    assert (np.abs(missed) < 2 * sd).mean() > 0.9


def test_the_mean_and_its_deviation_are_those_of_all_draws(ratings, bias):
    samples = [chain(ratings, bias, n) for n in range(1, 9)]
    users, movies = np.array([0, 3, 14], np.int32), np.array([2, 2, 0], np.int32)
    posterior = PosteriorMean(users, movies, burn_in=3, scale=(0.5, 5.0))
    with pytest.raises(ValueError, match="sample more"):
        posterior.posterior()
    for sample in samples:
        posterior.add(sample)
    table = np.array([models.predict(sample, users, movies) for sample in samples[3:]])
    assert posterior.n_samples == 5
    assert posterior.posterior().mean == pytest.approx(np.clip(table.mean(axis=0), 0.5, 5.0), abs=1e-12)
    assert posterior.posterior().sd == pytest.approx(table.std(axis=0), abs=1e-12)
    # From the draws kept in float32, nearly the same.
    assert len(posterior.samples) == 5
    kept = predict_samples(posterior.samples, users, movies, (0.5, 5.0))
    assert kept.mean == pytest.approx(posterior.posterior().mean, abs=1e-5)
    assert kept.sd == pytest.approx(posterior.posterior().sd, abs=1e-5)
    with pytest.raises(ValueError, match="no samples yet"):
        predict_samples([], users, movies)


def test_of_many_draws_every_second_or_fourth_is_kept(dot):
    none = np.zeros(0, np.int32)
    for limit in ({"n_kept": 4}, {"kept_bytes": 4 * 4 * dot.n_parameters}):
        posterior = PosteriorMean(none, none, burn_in=2, **limit)
        for number in range(2 + 13):
            posterior.add(replace(dot, user_factors=np.full_like(dot.user_factors, number - 2)))
        assert [sample.user_factors[0, 0] for sample in posterior.samples] == [0, 4, 8, 12]
        assert posterior.samples[0].movie_factors.dtype == np.float32


def test_draws_added_to_a_copy_leave_the_original_as_it_is(dot):
    cells = np.array([0], dtype=np.int32), np.array([0], dtype=np.int32)
    first = PosteriorMean(*cells, burn_in=0)
    first.add(dot)
    mean = first.posterior().mean.copy()
    other = first.copied()
    other.add(dot.view_of(2.0 * dot.flat()))
    assert (first.n_samples, len(first.samples), other.n_samples, len(other.samples)) == (1, 1, 2, 2)
    assert first.posterior().mean == mean
    assert other.posterior().mean != mean


def test_real_ratings_are_predicted_better_than_by_their_movies_means():
    """A quick look, with few draws; benchmarks/gibbs.py has the figure."""
    if not REAL.exists():
        pytest.skip("the ratings of 2016 are not there (../shared/data)")
    users, movies, values = np.loadtxt(REAL, delimiter=",", skiprows=1, usecols=(0, 1, 2)).T
    users, movies = (np.unique(ids, return_inverse=True)[1].astype(np.int32) for ids in (users, movies))
    held = np.random.default_rng(0).permutation(len(values)) < len(values) // 5
    start = random_factors(users.max() + 1, movies.max() + 1, 10, bias=True, init="normal", seed=0)
    start = replace(start, global_mean=float(values[~held].mean()))
    both = sides(start, users[~held], movies[~held], values[~held])
    posterior = PosteriorMean(users[held], movies[held], scale=(0.5, 5.0), burn_in=10)
    factors = start
    for number in range(40):
        factors = GibbsSampler(1).draw(both, factors, number, Watch())
        posterior.add(factors)
    mse = ((posterior.posterior().mean - values[held]) ** 2).mean()
    assert mse < 0.775
