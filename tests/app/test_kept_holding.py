"""Kept sessions and held-out ratings: a run goes on tomorrow as if nothing had been closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.edits import NewWeights, RestoreBest, SetFactorCount
from cfgui.app.holding import prepare_holding
from cfgui.app.kept_sessions import keep_session, open_kept
from cfgui.app.kept_state import RestoredSession, kept_session, restored_session
from cfgui.app.session import Session
from cfgui.app.sheet_state import SheetState
from cfgui.app.training_run import TrainingRun
from cfgui.core.document import Document
from cfgui.core.gibbs_posterior import BURN_IN
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.split import SplitChoice
from cfgui.core.view import ViewChoice

FIFTH = SplitChoice("random", fraction=0.2, seed=42)
CHOICES = {
    "SGD": Hyperparameters(gradient="autograd", optimizer="sgd", batch_size=7, order="shuffled", learning_rate=0.05),
    "Adam with patience": Hyperparameters(gradient="autograd", optimizer="adam", learning_rate=0.1, patience=8),
    "Gibbs": Hyperparameters(model="bias", optimizer="gibbs"),
}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to keep a session in."""
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path))
    return tmp_path / "sessions" / "session-1.cfgui"


def run(session: Session, choices: Hyperparameters, steps: int) -> SheetState:
    """Train the active sheet by these choices; the session takes the end."""
    scope, whole = session.scope, session.sheet(session.active)
    worker = TrainingRun(
        scope.ratings,
        scope.narrowed(whole),
        choices,
        steps=steps,
        widen=lambda sheet: scope.widened(sheet, whole),
        held=scope.held,
    )
    worker.start()
    worker.join()
    snapshot = worker.take()
    assert snapshot is not None
    assert not snapshot.problem
    session.restore(session.state.with_sheet(session.active, snapshot.sheet))
    return snapshot.sheet


def trained(session: Session, choices: Hyperparameters, *, visible: bool = False, steps: int = BURN_IN + 9) -> Session:
    """The session after some steps with a fifth held out, of all ratings or of those shown."""
    session.activate(choices.model)
    if visible:
        session.show(ViewChoice(9, 11, "ratings", "file"))
        session.train_on_visible(True)
    session.hold_out(prepare_holding(session.ratings, FIFTH, session.view, session.shown_base))
    run(session, choices, steps)
    return session


def reopened(session: Session, path: Path, sample: Document) -> Session:
    """A program started anew, with the session restored."""
    assert keep_session(kept_session(session), path)
    back = open_kept(path)
    assert isinstance(back, RestoredSession)
    again = Session(sample, Hyperparameters(), name="something else")
    back.put_into(again)
    return again


@pytest.mark.parametrize("visible", [False, True], ids=["all ratings", "the visible ones"])
@pytest.mark.parametrize("case", CHOICES)
def test_a_run_goes_on_bit_for_bit(session: Session, sample: Document, path: Path, case: str, visible: bool) -> None:
    choices = CHOICES[case]
    trained(session, choices, visible=visible)
    again, model = reopened(session, path, sample), choices.model
    ends = [run(each, choices, 12) for each in (session, again)]
    one, other = ends
    assert one.factors.equals(other.factors)
    assert len(one.held_out) > BURN_IN + 9
    assert one.held_out.equals(other.held_out)
    assert one.held_out.label == other.held_out.label
    assert again.rmse(model, held_out=True) == session.rmse(model, held_out=True)
    assert (one.best is None) == (other.best is None) == (case == "Gibbs")
    if one.best is not None and other.best is not None:
        assert (one.best.step, one.best.rmse, one.best.seen) == (other.best.step, other.best.rmse, other.best.seen)
        assert one.best.factors.equals(other.best.factors)


