"""Session: what it opens with, what it tells watchers, and that the past comes back bit for bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app.changes import Changes
from cfgui.app.edits import ClearEarlierCurves, NewWeights, Reset, SetFactorCount, SetRatings, SetStructure, SetWeights
from cfgui.app.session import Session
from cfgui.app.start_state import start_state
from cfgui.core import models
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from tests.helpers.predictions import all_predictions

DOT, BIAS = 2.8060620616483134, 2.018003803304626


@pytest.fixture
def told(session: Session) -> list[Changes]:
    """All that the session has told so far."""
    told: list[Changes] = []
    session.subscribe(told.append)
    return told


def test_opens_with_the_sheets_numbers(session: Session) -> None:
    assert session.rmse("dot") == pytest.approx(DOT, abs=1e-15)
    assert session.rmse("bias") == pytest.approx(BIAS, abs=1e-15)
    assert (session.active, session.hyperparameters.model, session.hyperparameters.n_factors) == ("dot", "dot", 5)
    assert (session.ratings.n_users, session.ratings.n_movies, session.ratings.n_ratings) == (15, 15, 206)
    assert not session.modified


def test_a_curve_begins_with_the_start(session: Session) -> None:
    for model, rmse in (("dot", DOT), ("bias", BIAS)):
        sheet = session.sheet(model)
        assert (list(sheet.curve.steps), sheet.step, sheet.seen, sheet.earlier) == ([0], 0, 0, ())
        assert sheet.curve.rmses[0] == pytest.approx(rmse, abs=1e-15)
        assert sheet.start is sheet.factors


def test_a_history_that_was_read_goes_on(sample: Document) -> None:
    history = {"dot": Curve("run 1", [0, 7], [3.5, DOT]), "bias": Curve("run 1", [0, 7], [2.8, 0.9])}
    state = start_state(Document(sample.ratings, sample.factors, history), "the file's")
    assert state.sheets["dot"].step == 7
    assert state.sheets["dot"].curve.equals(history["dot"])
    bias = state.sheets["bias"]
    assert bias.step == 7
    assert bias.curve.steps.tolist() == [0, 7, 7], "weights somebody changed since are a point of their own"
    assert bias.curve.rmses.tolist() == [2.8, 0.9, pytest.approx(BIAS, abs=1e-15)]


def test_predictions_are_of_all_cells_and_follow_the_weights(small: Session) -> None:
    assert all_predictions(small, "dot").tolist() == [[4.0, 1.0, 5.0], [1.5, 0.5, 2.5]]
    assert all_predictions(small, "bias").tolist() == [[4.75, 1.5, 4.5], [1.25, 0.0, 1.0]]
    assert small.rmse("dot") == math.sqrt(5.25 / 5)
    assert small.rmse("bias") == math.sqrt((0.0625 + 0.25 + 2.25 + 0.5625 + 2.25) / 5)
    small.restore(SetWeights("dot", {("user_factors", 0, 0): 0.0}).apply(small.state))
    assert all_predictions(small, "dot").tolist() == [[2.0, 0.0, 0.0], [1.5, 0.5, 2.5]]
    assert all_predictions(small, "bias")[0, 0] == 4.75


def test_no_rating_at_all_has_no_rmse(small: Session) -> None:
    cells = zip(small.ratings.users.tolist(), small.ratings.movies.tolist(), strict=True)
    small.restore(SetRatings(dict.fromkeys(cells, None)).apply(small.state))
    assert math.isnan(small.rmse("dot"))
    assert all_predictions(small, "dot")[0, 0] == 4.0


def test_restore_tells_what_differs_and_no_more(session: Session, told: list[Changes]) -> None:
    original = session.state
    session.restore(SetRatings({(0, 0): 4.5}).apply(session.state))
    session.restore(SetWeights("bias", {("user_bias", 3, 0): 1.0}).apply(session.state))
    session.restore(SetFactorCount("bias", 6, 1).apply(session.state))
    session.restore(SetFactorCount("dot", 4, 1).apply(session.state))
    session.restore(session.state)
    bias, dot = frozenset({"bias"}), frozenset({"dot"})
    assert told == [
        Changes(ratings=True),
        Changes(weights=bias),
        Changes(weights=bias, shape=bias),
        Changes(weights=dot, shape=dot, choices=True),
        Changes(),
    ]
    assert session.hyperparameters.n_factors == 4
    session.restore(original)
    assert told[-1] == Changes(ratings=True, weights=bias | dot, shape=bias | dot, choices=True)
    assert session.hyperparameters.n_factors == 5


def test_curves_are_told(session: Session, told: list[Changes]) -> None:
    session.restore(Reset("dot").apply(session.state))
    assert told[-1].curves == {"dot"}
    earlier = Curve("run 1", [0, 1], [2.0, 1.0])
    sheet = session.sheet("bias")
    session.restore(session.state.with_sheet("bias", type(sheet)(sheet.factors, sheet.start, "x", earlier=(earlier,))))
    session.restore(ClearEarlierCurves("bias").apply(session.state))
    assert told[-1] == Changes(curves=frozenset({"bias"}))
    assert session.sheet("bias").earlier == ()


def test_a_watcher_that_left_hears_nothing(session: Session) -> None:
    told: list[Changes] = []
    leave = session.subscribe(told.append)
    session.choose(learning_rate=0.25)
    leave()
    session.choose(learning_rate=0.5)
    assert told == [Changes(choices=True)]


def test_choosing_keeps_the_weights(session: Session, told: list[Changes]) -> None:
    before = session.state
    session.choose(optimizer="adam", learning_rate=0.1, weight_decay=0.01, batch_size=7, gradient="central")
    session.choose(optimizer="adam")
    assert session.state is before
    assert told == [Changes(choices=True)]
    assert not session.modified


@pytest.mark.parametrize(
    "choice", [{"learning_rate": -1.0}, {"optimizer": "sdg"}, {"epsilon": 0.0}, {"batch_size": 1.5}]
)
def test_a_choice_that_is_not_allowed_changes_nothing(session: Session, choice: dict[str, float | str]) -> None:
    before = session.hyperparameters
    with pytest.raises(ValueError, match="must"):
        session.choose(**choice)
    assert session.hyperparameters is before


@pytest.mark.parametrize("choice", [{"model": "bias"}, {"n_factors": 7}, {"range": "clip"}, {"low": 1.0}])
def test_what_belongs_to_the_sheet_cannot_be_chosen(session: Session, choice: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="belong to the sheet"):
        session.choose(**choice)


def test_each_sheet_has_its_own_number_of_factors(session: Session) -> None:
    session.restore(SetFactorCount("bias", 3, 1).apply(session.state))
    assert session.hyperparameters.n_factors == 5
    session.activate("bias")
    assert (session.hyperparameters.model, session.hyperparameters.n_factors) == ("bias", 3)
    session.activate("dot")
    assert (session.hyperparameters.model, session.hyperparameters.n_factors) == ("dot", 5)


def test_the_choices_mirror_the_sheet_in_front(session: Session, told: list[Changes]) -> None:
    before = session.state
    changed = replace(session.hyperparameters, range="sigmoid")
    session.restore(SetStructure(changed, "range").apply(before))
    assert told[-1].choices
    assert told[-1].shape == frozenset()
    assert told[-1].weights == {"dot"}
    chosen = session.hyperparameters
    assert (chosen.range, chosen.low, chosen.high) == ("sigmoid", *session.ratings.scale)
    session.activate("neural")
    assert (session.hyperparameters.range, session.hyperparameters.low) == ("none", None)
    session.restore(SetStructure(replace(session.hyperparameters, hidden="4"), "hidden").apply(session.state))
    assert session.hyperparameters.hidden == "4"
    assert told[-1].shape == {"neural"}
    session.activate("dot")
    assert session.hyperparameters.range == "sigmoid"
    session.restore(before)
    assert (session.hyperparameters.range, session.hyperparameters.low) == ("none", None)


def test_a_loss_that_does_not_go_with_the_sheet_gives_way(session: Session) -> None:
    with pytest.raises(ValueError, match="choose the sigmoid range first"):
        session.choose(loss="bce")
    session.restore(SetStructure(replace(session.hyperparameters, range="sigmoid"), "range").apply(session.state))
    session.choose(loss="bce")
    session.activate("bias")
    assert (session.hyperparameters.loss, session.hyperparameters.range) == ("mse", "none")


def test_a_loss_without_a_floor_is_refused(session: Session) -> None:
    narrow = replace(session.hyperparameters, range="sigmoid", low=1.5, high=4.0)
    session.restore(SetStructure(narrow, "range").apply(session.state))
    with pytest.raises(ValueError, match="such a loss has no lowest value"):
        session.choose(loss="bce")
    assert session.hyperparameters.loss == "mse"


def test_a_document_holds_nets_that_somebody_used(session: Session) -> None:
    assert set(session.document().factors) == {"dot", "bias"}
    session.restore(NewWeights("neural", 3).apply(session.state))
    assert set(session.document().factors) == {"dot", "bias", "neural"}
    session.activate("ordinal")
    assert set(session.document().factors) == {"dot", "bias", "neural", "ordinal"}
    other = session.document()
    session.activate("dot")
    session.open(other, "other")
    assert set(session.document().factors) == {"dot", "bias", "neural", "ordinal"}


def test_modified_until_undone_or_saved(session: Session) -> None:
    original = session.state
    session.restore(SetRatings({(0, 0): None}).apply(original))
    assert session.modified
    session.restore(original)
    assert not session.modified
    session.restore(SetRatings({(0, 0): None}).apply(original))
    session.mark_saved(session.state)
    assert not session.modified
    session.restore(original)
    assert session.modified


def test_a_weight_makes_it_modified_too(session: Session) -> None:
    session.restore(SetWeights("bias", {("movie_bias", 0, 0): 1.0}).apply(session.state))
    assert session.modified


def test_opening_replaces_everything(session: Session, small: Session, told: list[Changes]) -> None:
    session.restore(SetRatings({(0, 0): None}).apply(session.state))
    other = Document(small.ratings, small.document().factors, active="bias", remarks=("A remark.",))
    session.open(other, "other")
    assert told[-1] == Changes(document=True)
    assert (session.name, session.remarks, session.active) == ("other", ("A remark.",), "bias")
    assert (session.hyperparameters.model, session.hyperparameters.n_factors) == ("bias", 2)
    assert session.sheet("dot").start_name == "the file's"
    assert session.sheet("neural").start_name == "seed 42's"  # no file said anything of it
    assert session.rmse("dot") == math.sqrt(5.25 / 5)
    assert not session.modified


def test_document_holds_the_present_state(session: Session, sample: Document) -> None:
    untouched = session.document()
    assert untouched.ratings is sample.ratings
    assert untouched.factors == sample.factors
    session.activate("bias")
    session.restore(SetWeights("dot", {("movie_factors", 2, 1): 0.5}).apply(session.state))
    document = session.document()
    assert document.active == "bias"
    assert document.factors["dot"].movie_factors[2, 1] == 0.5
    assert models.rmse(document.factors["dot"], document.ratings) == session.rmse("dot")
    assert document.history["dot"].rmses.tolist() == [2.8060620616483134, session.rmse("dot")]
    assert document.history["dot"].steps.tolist() == [0, 0]
    assert np.array_equal(sample.factors["bias"].flat(), document.factors["bias"].flat())
