"""Fast SGD: its updates against autograd's, its bits on any number of threads, and how well it learns."""

import csv
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from cfgui.core.factors import Factors
from cfgui.core.fast_sgd import RANGES, Decays, FastSgd
from cfgui.core.fast_sgd_layout import MOST_ROWS, Shape, lay_out, shape_for
from cfgui.core.fast_sgd_tables import LANES, n_pieces
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.starts import random_factors
from cfgui.io.synthetic import synthetic_ratings
from tests.helpers.reference import SHARED

DECAYS = Decays(0.03, 0.05, 0.02)
SPANS = (NO_RANGE, RatingRange("clip", 2.0, 4.5), RatingRange("sigmoid", 0.0, 5.5), RatingRange("tanh", 0.5, 5.0))


def engine(ratings, n_factors, **options):
    options = {"seed": 3, **options}
    return FastSgd(
        ratings.users,
        ratings.movies,
        ratings.values,
        n_users=ratings.n_users,
        n_movies=ratings.n_movies,
        n_factors=n_factors,
        **options,
    )


def small(n_ratings=300):
    return synthetic_ratings(23, 31, n_ratings, seed=4)


def by_autograd(ratings, factors, rate, decays):
    """torch.optim.SGD, one rating at a time, the L2 of the rows it samples in the loss."""
    tables = [torch.tensor(factors.user_factors), torch.tensor(factors.movie_factors)]
    if factors.has_bias:
        tables += [torch.tensor(factors.user_bias), torch.tensor(factors.movie_bias)]
    for table in tables:
        table.requires_grad_()
    optimizer = torch.optim.SGD(tables, lr=rate)
    total, span = 0.0, factors.range
    middle = (span.high + span.low) / 2
    predict = {
        "none": lambda score: score,
        "clip": lambda score: score.clamp(span.low, span.high),
        "sigmoid": lambda score: torch.sigmoid(score) * span.width + span.low,
        "tanh": lambda score: torch.tanh(score) * span.width / 2 + middle,
    }[span.kind]
    for u, m, value in zip(ratings.users, ratings.movies, ratings.values, strict=True):
        rows = [table[i] for table, i in zip(tables, (u, m, u, m), strict=False)]
        squared = (float(value) - predict(rows[0] @ rows[1] + sum(rows[2:]) + factors.global_mean)) ** 2
        weights = (decays.user, decays.movie, decays.bias, decays.bias)
        loss = squared + sum(w * (row**2).sum() for w, row in zip(weights, rows, strict=False))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += squared.item()
    return Factors(*(table.detach().numpy() for table in tables)), total


@pytest.mark.parametrize("span", SPANS, ids=RANGES)
@pytest.mark.parametrize("bias", [False, True], ids=["dot", "bias"])
def test_in_row_order_the_updates_are_autograds(bias, span):
    ratings = small()
    factors = random_factors(23, 31, 7, bias=bias, seed=1)
    factors = replace(factors, global_mean=0.3 if bias else 0.0, range=span)
    expected, total = by_autograd(ratings, factors, 0.02, DECAYS)
    with engine(ratings, 7, dtype=np.float64, in_order=True) as sgd:
        tables = sgd.pack(factors)
        result = sgd.epoch(tables, 0, 0.02, DECAYS)
        trained = sgd.unpack(tables)
    np.testing.assert_allclose(trained.flat(), expected.flat(), rtol=0, atol=1e-12)
    assert (trained.range, trained.global_mean) == (span, factors.global_mean)
    assert result.squared_error == pytest.approx(total, rel=1e-12)
    assert (result.n_updates, result.finite, result.stopped) == (ratings.n_ratings, True, False)
    assert not np.allclose(trained.flat(), factors.flat(), atol=1e-3)


