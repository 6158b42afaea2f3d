"""Predictions for somebody new, and a new movie, against numpy written plainly."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.cold_start_job import ColdStartJob, choice_for, figures, sentence, usual_choice
from cfgui.app.learnt_ratings import learnt_ratings
from cfgui.app.new_movie import NewMovieQuestion, honest_sentence, new_movie_model, user_columns, year_words
from cfgui.app.new_movie import answer_of as movie_answer
from cfgui.app.new_user import (
    NewUserQuestion,
    answer_of,
    prediction_columns,
    question_words,
    uncertainty_sentence,
    unrated,
)
from cfgui.app.new_user_model import new_user_model
from cfgui.app.reading import reading_of
from cfgui.app.row_edits import AddUser
from cfgui.app.session import Session
from cfgui.app.sheet_state import KEPT
from cfgui.app.training_run import TrainingRun
from cfgui.core.cold_start import Guess
from cfgui.core.ratings import Ratings
from tests.helpers.tables import random_table

IDS = ("27", "49", "57")


def answer(session: Session, ratings: tuple[tuple[str, float], ...] = (), **question: object):
    state = session.state
    model = new_user_model(reading_of(session), state.added_users, state.added_movies)
    return answer_of(model, NewUserQuestion(ratings, **question))


def test_methods_side_by_side(session: Session) -> None:
    factors = session.sheet("dot").factors
    found = answer(session, tuple(zip(IDS, (5.0, 1.0, 3.0), strict=True)))
    mean = factors.user_factors.mean(axis=0)
    assert found.guesses["mean"].predictions == pytest.approx(factors.movie_factors @ mean)
    distances = np.square(factors.user_factors - mean).sum(axis=1)
    rated_most = session.ratings.user_counts >= session.ratings.user_counts.max()
    nearest = int(np.argmin(np.where(rated_most, distances, np.inf)))
    assert found.average_id == session.ratings.user_ids[nearest]
    columns = {column.title: column.values for column in prediction_columns(found)}
    assert columns["average"] == pytest.approx(factors.movie_factors @ factors.user_factors[nearest])
    assert columns["item"] == pytest.approx(session.ratings.movie_sums / session.ratings.movie_counts)
    folded: Guess = found.guesses["fold-in"]
    assert columns["fold-in"] == pytest.approx(factors.movie_factors @ folded.weights)
    assert (columns["±"] > 0).all()
    assert found.places == (0, 1, 2)
    assert unrated(found, 1).sum() == 12
    assert not unrated(found, 14)[session.ratings.movie_counts < 14].any()


def test_a_picked_user_stands_for_the_average(session: Session) -> None:
    found = answer(session, average="508")
    row = session.ratings.user_ids.index("508")
    assert found.average_id == "508"
    factors = session.sheet("dot").factors
    assert found.guesses["average"].predictions == pytest.approx(factors.movie_factors @ factors.user_factors[row])


def test_uncertainty_shrinks_with_every_rating(session: Session) -> None:
    ratings = tuple(zip(session.ratings.movie_ids[:6], (5.0, 1.0, 3.0, 4.0, 2.0, 4.5), strict=True))
    found = answer(session, ratings)
    assert (found.first_spread, len(found.spreads)) == (0, 7)
    assert (np.diff(found.spreads) < 0).all()
    # by hand, before the first rating: predictions vary as the prior's covariance says, weighted by the ratings
    prior = found.model.cold.prior
    movies = session.sheet("dot").factors.movie_factors
    variances = np.einsum("ij,jk,ik->i", movies, prior.covariance, movies)
    share = session.ratings.movie_counts / session.ratings.n_ratings
    assert found.spreads[0] == pytest.approx(np.sqrt(share @ variances))
    assert uncertainty_sentence(found).startswith(
        f"After 6 ratings predictions are uncertain by ±{found.spreads[-1]:.2f}"
    )
    assert "Without a rating" in uncertainty_sentence(answer(session))


def test_the_questionnaire_goes_on_and_never_asks_twice(session: Session) -> None:
    given: list[tuple[str, float]] = []
    skipped: set[str] = set()
    for turn in range(15):
        found = answer(session, tuple(given), asks=True, skipped=frozenset(skipped))
        assert found.next is not None
        raw_id = session.ratings.movie_ids[found.next.movie]
        assert raw_id not in dict(given)
        assert raw_id not in skipped
        assert question_words(found)[0] == session.ratings.movie_name(found.next.movie)
        if turn % 3:
            given.append((raw_id, 3.0))
        else:
            skipped.add(raw_id)
    assert answer(session, tuple(given), asks=True, skipped=frozenset(skipped)).next is None
    assert answer(session).next is None


def test_who_is_new_teaches_nothing(session: Session) -> None:
    before = answer(session, (("27", 5.0),))
    session.restore(AddUser("n", {0: 1.0, 5: 5.0}).apply(session.state))
    state = session.state
    learnt = learnt_ratings(state.ratings, state.added_users, state.added_movies)
    assert (learnt.n_users, learnt.n_ratings) == (16, 206)
    after = answer(session, (("27", 5.0),))
    for method, guess in before.guesses.items():
        assert after.guesses[method].predictions == pytest.approx(guess.predictions, abs=1e-12)
    assert learnt_ratings(state.ratings, {"n": KEPT}, {}) is state.ratings


def test_movies_that_are_gone_are_left_out(session: Session) -> None:
    assert answer(session, (("nothing", 5.0), ("49", 2.0))).places == (1,)


def test_a_movie_whose_genres_say_nothing_is_the_mean_movie(session: Session) -> None:
    model = new_movie_model(reading_of(session), {}, {})
    found = movie_answer(model, NewMovieQuestion("Solaris (1972)", ("Drama",)))
    factors = session.sheet("dot").factors
    if not model.metadata.helps:
        assert found.weights == pytest.approx(factors.movie_factors.mean(axis=0))
        assert "mean movie" in honest_sentence(found)
    assert found.by_mean == pytest.approx(factors.user_factors @ factors.movie_factors.mean(axis=0))
    assert found.predictions == pytest.approx(factors.user_factors @ found.weights)
    assert found.year == 1972
    assert year_words(found) == "The year is 1972."
    columns = {column.title: column.values for column in user_columns(found)}
    assert columns["difference"] == pytest.approx(found.predictions - found.by_mean)
    assert "tells no year" in year_words(movie_answer(model, NewMovieQuestion("Solaris")))


def test_draws_of_gibbs_sampling_are_folded_in_each(session: Session) -> None:
    session.activate("bias")
    session.choose(optimizer="gibbs")
    scope, sheet = session.scope, session.sheet("bias")
    run = TrainingRun(scope.ratings, scope.narrowed(sheet), session.hyperparameters, steps=40)
    run.start()
    run.join()
    snapshot = run.take()
    assert snapshot is not None
    session.restore(session.state.with_sheet("bias", snapshot.sheet))
    ratings = tuple(zip(session.ratings.movie_ids[:8], (5.0, 1.0, 3.0, 4.0, 2.0, 4.5, 5.0, 2.5), strict=True))
    none, some = answer(session), answer(session, ratings)
    assert some.guesses["bayesian"].n_draws > 1
    assert some.guesses["bayesian"].sd.mean() < none.guesses["bayesian"].sd.mean()
    assert not np.allclose(some.guesses["bayesian"].predictions, some.guesses["fold-in"].predictions)


def test_whom_to_hold_out() -> None:
    many = random_table(300, 200, 20_000, seed=1)
    assert usual_choice(many).given == (0, 5, 10, 20)
    assert (usual_choice(many).n_users, usual_choice(many).min_ratings) == (75, 30)
    few: Ratings = random_table(12, 12, 100, seed=1)
    choice = usual_choice(few)
    assert choice.given[-1] < choice.min_ratings
    assert choice.n_users == 3
    assert choice_for(few, 30).given == (0, 5, 10, 20)
    assert choice_for(few, 2).given == (0, 1)


def test_a_measurement_tells_how_far_it_is_and_what_came_out(session: Session) -> None:
    session.choose(optimizer="lbfgs")
    session.activate("bias")
    job = ColdStartJob(session, usual_choice(session.ratings), 3, lambda: True)
    found = job.work(lambda: False)
    assert "step" in job.words or "predicting" in job.words
    columns = figures(found)
    assert [column.title for column in columns] == ["method", *(f"after {n}" for n in found.given)]
    assert columns[1].values[0] == found.mse["mean"][0]
    words = sentence(found)
    assert f"from {found.mse['fold-in'][0]:.3f}" in words
    assert "says little" in words