def test_the_best_weights_of_yesterday_are_restored_and_trained_on(
    session: Session, sample: Document, path: Path
) -> None:
    choices = replace(CHOICES["Adam with patience"], patience=0)
    trained(session, choices, steps=80)
    best = session.best("dot")
    assert best is not None
    assert best.step < 80, "else there is nothing to go back to"
    again = reopened(session, path, sample)
    ends = []
    for each in (session, again):
        each.restore(RestoreBest("dot").apply(each.state))
        assert each.rmse("dot", held_out=True) == best.rmse
        assert each.sheet("dot").step == best.step
        ends.append(run(each, choices, 3))
    assert ends[0].factors.equals(ends[1].factors), "what Adam remembered at the best point came back too"


@pytest.mark.parametrize("visible", [False, True], ids=["all ratings", "the visible ones"])
@pytest.mark.parametrize("n_draws", [5, BURN_IN + 30], ids=["burn-in", "after it"])
def test_draws_predict_as_before(session: Session, sample: Document, path: Path, n_draws: int, visible: bool) -> None:
    trained(session, CHOICES["Gibbs"], visible=visible, steps=n_draws)
    again = reopened(session, path, sample)
    users, movies = session.view.users[[0, 3, 5]], session.view.movies[[1, 2, 6]]
    one, other = (each.posterior("bias") for each in (session, again))
    assert (one is None) == (other is None) == (n_draws <= BURN_IN)
    if one is not None and other is not None:
        for before, after in zip(one(users, movies), other(users, movies), strict=True):
            assert np.array_equal(before, after)
    samples = again.sheet("bias").present_samples
    assert samples is not None
    assert samples.mean.moments.n_seen == n_draws


def test_draws_without_held_out_ratings_come_back(session: Session, sample: Document, path: Path) -> None:
    session.activate("bias")
    run(session, CHOICES["Gibbs"], BURN_IN + 3)
    again = reopened(session, path, sample)
    samples = again.sheet("bias").present_samples
    assert samples is not None
    assert len(samples.draws) == 3
    assert samples.held_out is None


def test_draws_that_are_no_longer_of_the_weights_are_not_kept(session: Session, sample: Document, path: Path) -> None:
    trained(session, CHOICES["Gibbs"])
    session.restore(NewWeights("bias", 3).apply(session.state))
    assert kept_session(session).sheets["bias"].samples is None
    assert reopened(session, path, sample).sheet("bias").samples is None


def test_too_many_draws_begin_anew(
    session: Session, sample: Document, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfgui.io.kept_samples.MAX_SAMPLES", 100)
    trained(session, CHOICES["Gibbs"])
    again = reopened(session, path, sample)
    assert again.sheet("bias").samples is None
    assert again.sheet("bias").factors.equals(session.sheet("bias").factors)
    assert run(again, CHOICES["Gibbs"], 2).samples is not None


def test_a_split_that_cannot_be_made_again_takes_its_curve_along(session: Session) -> None:
    """Nobody could say of which ratings it was."""
    trained(session, CHOICES["SGD"])
    kept = kept_session(session)
    described = {**dict(kept.view["held_out"]), "sheets": {}}  # type: ignore[call-overload]
    sheet = restored_session(replace(kept, view={**kept.view, "held_out": described})).state.sheets["dot"]
    assert (len(sheet.held_out), sheet.best) == (0, None)


def test_weights_of_another_size_have_no_best_point(session: Session, sample: Document, path: Path) -> None:
    """Reset would lead to weights of the new size, and a kept session to neither."""
    trained(session, CHOICES["SGD"])
    assert session.best("dot") is not None
    session.restore(SetFactorCount("dot", 3, 42).apply(session.state))
    assert session.best("dot") is None
    assert reopened(session, path, sample).sheet("dot").factors.n_factors == 3


def test_best_weights_that_are_the_present_ones_are_kept_once(session: Session, sample: Document, path: Path) -> None:
    trained(session, CHOICES["SGD"], steps=2)
    assert session.sheet("dot").is_at_best
    again = reopened(session, path, sample).sheet("dot")
    assert again.best is not None
    assert again.best.factors is again.factors
    assert again.is_at_best