@pytest.mark.parametrize("shape", [Shape(1, 5, 4), Shape(2, 3, 8), Shape(3, 4, 4), Shape(40, 1, 1)])
def test_a_layout_holds_every_rating_once(shape):
    ratings = small()
    layout = lay_out(
        ratings.users, ratings.movies, ratings.values, n_users=23, n_movies=31, shape=shape, seed=0,
        dtype=np.dtype(np.float64),
    )  # fmt: skip
    found = []
    user_of, movie_of = ({int(row): i for i, row in enumerate(side.rows)} for side in (layout.users, layout.movies))
    assert len(user_of) == 23
    assert len(movie_of) == 31
    for user_group, movie_group, user_tile, movie_tile in np.ndindex(*layout.starts[..., 1:].shape):
        start, stop = layout.starts[user_group, movie_group, user_tile, movie_tile : movie_tile + 2]
        for at in range(start, stop):
            assert layout.tile_user[at] < shape.tile_users
            u = user_group * layout.users.group_rows + user_tile * shape.tile_users + int(layout.tile_user[at])
            m = movie_group * layout.movies.group_rows + movie_tile * shape.tile_movies + int(layout.tile_movie[at])
            found.append((user_of[u], movie_of[m], layout.values[at]))
    assert sorted(found) == list(zip(ratings.users, ratings.movies, ratings.values, strict=True))


def test_blocks_hold_about_as_many_ratings_each():
    ratings = synthetic_ratings(600, 900, 30_000, seed=1)
    layout = engine(ratings, 4, n_threads=1).layout
    sizes = [layout.n_block(u, m) for u in range(2) for m in range(2)]
    assert sum(sizes) == 30_000
    assert max(sizes) < 1.06 * min(sizes)


