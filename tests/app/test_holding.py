"""Ratings held out of an open session: what trains, what is measured, and what edits, views and runs make of it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.edits import Reset, RestoreBest, SetRatings, SetWeights
from cfgui.app.holding import Holding, PreparedHolding, hold_out, prepare_holding
from cfgui.app.holding_words import best_sentence, cold_words, held_sentence
from cfgui.app.kept_state import kept_session, restored_session
from cfgui.app.scope import prepare_view
from cfgui.app.session import Session
from cfgui.app.snapshots import Snapshot
from cfgui.app.training_run import TrainingRun
from cfgui.app.turnstile import Turnstile
from cfgui.core import models
from cfgui.core.baselines import bias_only, global_mean
from cfgui.core.document import Document
from cfgui.core.edited_ratings import COPIED_RATINGS, edited
from cfgui.core.evaluation import HeldOutWatcher
from cfgui.core.gibbs_posterior import BURN_IN
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice, cells_of, random_split
from cfgui.core.starts import random_factors
from cfgui.core.view import TOP
from tests.helpers.tables import random_table

FIFTH = SplitChoice("random", fraction=0.2, seed=42)
ADAM = Hyperparameters(gradient="autograd", optimizer="adam", learning_rate=0.05)


def held_out(session: Session, choice: SplitChoice = FIFTH) -> Session:
    """The session with ratings held out."""
    session.hold_out(prepare_holding(session.ratings, choice, session.view, session.shown_base))
    return session


def run(session: Session, choices: Hyperparameters, steps: int) -> Snapshot:
    """Train the active sheet and put the end of the run into the session, as the window does."""
    scope, whole = session.scope, session.sheet(choices.model)
    worker = TrainingRun(
        scope.ratings,
        scope.narrowed(whole),
        choices,
        steps=steps,
        turnstile=Turnstile(),
        widen=lambda sheet: scope.widened(sheet, whole),
        held=scope.held,
    )
    worker.start()
    worker.join()
    snapshot = worker.take()
    assert snapshot is not None
    session.restore(session.state.with_sheet(choices.model, snapshot.sheet))
    return snapshot


# What trains


def test_the_rest_trains_and_both_parts_are_measured(session: Session) -> None:
    everything = session.ratings
    held_out(session)
    split = random_split(everything, 0.2, 42)
    assert session.scope.ratings.n_ratings == 165
    assert np.array_equal(cells_of(session.scope.ratings), cells_of(split.train))
    factors = session.sheet("dot").factors
    assert session.rmse("dot") == models.rmse(factors, split.train)
    assert session.rmse("dot", held_out=True) == HeldOutWatcher(split).rmse(factors)
    assert session.part_that_trains is not None
    assert held_sentence(session) == "41 of 206 ratings are held out: hatched, not trained on."


def test_nothing_held_out_is_nothing_changed(session: Session) -> None:
    before = session.rmse("dot")
    assert math.isnan(session.rmse("dot", held_out=True))
    assert session.held_out_curve("dot") is None
    held_out(session)
    assert session.rmse("dot") != before
    session.hold_out(None)
    assert (session.rmse("dot"), session.scope.held, session.part_that_trains) == (before, None, None)


def test_the_cells_held_out_are_told(session: Session) -> None:
    assert session.held_cells(session.view.users, session.view.movies) is None
    held_out(session)
    mask = session.held_cells(session.view.users, session.view.movies)
    assert mask is not None
    split = random_split(session.ratings, 0.2, 42)
    assert set(zip(*(places.tolist() for places in np.nonzero(mask)), strict=True)) == set(
        zip(split.held_out.users.tolist(), split.held_out.movies.tolist(), strict=True)
    )


# Edits


def test_edits_keep_what_is_held_out(session: Session) -> None:
    held_out(session)
    held = session.held_out
    assert held is not None
    user, movie = int(held.ratings.users[0]), int(held.ratings.movies[0])
    other = int(session.scope.ratings.users[0]), int(session.scope.ratings.movies[0])
    before = session.state
    session.restore(SetRatings({(user, movie): 1.5, other: 2.5}).apply(before))
    now = session.held_out
    assert now is not None
    assert now.ratings.rating(user, movie) == 1.5
    assert session.scope.ratings.rating(*other) == 2.5
    assert now.ratings.n_ratings == 41
    session.restore(SetRatings({(user, movie): None}).apply(session.state))
    assert session.scope.ratings.n_ratings == 165
    session.restore(before)
    assert session.is_held_out(user, movie), "a cell that was cleared is held out again when it comes back"


def test_a_new_rating_trains(session: Session) -> None:
    held_out(session)
    user, movie = (int(places[0]) for places in np.nonzero(~session.ratings.rated))
    session.restore(SetRatings({(user, movie): 4.0}).apply(session.state))
    assert session.scope.ratings.rating(user, movie) == 4.0
    assert session.scope.ratings.n_ratings == 166


def test_edits_of_a_large_table_copy_nothing() -> None:
    ratings = random_table(1000, 900, 2 * COPIED_RATINGS, dtype=np.float32)
    holding = hold_out(ratings, SplitChoice("random", fraction=0.5))
    cell = int(holding.split.held_out.users[7]), int(holding.split.held_out.movies[7])
    learnt = int(holding.split.train.users[7]), int(holding.split.train.movies[7])
    changed = holding.after_edits(edited(ratings, {cell: 1.25, learnt: None}))
    assert changed.held_out.rating(*cell) == 1.25
    assert changed.train.rating(*learnt) is None
    assert changed.train.n_ratings == holding.split.train.n_ratings - 1


# Views


@pytest.fixture
def large() -> Session:
    """60 users x 40 movies, of which 15 x 15 are shown at first."""
    ratings = random_table(60, 40, 1200)
    factors = {
        "dot": random_factors(60, 40, 3, seed=1, bias=False),
        "bias": random_factors(60, 40, 3, seed=1, bias=True),
    }
    session = Session(Document(ratings, factors), Hyperparameters(n_factors=3), name="large")
    session.show(TOP)
    return session


def test_the_part_shown_has_the_same_cells_held_out(large: Session) -> None:
    held_out(large)
    large.train_on_visible(True)
    scope, view = large.scope, large.view
    assert scope.held is not None
    assert scope.view is view
    whole = large.held_out
    assert whole is not None
    for row, column in zip(scope.held.ratings.users.tolist(), scope.held.ratings.movies.tolist(), strict=True):
        assert whole.split.is_held_out(int(view.users[row]), int(view.movies[column]))
    n_shown = large.visible.n_ratings
    assert scope.ratings.n_ratings + scope.held.ratings.n_ratings == n_shown
    part = scope.factors(large.sheet("dot").factors)
    assert large.rmse("dot") == models.rmse(part, scope.ratings)


def test_a_view_prepared_elsewhere_brings_its_held_out_part(large: Session) -> None:
    held_out(large)
    prepared = prepare_view(large.ratings, replace(TOP, n_users=20), None, large.holding)
    large.show(replace(TOP, n_users=20), prepared)
    large.train_on_visible(True)
    assert prepared.holding is not None
    assert large.scope.held is not None
    assert large.scope.held.split.train is prepared.holding.split.train


def test_edits_are_seen_in_the_part_shown(large: Session) -> None:
    held_out(large)
    large.train_on_visible(True)
    scope, view = large.scope, large.view
    row, column = int(scope.ratings.users[0]), int(scope.ratings.movies[0])
    large.restore(SetRatings({(int(view.users[row]), int(view.movies[column])): 0.25}).apply(large.state))
    assert large.scope.ratings.rating(row, column) == 0.25


# Files


def test_ratings_of_a_file_are_held_out(session: Session, tmp_path: Path) -> None:
    own = session.ratings
    unrated = tuple(int(places[0]) for places in np.nonzero(~own.rated))
    first = int(own.users[0]), int(own.movies[0])
    rows = [
        f"{own.user_ids[first[0]]},{own.movie_ids[first[1]]},0.5",
        f"{own.user_ids[unrated[0]]},{own.movie_ids[unrated[1]]},4.5",
        f"999999,{own.movie_ids[0]},3",
    ]
    path = tmp_path / "test.csv"
    path.write_text("userId,movieId,rating\n" + "\n".join(rows) + "\n")
    held_out(session, SplitChoice("file", path=str(path)))
    held = session.held_out
    assert held is not None
    assert held.ratings.n_ratings == 2
    assert held.ratings.rating(*first) == 0.5, "the rating of the file counts"
    assert held.ratings.rating(*unrated) == 4.5
    assert session.scope.ratings.n_ratings == own.n_ratings - 1
    assert "1 of the file have a user or movie that is not in this table" in held_sentence(session)
    session.restore(SetRatings({first: 1.0}).apply(session.state))
    held = session.held_out
    assert held is not None
    assert held.ratings.rating(*first) == 0.5


def test_a_file_of_others_is_refused(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("userId,movieId,rating\n999999,888888,3\n")
    with pytest.raises(ValueError, match="has both a user and a movie of this table"):
        prepare_holding(session.ratings, SplitChoice("file", path=str(path)))


# Runs


def test_a_run_draws_both_curves_at_the_same_steps(session: Session) -> None:
    held_out(session)
    split = session.scope.held
    assert split is not None
    run(session, ADAM, 30)
    curve, held = session.curve("dot"), session.held_out_curve("dot")
    assert held is not None
    assert curve.steps.tolist() == held.steps.tolist() == list(range(31))
    factors = session.sheet("dot").factors
    assert curve.rmses[-1] == models.rmse(factors, split.split.train)
    assert held.rmses[-1] == HeldOutWatcher(split.split).rmse(factors)


def test_training_never_sees_what_is_held_out(session: Session) -> None:
    held_out(session)
    split = session.scope.held
    assert split is not None
    user, movie = int(split.ratings.users[0]), int(split.ratings.movies[0])
    start = session.state
    run(session, ADAM, 5)
    learnt = session.sheet("dot").factors
    session.restore(SetRatings({(user, movie): 0.5}).apply(start))
    run(session, ADAM, 5)
    assert session.sheet("dot").factors.equals(learnt)


def test_the_best_weights_come_back_and_undo_takes_them_away(session: Session) -> None:
    held_out(session)
    run(session, ADAM, 150)
    best, held, whole = session.best("dot"), session.held_out_curve("dot"), session.curve("dot")
    assert best is not None
    assert held is not None
    lowest = int(held.rmses.argmin())
    assert (best.step, best.rmse) == (int(held.steps[lowest]), held.rmses[lowest])
    assert best.step < 150, "with five factors and no decay the sheet overfits"
    assert best_sentence(session, "dot") == f"Best so far: step {best.step}, held-out RMSE {best.rmse:.4f}."
    before = session.state
    session.restore(RestoreBest("dot").apply(before))
    assert session.sheet("dot").step == best.step
    assert session.rmse("dot", held_out=True) == pytest.approx(best.rmse, rel=1e-12)
    assert session.curve("dot").steps.tolist() == list(range(best.step + 1))
    assert session.earlier_curves("dot")[-1].equals(whole), "the rest of the run is still seen, faintly"
    run(session, ADAM, 1)
    assert session.curve("dot").rmses[-1] == whole.rmses[best.step + 1], "the optimizer goes on as it did then"
    session.restore(before)
    assert session.sheet("dot").step == 150


def test_there_is_nothing_to_restore_before_a_run(session: Session) -> None:
    with pytest.raises(ValueError, match="No run has looked"):
        RestoreBest("dot").apply(session.state)


def test_patience_ends_a_run(session: Session) -> None:
    held_out(session)
    snapshot = run(session, replace(ADAM, patience=20), 500)
    assert snapshot.stopped_early
    best = session.best("dot")
    assert best is not None
    assert snapshot.sheet.step == best.step + 20
    snapshot = run(session, replace(ADAM, patience=20), 500)
    assert snapshot.n_steps == 20, "each run has patience of its own"


def test_other_held_out_ratings_begin_another_curve(session: Session) -> None:
    run(session, ADAM, 10)
    first = session.curve("dot")
    held_out(session)
    assert len(session.curve("dot")) == 1
    assert session.earlier_curves("dot")[-1] is first
    run(session, ADAM, 10)
    assert session.curve("dot").label.startswith("run 2")
    session.hold_out(None)
    assert session.best("dot") is None
    assert len(session.curve("dot")) == 1


def test_reset_begins_both_curves_anew(session: Session) -> None:
    held_out(session)
    run(session, ADAM, 10)
    session.restore(Reset("dot").apply(session.state))
    held = session.held_out_curve("dot")
    assert held is not None
    assert (session.curve("dot").steps.tolist(), held.steps.tolist()) == ([0], [0])
    assert session.curve("dot").rmses[0] == session.rmse("dot")
    assert session.best("dot") is None


def test_a_run_of_the_part_shown_keeps_the_weights_of_the_rest(large: Session) -> None:
    held_out(large)
    large.train_on_visible(True)
    before, view = large.sheet("dot").factors, large.view
    run(large, replace(ADAM, n_factors=3), 20)
    after, best = large.sheet("dot").factors, large.best("dot")
    hidden = view.user_rows < 0
    assert np.array_equal(after.user_factors[hidden], before.user_factors[hidden])
    assert best is not None
    assert best.factors.same_shape(after)
    large.restore(RestoreBest("dot").apply(large.state))
    assert large.rmse("dot", held_out=True) == pytest.approx(best.rmse, rel=1e-12)


def test_the_history_of_a_part_is_none_of_the_document(session: Session) -> None:
    held_out(session)
    run(session, ADAM, 3)
    document = session.document()
    assert "dot" not in document.history
    assert document.ratings is session.ratings
    assert "bias" in document.history


# Sampling

GIBBS = Hyperparameters(model="bias", optimizer="gibbs", n_factors=5)


def test_draws_predict_by_their_mean(session: Session) -> None:
    held_out(session)
    session.activate("bias")
    for _ in range(BURN_IN):
        run(session, GIBBS, 1)
    assert session.posterior("bias") is None, "burn-in"
    run(session, GIBBS, 30)
    posterior, scope = session.posterior("bias"), session.scope
    assert posterior is not None
    assert scope.held is not None
    held = scope.held.ratings
    mean, sd = posterior(held.users, held.movies)
    assert (sd > 0).all()
    rmse = math.sqrt(np.mean((held.values - mean) ** 2))
    assert session.rmse("bias", held_out=True) == pytest.approx(rmse, rel=1e-5), "kept draws are of float32"
    assert session.best("bias") is None, "one draw of many is never best"
    held_curve = session.held_out_curve("bias")
    assert held_curve is not None
    assert held_curve.last == (BURN_IN + 30, session.rmse("bias", held_out=True))


def test_the_part_shown_is_predicted_by_the_mean_of_draws_too(large: Session) -> None:
    held_out(large)
    large.activate("bias")
    run(large, replace(GIBBS, n_factors=3), BURN_IN + 20)
    posterior, view = large.posterior("bias"), large.view
    held = large.measured("bias", shown=True).scope.held
    assert posterior is not None
    assert held is not None
    users, movies = view.users[held.ratings.users], view.movies[held.ratings.movies]
    rmse = math.sqrt(np.mean((held.ratings.values - posterior(users, movies)[0]) ** 2))
    assert large.rmse("bias", shown=True, held_out=True) == pytest.approx(rmse, rel=1e-12)
    assert large.curve("bias").label == "run 1 · Gibbs sampling"


def test_draws_count_until_weights_change(session: Session) -> None:
    session.activate("bias")
    run(session, GIBBS, BURN_IN + 5)
    assert session.posterior("bias") is not None
    before = session.state
    session.restore(SetWeights("bias", {("user_factors", 0, 0): 1.0}).apply(before))
    assert session.posterior("bias") is None
    session.restore(before)
    assert session.posterior("bias") is not None


def test_draws_of_the_part_shown_are_asked_by_its_own_places(large: Session) -> None:
    large.activate("bias")
    large.train_on_visible(True)
    run(large, replace(GIBBS, n_factors=3), BURN_IN + 5)
    posterior = large.posterior("bias")
    assert posterior is not None
    mean, _ = posterior(large.view.users[:3], large.view.movies[:3])
    assert np.isfinite(mean).all()
    large.show(replace(TOP, n_users=10))
    assert large.posterior("bias") is None, "draws of some say nothing of others"


# Baselines


def test_baselines_are_measured_by_what_is_held_out(session: Session) -> None:
    levels = session.baselines()
    assert levels is not None
    values = session.ratings.values
    assert levels[0].label == "global mean"
    assert levels[0].rmse == pytest.approx(values.std(), rel=1e-12)
    held_out(session)
    split = session.scope.held
    assert split is not None
    levels = session.baselines()
    assert levels is not None
    held = split.ratings
    for level, fit in ((levels[0], global_mean), (levels[3], bias_only)):
        residuals = held.values - fit(split.split.train)(held.users, held.movies)
        assert level.rmse == pytest.approx(math.sqrt(np.mean(residuals**2)), rel=1e-12)


def test_cold_users_are_counted(session: Session) -> None:
    table = Ratings(("a", "b"), ("x", "y"), *(np.array(part) for part in ([0, 0, 1], [0, 1, 0], [5.0, 3.0, 4.0])))
    factors = {"dot": random_factors(2, 2, 1, seed=1, bias=False), "bias": random_factors(2, 2, 1, seed=1, bias=True)}
    own = Session(Document(table, factors), Hyperparameters(n_factors=1), name="tiny")
    held = Ratings(table.user_ids, table.movie_ids, *(np.array(part) for part in ([1], [0], [4.0])))
    own.hold_out(PreparedHolding(hold_out(table, SplitChoice("file", path="given"), held)))
    assert cold_words(own).startswith("1 held-out rating of a user or movie without a rating that trains")
    assert cold_words(session) == ""


# Kept sessions


def test_a_kept_session_holds_the_same_ratings_out(session: Session) -> None:
    held_out(session)
    run(session, ADAM, 10)
    restored = restored_session(kept_session(session))
    before = session.scope
    restored.put_into(session)
    assert session.split_choice == FIFTH
    assert np.array_equal(cells_of(session.scope.ratings), cells_of(before.ratings))
    assert len(session.curve("dot")) == 11, "the curve goes on"


@pytest.mark.parametrize("change", [{"kind": 7}, {"fraction": 3.0}, {"seed": "x"}, {"kind": "folds"}, {"path": None}])
def test_nonsense_in_a_kept_session_holds_nothing_out(session: Session, change: dict[str, object]) -> None:
    held_out(session)
    kept = kept_session(session)
    described = dict(kept.view["held_out"])  # type: ignore[call-overload]
    described["choice"] = {**described["choice"], **change}
    restored_session(replace(kept, view={**kept.view, "held_out": described})).put_into(session)
    assert session.holding is None


def test_a_table_that_has_grown_is_not_split_again(session: Session) -> None:
    held_out(session)
    user, movie = (int(places[0]) for places in np.nonzero(~session.ratings.rated))
    session.restore(SetRatings({(user, movie): 4.0}).apply(session.state))
    restored_session(kept_session(session)).put_into(session)
    assert session.holding is None


def test_a_holding_shown_is_of_its_own_table(large: Session) -> None:
    holding: Holding = hold_out(large.ratings, FIFTH)
    shown = holding.shown(large.view, large.shown_base)
    assert shown.after_edits(large.shown_base) is shown.split
