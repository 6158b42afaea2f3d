"""What the page of factors shows, against plain sums and sorts of the original sheet."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.factor_ends import (
    FactorQuestion,
    factor_names,
    factor_sentences,
    farthest_factor,
    movie_columns,
    place_in,
    read_factor,
    rotation_sentence,
    share_columns,
    user_columns,
    usual_least,
    values_at,
)
from cfgui.app.reading import Reading, reading_of
from cfgui.app.session import Session
from cfgui.core.factors import Factors
from cfgui.core.models import predict
from cfgui.core.starts import random_factors


def never() -> bool:
    return False


@pytest.fixture
def bias(session: Session) -> Reading:
    session.activate("bias")
    return reading_of(session)


def test_names_sort_as_numbers_do() -> None:
    assert factor_names(random_factors(2, 2, 5, bias=False, seed=1)) == ("1", "2", "3", "4", "5")
    names = factor_names(random_factors(2, 2, 12, bias=True, seed=1))
    assert names[0] == " 1"
    assert names[-3:] == ("12", "user bias", "movie bias")
    assert sorted(names[:12]) == list(names[:12])


def test_both_ends_with_titles_values_and_ratings(session: Session) -> None:
    reading = reading_of(session)
    answer = read_factor(reading, FactorQuestion(2, at_least=13), None, never)
    ratings, values = reading.ratings, reading.factors.movie_factors[:, 2]
    wanted = sorted(
        (value, movie) for movie, value in enumerate(values.tolist()) if (ratings.movies == movie).sum() >= 13
    )
    assert answer.movies.lowest.tolist() == [movie for _, movie in wanted]
    title, value, count = movie_columns(answer, answer.movies.highest)
    best = wanted[-1]
    assert title.shown(0) == ratings.titles[ratings.movie_ids[best[1]]]
    assert value.full(0) == repr(best[0])
    assert int(count.values[0]) == int((ratings.movies == best[1]).sum())
    assert user_columns(answer, answer.users.lowest)[0].shown(0).startswith("user ")
    lowest = int(answer.users.lowest[0])
    counts = reading.ratings.user_counts
    assert reading.factors.user_factors[lowest, 2] == reading.factors.user_factors[counts >= 13, 2].min()


def test_the_list_adds_up_to_a_hundred_with_the_biases(bias: Reading) -> None:
    for all_pairs in (False, True):
        answer = read_factor(bias, FactorQuestion(all_pairs=all_pairs), None, never)
        names, shares, sizes = share_columns(answer)
        assert list(names.values) == ["1", "2", "3", "4", "5", "user bias", "movie bias"]
        assert float(np.sum(shares.numbers)) == pytest.approx(100.0, abs=1e-10)
        assert sizes.numbers[6] == pytest.approx(np.sqrt(np.mean(bias.factors.movie_bias**2)), rel=1e-14)
    ratings, factors = bias.ratings, bias.factors
    predictions = predict(factors, ratings.users, ratings.movies)
    share = np.cov(factors.user_bias[ratings.users], predictions, bias=True)[0, 1] / predictions.var()
    answer = read_factor(bias, FactorQuestion(), None, never)
    assert share_columns(answer)[1].numbers[5] == pytest.approx(100.0 * share, rel=1e-11)


def test_a_bias_has_one_side(bias: Reading) -> None:
    answer = read_factor(bias, FactorQuestion(6), None, never)
    assert len(answer.movies.lowest) == 15
    assert len(answer.users.lowest) == len(user_columns(answer, answer.users.lowest)[0]) == 0
    assert bias.factors.movie_bias is not None
    assert int(answer.movies.highest[0]) == int(np.argmax(bias.factors.movie_bias))
    assert factor_sentences(answer).startswith("The movie bias is added as it is")
    assert values_at(bias.factors, "user", 5) is bias.factors.user_bias


def test_known_shares_are_taken_over_for_the_same_weights_only(session: Session) -> None:
    reading = reading_of(session)
    first = read_factor(reading, FactorQuestion(0), None, never)
    assert read_factor(reading, FactorQuestion(1), first, never).shares is first.shares
    assert read_factor(reading, FactorQuestion(1, all_pairs=True), first, never).shares is not first.shares
    session.activate("bias")
    assert read_factor(reading_of(session), FactorQuestion(1), first, never).shares is not first.shares


def test_a_net_has_ends_but_no_shares(session: Session) -> None:
    session.activate("neural")
    answer = read_factor(reading_of(session), FactorQuestion(1), None, never)
    assert answer.shares is None
    assert [column.title for column in share_columns(answer)] == ["Factor"]
    assert len(answer.movies.lowest) == 15
    assert "layers of the net" in factor_sentences(answer)


def test_what_is_said(session: Session) -> None:
    reading = reading_of(session)
    answer = read_factor(reading, FactorQuestion(2), None, never)
    assert answer.shares is not None
    assert f"carries {100 * answer.shares.factors[2]:.1f} % of the variance" in factor_sentences(answer)
    assert "over the rated cells" in factor_sentences(answer)
    flat = Reading(reading.ratings, Factors(np.zeros((15, 2)), np.ones((15, 2))), "dot", "dotprod")
    assert "do not vary yet" in factor_sentences(read_factor(flat, FactorQuestion(), None, never))
    assert rotation_sentence(5, 5).endswith("Every prediction is as before.")
    assert "2 factors of 5 did nothing of their own" in rotation_sentence(5, 3)


def test_somebody_stands_farthest_out_somewhere(session: Session) -> None:
    factors = session.sheet("dot").factors
    table = factors.movie_factors
    scores = [[abs(row[f] - table[:, f].mean()) / table[:, f].std() for f in range(5)] for row in table]
    assert [farthest_factor(factors, "movie", movie) for movie in range(15)] == [int(np.argmax(row)) for row in scores]
    flat = Factors(np.zeros((3, 2)), np.ones((4, 2)))
    assert farthest_factor(flat, "user", 1) == 0


def test_ids_and_the_least_number_of_ratings(session: Session) -> None:
    ratings = session.ratings
    assert place_in(ratings, "user", ratings.user_ids[3]) == 3
    assert place_in(ratings, "movie", ratings.movie_ids[7]) == 7
    assert place_in(ratings, "movie", "nobody's") is None
    assert usual_least(ratings) == 1