def test_an_epoch_takes_each_rating_once_whatever_the_blocks():
    """With one rating to a user and to a movie the order does not matter: the result is one update of each."""
    n = 50
    users, movies = np.arange(n, dtype=np.int32), np.random.default_rng(0).permutation(n).astype(np.int32)
    values = np.linspace(0.5, 5.0, n)
    factors = random_factors(n, n, 5, bias=True, seed=2)
    common = {"n_users": n, "n_movies": n, "n_factors": 5, "seed": 1, "dtype": np.float64}
    results = []
    for options in ({"in_order": True}, {"shape": Shape(1, 8, 8)}, {"shape": Shape(4, 3, 5)}):
        with FastSgd(users, movies, values, **common, **options) as sgd:
            tables = sgd.pack(factors)
            sgd.epoch(tables, 0, 0.05, DECAYS)
            results.append(sgd.unpack(tables).flat())
    np.testing.assert_allclose(results[1], results[0], rtol=0, atol=1e-15)
    np.testing.assert_allclose(results[2], results[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [None, Shape(4, 64, 32)])
def test_one_thread_and_more_give_the_same_bits(shape, dtype):
    ratings = synthetic_ratings(400, 300, 25_000, seed=2)
    factors = replace(random_factors(400, 300, 20, bias=True, seed=1), range=SPANS[2])
    runs = []
    for n_threads in (1, 2, 3):
        with engine(ratings, 20, n_threads=n_threads, shape=shape, dtype=dtype) as sgd:
            tables = sgd.pack(factors)
            errors = [sgd.epoch(tables, e, 0.01, DECAYS, rate_last=0.02).squared_error for e in range(3)]
            runs.append((errors, sgd.unpack(tables)))
    for errors, trained in runs[1:]:
        assert errors == runs[0][0]
        assert trained.equals(runs[0][1])


def test_epochs_and_seeds_have_orders_of_their_own():
    ratings = synthetic_ratings(100, 80, 3000, seed=2)
    factors = random_factors(100, 80, 8, bias=False, seed=1)

    def after(seed, number):
        with engine(ratings, 8, seed=seed) as sgd:
            tables = sgd.pack(factors)
            sgd.epoch(tables, number, 0.02)
            return sgd.unpack(tables)

    assert after(1, 0).equals(after(1, 0))
    assert not after(1, 0).equals(after(1, 1))
    assert not after(1, 0).equals(after(2, 0))


@pytest.mark.parametrize("n_factors", [1, 16, 17, 50])
def test_padding_stays_zero_and_packing_loses_nothing(n_factors):
    ratings = small()
    factors = random_factors(23, 31, n_factors, bias=True, seed=1)
    with engine(ratings, n_factors, dtype=np.float64) as sgd:
        tables = sgd.pack(factors)
        assert sgd.unpack(tables).equals(factors)
        sgd.epoch(tables, 0, 0.01, DECAYS)
    assert tables.p.shape[1] == -(-n_factors // LANES) * LANES
    assert tables.p.ctypes.data % 64 == 0
    assert not tables.p[:, n_factors:].any()
    assert not tables.q[:, n_factors:].any()


def test_float32_stays_near_float64():
    ratings = small(500)
    factors = replace(random_factors(23, 31, 6, bias=True, seed=1), range=SPANS[2], global_mean=0.1)
    flats = []
    for dtype in (np.float32, np.float64):
        with engine(ratings, 6, dtype=dtype) as sgd:
            tables = sgd.pack(factors)
            for number in range(5):
                sgd.epoch(tables, number, 0.02, DECAYS)
            flats.append(sgd.unpack(tables).flat())
    np.testing.assert_allclose(flats[0], flats[1], atol=2e-5)


def test_the_rate_goes_evenly_through_an_epoch():
    """One tile to a rating: each is updated with the rate of its middle, and the rounds follow on each other."""
    n = 6
    users = movies = np.arange(n, dtype=np.int32)
    common = {"n_users": n, "n_movies": n, "n_factors": 1, "seed": 1, "dtype": np.float64}
    zeros = Factors(np.zeros((n, 1)), np.zeros((n, 1)), np.zeros(n), np.zeros(n))
    with FastSgd(users, movies, np.ones(n), **common, shape=Shape(1, 1, 1)) as sgd:
        tables = sgd.pack(zeros)
        sgd.epoch(tables, 0, 0.0, rate_last=0.6)
        rates = sorted(sgd.unpack(tables).user_bias / 2)  # an update of a zero bias is 2 rate e, and e is 1
    np.testing.assert_allclose(rates, [0.05, 0.15, 0.25, 0.35, 0.45, 0.55], atol=1e-15)


def test_a_movie_without_ratings_keeps_its_weights():
    users, movies = np.array([0, 1], np.int32), np.array([0, 2], np.int32)
    factors = random_factors(3, 4, 2, bias=True, seed=0)
    options = {"n_users": 3, "n_movies": 4, "n_factors": 2, "seed": 1, "dtype": np.float64}
    with FastSgd(users, movies, np.array([3.0, 4.0]), **options) as sgd:
        tables = sgd.pack(factors)
        sgd.epoch(tables, 0, 0.1, DECAYS)
        trained = sgd.unpack(tables)
    np.testing.assert_array_equal(trained.movie_factors[[1, 3]], factors.movie_factors[[1, 3]])
    np.testing.assert_array_equal(trained.user_factors[2], factors.user_factors[2])


def test_no_ratings_at_all_are_no_trouble():
    nothing = np.array([], np.int32)
    with FastSgd(nothing, nothing, np.array([]), n_users=2, n_movies=2, n_factors=3, seed=1) as sgd:
        tables = sgd.pack(random_factors(2, 2, 3, bias=False, seed=0))
        assert sgd.epoch(tables, 0, 0.1) == (0.0, 0, True, False)


@pytest.mark.parametrize("span", SPANS, ids=RANGES)
def test_a_value_beyond_all_numbers_is_reported(span):
    ratings = small()
    factors = replace(random_factors(23, 31, 4, bias=False, seed=1), range=span)
    with engine(ratings, 4) as sgd:
        tables = sgd.pack(factors)
        tables.p[:] = np.nan
        result = sgd.epoch(tables, 0, 0.1)
    assert not result.finite


def test_a_rate_that_diverges_is_reported():
    ratings = small()
    with engine(ratings, 4) as sgd:
        tables = sgd.pack(random_factors(23, 31, 4, bias=True, seed=1))
        assert not all(sgd.epoch(tables, number, 3.0).finite for number in range(20))


def test_stop_ends_between_rounds():
    ratings = synthetic_ratings(100, 80, 3000, seed=2)
    asked = []

    def stop():
        asked.append(1)
        return len(asked) == 2

    with engine(ratings, 4) as sgd:
        tables = sgd.pack(random_factors(100, 80, 4, bias=False, seed=1))
        result = sgd.epoch(tables, 0, 0.01, stop=stop)
    assert result.stopped
    assert 0 < result.n_updates < 3000


def test_shapes_fit_their_tables():
    assert shape_for(15, 15, 206) == Shape(2, 8, 8)
    assert shape_for(162_541, 59_047, 25_000_095) == Shape(4, 1024, 64)
    for wrong in ((0, 1, 1), (1, 0, 1), (1, 1, MOST_ROWS + 1)):
        with pytest.raises(ValueError, match="cut"):
            Shape(*wrong)


def test_numba_loads_late():
    code = "import sys, cfgui.core.fast_sgd; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def plain_shuffled(split, factors, rate, decay, mean, n_epochs, rng):
    """SGD per rating in uniformly shuffled order, written out; the weights after each epoch."""
    users, movies, values = split
    copy = factors.view_of(factors.flat())
    p, q, b, c = copy.user_factors, copy.movie_factors, copy.user_bias, copy.movie_bias
    for _ in range(n_epochs):
        for i in rng.permutation(len(values)):
            u, m = users[i], movies[i]
            e = values[i] - mean - b[u] - c[m] - p[u] @ q[m]
            b[u] += rate * 2 * (e - decay * b[u])
            c[m] += rate * 2 * (e - decay * c[m])
            p[u], q[m] = p[u] + rate * 2 * (e * q[m] - decay * p[u]), q[m] + rate * 2 * (e * p[u] - decay * q[m])
        yield Factors(p.copy(), q.copy(), b.copy(), c.copy())


def test_an_epoch_is_worth_one_of_uniformly_shuffled_sgd():
    path = SHARED / "data" / "ml-latest-small-2016" / "ratings.csv"
    if not path.exists():
        pytest.skip("the ratings of 2016 are not there (../shared/data)")
    with path.open(newline="") as file:
        rows = [(row["userId"], row["movieId"], float(row["rating"])) for row in csv.DictReader(file)]
    users, movies = (np.unique([row[i] for row in rows], return_inverse=True)[1].astype(np.int32) for i in (0, 1))
    values = np.array([row[2] for row in rows])
    n_users, n_movies = users.max() + 1, movies.max() + 1
    rng = np.random.default_rng(0)
    held, kept = np.split(rng.permutation(len(values)), [len(values) // 5])
    train, test = ((users[part], movies[part], values[part]) for part in (kept, held))
    mean = train[2].mean()
    start = random_factors(n_users, n_movies, 20, bias=True, init="normal", seed=1)

    def errors(factors):
        found = []
        for u, m, value in (train, test):
            score = np.einsum("ij,ij->i", factors.user_factors[u], factors.movie_factors[m])
            found.append(np.mean((value - mean - score - factors.user_bias[u] - factors.movie_bias[m]) ** 2))
        return np.array(found)

    options = {"n_users": n_users, "n_movies": n_movies, "n_factors": 20, "seed": 5}
    with FastSgd(*train, **options) as sgd:
        tables = sgd.pack(replace(start, global_mean=mean))
        for number, plain in enumerate(plain_shuffled(train, start, 0.01, 0.05, mean, 3, rng)):
            sgd.epoch(tables, number, 0.01, Decays(0.05, 0.05, 0.05))
            # the spread of the plain loop's errors over seeds is 0.001 to 0.004
            assert np.abs(errors(sgd.unpack(tables)) - errors(plain)).max() < 0.006


def helpers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("fast-sgd")]


def test_a_large_table_is_worked_on_by_as_many_threads_as_asked_for():
    ratings = synthetic_ratings(300, 200, 20_000, seed=4)
    for n_threads in (1, 2):
        with engine(ratings, 4, n_threads=n_threads) as sgd:
            sgd.epoch(sgd.pack(random_factors(300, 200, 4, bias=True, seed=1)), 0, 0.01)
            assert len(helpers()) == n_threads - 1
        assert not helpers()


@pytest.mark.parametrize(("n_factors", "pieces"), [(1, 1), (16, 1), (17, 2), (40, 4), (64, 4), (100, 8), (1000, 64)])
def test_rows_are_padded_to_a_power_of_two(n_factors, pieces):
    assert n_pieces(n_factors) == pieces
    assert engine(small(), n_factors).pack(random_factors(23, 31, n_factors, bias=False)).p.shape[1] == 16 * pieces
