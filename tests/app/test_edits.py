"""Edits: what each does to the numbers, and that the state before it is the inverse, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfgui.app.edits import (
    ClearEarlierCurves,
    Edit,
    NewWeights,
    Reset,
    SetFactorCount,
    SetRatings,
    SetStructure,
    SetWeights,
    StartAnew,
)
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.starts import random_factors
from cfgui.core.structure import mean_of, starting_weights
from cfgui.io.sample import sample_document
from tests.helpers.predictions import all_predictions

Apply = Callable[[Edit], None]
N, M = 15, 15


def bits(state: State) -> list[bytes | str | int]:
    """Every bit a person could see of a state."""
    ratings = state.ratings
    seen: list[bytes | str | int] = [ratings.users.tobytes(), ratings.movies.tobytes(), ratings.values.tobytes()]
    for name, sheet in sorted(state.sheets.items()):
        seen += [name, sheet.factors.n_factors, sheet.factors.flat().tobytes(), sheet.start.flat().tobytes()]
        seen += [sheet.start_name, sheet.step, sheet.seen]
        for curve in (sheet.curve, *sheet.earlier):
            seen += [curve.label, curve.steps.tobytes(), curve.rmses.tobytes()]
    return seen


def with_run(session: Session, model: str, curve: Curve) -> None:
    """Pretend that the sheet was trained along ``curve``."""
    sheet = replace(session.sheet(model), curve=curve, step=curve.steps[-1], seen=9, optimizer_state="x")
    session.restore(session.state.with_sheet(model, sheet))


# The sheet's own figures


def test_adding_1_to_b25(session: Session, apply: Apply) -> None:
    old = float(session.sheet("dot").factors.user_factors[0, 0])
    apply(SetWeights("dot", {("user_factors", 0, 0): old + 1.0}))
    assert session.rmse("dot") == pytest.approx(2.770036614, abs=1e-9)
    assert session.rmse("bias") == pytest.approx(2.018003803304626, abs=1e-15)


def test_a_rating_changes_both_sheets(session: Session, sample, apply: Apply) -> None:
    factors = sample.factors["dot"]
    error = 3.0 - float(factors.user_factors[0] @ factors.movie_factors[0])
    assert sample.ratings.rating(0, 0) == 3.0
    before = {model: session.rmse(model) ** 2 * 206 for model in ("dot", "bias")}
    apply(SetRatings({(0, 0): 5.0}))
    # The square of one residual e becomes (e + 2)^2.
    assert session.rmse("dot") ** 2 * 206 == pytest.approx(before["dot"] + 4.0 * error + 4.0, abs=1e-9)
    assert session.rmse("bias") != pytest.approx(2.018003803304626, abs=1e-6)


# Ratings


def test_ratings_are_set_added_and_removed(small: Session) -> None:
    after = SetRatings({(0, 1): None, (1, 1): 4.5, (0, 0): -2.25}).apply(small.state).ratings
    assert [after.rating(0, m) for m in range(3)] == [-2.25, None, 3.0]
    assert [after.rating(1, m) for m in range(3)] == [2.0, 4.5, 2.5]
    assert after.n_ratings == 5
    assert small.ratings.rating(0, 1) == 1.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nothing_that_is_not_finite_comes_in(small: Session, value: float) -> None:
    with pytest.raises(ValueError, match=r"A rating must be a finite number\."):
        SetRatings({(0, 0): 3.0, (0, 1): value}).apply(small.state)
    with pytest.raises(ValueError, match=r"A weight must be a finite number\."):
        SetWeights("dot", {("user_factors", 0, 0): value}).apply(small.state)


# Weights


def test_weights_of_every_table(small: Session) -> None:
    cells = {
        ("user_factors", 1, 0): 7.0,
        ("movie_factors", 2, 1): 8.0,
        ("user_bias", 0, 0): 9.0,
        ("movie_bias", 1, 0): 1.0,
    }
    before = small.state
    after = SetWeights("bias", cells).apply(before)
    factors = after.sheets["bias"].factors
    assert factors.user_factors.tolist() == [[1.0, 2.0], [7.0, 0.5]]
    assert factors.movie_factors.tolist() == [[2.0, 1.0], [1.0, 0.0], [5.0, 8.0]]
    assert factors.user_bias is not None
    assert factors.user_bias.tolist() == [9.0, -0.5]
    assert factors.movie_bias is not None
    assert factors.movie_bias.tolist() == [0.25, 1.0, -1.0]
    assert after.sheets["bias"].before is before.sheets["bias"].factors
    assert after.sheets["dot"] is before.sheets["dot"]


def test_an_edit_keeps_the_run_going(session: Session, apply: Apply) -> None:
    with_run(session, "dot", Curve("run 1", [0, 1], [2.0, 1.0]))
    apply(SetWeights("dot", {("user_factors", 0, 0): 0.5}))
    sheet = session.sheet("dot")
    assert (sheet.step, sheet.seen, len(sheet.curve), sheet.optimizer_state) == (1, 9, 2, "x")


# Starting weights


def test_reset_returns_to_the_start_and_keeps_the_curve(session: Session, sample, apply: Apply) -> None:
    with_run(session, "dot", Curve("run 1", [0, 1, 2], [2.8, 2.0, 1.0]))
    apply(SetWeights("dot", {("user_factors", 0, 0): 9.0}))
    moved = session.sheet("dot").factors
    apply(Reset("dot"))
    sheet = session.sheet("dot")
    assert sheet.factors.equals(sample.factors["dot"])
    assert (sheet.step, sheet.seen, sheet.optimizer_state, sheet.before) == (0, 0, None, moved)
    assert (sheet.curve.label, list(sheet.curve.steps)) == ("run 2", [0])
    assert sheet.curve.rmses[0] == session.rmse("dot") == pytest.approx(2.8060620616483134, abs=1e-15)
    assert [(curve.label, len(curve)) for curve in sheet.earlier] == [("run 1", 3)]


def test_a_curve_of_one_point_is_not_kept(session: Session, apply: Apply) -> None:
    apply(Reset("dot"))
    apply(Reset("dot"))
    assert session.sheet("dot").earlier == ()
    assert session.sheet("dot").curve.label == "run 1"


def test_clearing_keeps_the_present_curve(session: Session, apply: Apply) -> None:
    with_run(session, "dot", Curve("run 1", [0, 1], [2.8, 2.0]))
    apply(Reset("dot"))
    present = session.sheet("dot").curve
    apply(ClearEarlierCurves("dot"))
    assert session.sheet("dot").earlier == ()
    assert session.sheet("dot").curve is present


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_new_weights_are_the_seeds_and_reset_finds_them(session: Session, apply: Apply, model: str) -> None:
    apply(NewWeights(model, 7))
    expected = random_factors(15, 15, 5, bias=model == "bias", seed=7)
    assert session.sheet(model).factors.equals(expected)
    assert session.sheet(model).start_name == "seed 7's"
    assert session.sheet(model).before is None
    tables = ("user_factors", "movie_factors")
    apply(SetWeights(model, {(table, 0, 0): 3.0 for table in tables}))
    apply(Reset(model))
    assert session.sheet(model).factors.equals(expected)
    other = "bias" if model == "dot" else "dot"
    assert session.sheet(other).start_name == "the sheet's"


# Number of factors


@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("n_factors", [6, 9])
def test_growing_changes_no_prediction(session: Session, apply: Apply, model: str, n_factors: int) -> None:
    predictions, rmse = all_predictions(session, model).tobytes(), session.rmse(model)
    apply(SetFactorCount(model, n_factors, 3))
    assert all_predictions(session, model).shape == (15, 15)
    assert all_predictions(session, model).tobytes() == predictions
    assert session.rmse(model) == rmse
    # ... and yet the new factors have somewhere to go.
    ratings, factors = session.ratings, session.sheet(model).factors
    slopes = factors.view_of(models.gradient(factors, ratings.users, ratings.movies, ratings.values))
    assert np.abs(slopes.movie_factors[:, 5:]).min() > 0.0


@given(
    n=st.integers(1, 5), m=st.integers(1, 5), k=st.integers(1, 4), more=st.integers(1, 4), seed=st.integers(0, 99),
    bias=st.booleans(),
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_growing_any_model_changes_no_prediction(n: int, m: int, k: int, more: int, seed: int, *, bias: bool) -> None:
    factors = random_factors(n, m, k, bias=bias, init="normal", seed=seed)
    grown = factors.with_n_factors(k + more, seed)
    assert grown.n_factors == k + more
    assert models.predict_all(grown).tobytes() == models.predict_all(factors).tobytes()
    assert grown.with_n_factors(k, seed).equals(factors)


def test_shrinking_keeps_the_first_columns(session: Session, sample, apply: Apply) -> None:
    apply(SetFactorCount("bias", 2, 3))
    factors, own = session.sheet("bias").factors, sample.factors["bias"]
    assert np.array_equal(factors.user_factors, own.user_factors[:, :2])
    assert np.array_equal(factors.movie_factors, own.movie_factors[:, :2])
    assert np.array_equal(factors.user_bias, own.user_bias)
    apply(Reset("bias"))
    assert session.sheet("bias").factors.equals(factors)


def test_a_model_needs_a_factor(session: Session) -> None:
    with pytest.raises(ValueError, match="at least one factor"):
        SetFactorCount("dot", 0, 1).apply(session.state)


# Structure


def test_a_range_bends_the_predictions_and_leaves_the_weights(session: Session, sample, apply: Apply) -> None:
    scores = all_predictions(session, "dot")
    with_run(session, "dot", Curve("run 1", [0, 3], [2.8, session.rmse("dot")]))
    apply(SetStructure(Hyperparameters(range="sigmoid", low=0.0, high=5.5), "range"))
    sheet = session.sheet("dot")
    assert np.array_equal(sheet.factors.flat(), sample.factors["dot"].flat())
    assert all_predictions(session, "dot") == pytest.approx(5.5 / (1.0 + np.exp(-scores)), rel=1e-14)
    assert (sheet.start.range.kind, sheet.optimizer_state, sheet.step) == ("sigmoid", "x", 3)
    curve = session.curve("dot")
    assert curve.steps.tolist() == [0, 3, 3]
    assert curve.last.rmse == session.rmse("dot") != pytest.approx(curve.rmses[1], abs=0.1)
    apply(Reset("dot"))
    assert session.sheet("dot").factors.range.high == 5.5


def test_a_range_without_ends_takes_those_of_the_ratings(session: Session, apply: Apply) -> None:
    apply(SetStructure(Hyperparameters(range="clip"), "range"))
    factors = session.sheet("dot").factors
    assert (factors.range.low, factors.range.high) == session.ratings.scale
    assert all_predictions(session, "dot").max() <= session.ratings.scale[1]


def test_the_global_mean_is_that_of_the_ratings_that_train(small: Session) -> None:
    choices = Hyperparameters(model="bias", n_factors=2, global_mean="on")
    whole = SetStructure(choices, "global_mean").apply(small.state).sheets["bias"].factors
    assert whole.global_mean == 13.5 / 5
    part = small.ratings.with_ratings({(0, 0): None, (1, 0): None})
    state = SetStructure(choices, "global_mean", part).apply(small.state)
    assert state.sheets["bias"].factors.global_mean == (1.0 + 3.0 + 2.5) / 3
    anew = NewWeights("bias", 3, trains=part).apply(state).sheets["bias"].factors
    assert anew.global_mean == (1.0 + 3.0 + 2.5) / 3


def test_hidden_layers_start_anew_and_forget_the_optimizers_memory(session: Session, apply: Apply) -> None:
    with_run(session, "neural", Curve("run 1", [0, 1], [2.0, 1.0]))
    before = session.sheet("neural").factors
    apply(SetStructure(Hyperparameters(model="neural", hidden="7,4"), "hidden"))
    sheet = session.sheet("neural")
    assert [layer.weights.shape for layer in sheet.factors.layers] == [(10, 7), (7, 4), (4, 1)]
    assert np.array_equal(sheet.factors.user_factors, before.user_factors)
    assert (sheet.optimizer_state, sheet.before, sheet.start.same_shape(sheet.factors)) == (None, None, True)


def test_a_net_can_have_other_factors_per_movie(session: Session, apply: Apply) -> None:
    predictions = all_predictions(session, "neural")
    apply(SetStructure(Hyperparameters(model="neural", n_movie_factors=8), "n_movie_factors"))
    apply(SetFactorCount("neural", 6, 1))
    factors = session.sheet("neural").factors
    assert (factors.n_factors, factors.n_movie_factors) == (6, 8)
    assert all_predictions(session, "neural") == pytest.approx(predictions, abs=1e-14)
    rule = Hyperparameters(model="neural", n_factors=6, n_movie_factors=8, factor_rule="fastai")
    apply(SetStructure(rule, "factor_rule"))
    ruled = session.sheet("neural").factors
    assert (ruled.n_factors, ruled.n_movie_factors) == (7, 7)  # round(1.6 x 15^0.56)


@pytest.mark.parametrize("init", ["sheet", "uniform", "normal", "xavier"])
@pytest.mark.parametrize("model", ["dot", "bias", "neural", "ordinal"])
def test_new_weights_keep_the_structure(session: Session, apply: Apply, model: str, init: str) -> None:
    choices = Hyperparameters(
        model=model, range="none" if model == "ordinal" else "tanh", hidden="3", seed=9, init=init
    )
    apply(SetStructure(choices, "range"))
    shape = session.sheet(model).factors
    apply(NewWeights(model, 9, init))
    factors = session.sheet(model).factors
    assert factors.same_shape(shape)
    assert factors.range == shape.range
    assert factors.equals(starting_weights(session.ratings, choices))


def test_starting_anew_takes_over_everything(session: Session, apply: Apply) -> None:
    choices = Hyperparameters(model="bias", n_factors=8, global_mean="on", range="clip", init="normal", seed=4)
    with_run(session, "bias", Curve("run 1", [0, 1], [2.0, 1.0]))
    apply(StartAnew(choices, "Best: SGD"))
    sheet = session.sheet("bias")
    assert sheet.factors.equals(starting_weights(session.ratings, choices))
    assert sheet.factors.global_mean == mean_of(session.ratings)
    assert (sheet.start, sheet.start_name, sheet.step, len(sheet.earlier)) == (sheet.factors, "seed 4's", 0, 1)
    assert session.sheet("dot").factors.n_factors == 5


def test_choices_that_do_not_go_with_the_ratings_are_refused(session: Session) -> None:
    narrow = Hyperparameters(range="sigmoid", low=1.0, high=4.0, loss="bce")
    for edit in (SetStructure(narrow, "range"), StartAnew(narrow, "narrow")):
        with pytest.raises(ValueError, match="lie outside: such a loss has no lowest value"):
            edit.apply(session.state)
    with pytest.raises(ValueError, match="The range must rise"):
        SetStructure(Hyperparameters(range="clip", low=9.0), "low").apply(session.state)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (SetRatings({(0, 0): 1.0}), "edit 1 rating"),
        (SetRatings({(0, 0): 1.0, (0, 1): None}), "edit 2 ratings"),
        (SetWeights("dot", {("user_factors", 0, 0): 1.0}), "edit 1 weight"),
        (Reset("dot"), "reset"),
        (NewWeights("dot", 42), "new random weights (seed 42)"),
        (SetFactorCount("dot", 1, 0), "use 1 factor"),
        (SetFactorCount("dot", 8, 0), "use 8 factors"),
        (SetStructure(Hyperparameters(range="clip"), "range"), "change range"),
        (StartAnew(Hyperparameters(), "Best: SGD"), "start as “Best: SGD”"),
        (ClearEarlierCurves("dot"), "clear earlier curves"),
    ],
)
def test_the_words_of_undo(edit: Edit, text: str) -> None:
    assert edit.text == text


# Undo


NUMBERS = st.floats(-1e6, 1e6)
MODEL = st.sampled_from(["dot", "bias"])
ANY_MODEL = st.sampled_from(["dot", "bias", "neural", "ordinal"])
STRUCTURE = st.builds(
    Hyperparameters,
    model=ANY_MODEL,
    range=st.sampled_from(["none", "clip", "sigmoid", "tanh"]),
    global_mean=st.sampled_from(["off", "on"]),
    n_factors=st.integers(1, 7),
    hidden=st.sampled_from(["10", "", "3,2"]),
)
CELL = st.tuples(st.integers(0, N - 1), st.integers(0, M - 1))
FACTOR_CELL = st.tuples(st.sampled_from(["user_factors", "movie_factors"]), st.integers(0, 14), st.just(0))
BIAS_CELL = st.tuples(st.sampled_from(["user_bias", "movie_bias"]), st.integers(0, 14), st.just(0))
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(SetRatings, st.dictionaries(CELL, st.none() | NUMBERS, max_size=4)),
    st.builds(SetWeights, MODEL, st.dictionaries(FACTOR_CELL, NUMBERS, max_size=4)),
    st.builds(SetWeights, st.just("bias"), st.dictionaries(BIAS_CELL, NUMBERS, max_size=4)),
    st.builds(Reset, MODEL),
    st.builds(NewWeights, ANY_MODEL, st.integers(0, 99), st.sampled_from(["sheet", "uniform", "normal", "xavier"])),
    st.builds(SetFactorCount, ANY_MODEL, st.integers(1, 7), st.integers(0, 99)),
    st.builds(SetStructure, STRUCTURE, st.just("range")),
    st.builds(StartAnew, STRUCTURE, st.just("preset")),
    st.builds(ClearEarlierCurves, MODEL),
)


@given(edits=st.lists(EDITS, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_edit_is_undone_bit_for_bit(edits: list[Edit]) -> None:
    session = Session(sample_document(), Hyperparameters(), name="original")
    past: list[tuple[State, list[bytes | str | int], list[float], bytes]] = []

    def shown() -> tuple[list[float], bytes]:
        return [session.rmse("dot"), session.rmse("bias")], all_predictions(session, "bias").tobytes()

    for edit in edits:
        past.append((session.state, bits(session.state), *shown()))
        session.restore(edit.apply(session.state))
    final, end = session.state, bits(session.state)
    for state, seen, rmses, predictions in reversed(past):
        session.restore(state)
        assert bits(session.state) == seen
        assert shown() == (rmses, predictions)
    assert not session.modified
    session.restore(final)
    assert bits(session.state) == end


@given(cells=st.dictionaries(CELL, st.none() | NUMBERS, max_size=20))
@settings(max_examples=60, deadline=None)
def test_ratings_hold_what_was_typed_in_reading_order(cells: dict[tuple[int, int], float | None]) -> None:
    sample = sample_document().ratings
    after = sample.with_ratings(cells)
    for user in range(N):
        for movie in range(M):
            expected = cells.get((user, movie), sample.rating(user, movie))
            assert after.rating(user, movie) == expected
    order = after.users.astype(int) * M + after.movies
    assert (np.diff(order) > 0).all()
