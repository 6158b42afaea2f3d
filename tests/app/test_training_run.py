"""Runs in the background: the numbers of the sheet, whatever the moment a run is looked at or ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cfgui.app import snapshots
from cfgui.app.edits import SetRatings
from cfgui.app.session import Session
from cfgui.app.sheet_state import SheetState
from cfgui.app.training_run import Snapshot, TrainingRun
from cfgui.app.turnstile import Turnstile
from cfgui.core import compiled_engine, models
from cfgui.core.chunks import Watch
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table

PATIENCE = 10.0
"""Seconds after which something that should have happened has not."""


class Counting(Turnstile):
    """Calls ``act`` with the number of steps made so far, before each step."""

    def __init__(self, act: Callable[[int], None]) -> None:
        super().__init__()
        self._act, self._n = act, 0

    def pass_through(self) -> None:
        self._act(self._n)
        self._n += 1


def end_of(run: TrainingRun) -> Snapshot:
    """The last snapshot of a run that ends by itself, or was asked to."""
    run.join()
    snapshot = run.take()
    assert snapshot is not None
    assert snapshot.done
    return snapshot


def trained(
    session: Session, choices: Hyperparameters, steps: int | None, *, sheet: SheetState | None = None
) -> Snapshot:
    run = TrainingRun(
        session.ratings, sheet or session.sheet(choices.model), choices, steps=steps, turnstile=Turnstile()
    )
    run.start()
    return end_of(run)


def next_snapshot(run: TrainingRun) -> Snapshot:
    deadline = time.monotonic() + PATIENCE
    while (snapshot := run.take()) is None:
        assert time.monotonic() < deadline, "the run has said nothing"
        time.sleep(0.001)
    return snapshot


def check_consistent(snapshot: Snapshot, start: SheetState, ratings: Ratings) -> None:
    """The sheet of a snapshot is one that could stand on the screen for good."""
    sheet = snapshot.sheet
    assert sheet.curve.last == (sheet.step, models.rmse(sheet.factors, ratings))
    assert list(sheet.curve.steps) == list(range(sheet.step + 1))
    assert snapshot.n_steps == sheet.step - start.step
    assert (sheet.start, sheet.start_name, sheet.earlier) == (start.start, start.start_name, start.earlier)


# Numbers


@pytest.mark.parametrize(
    ("rate", "steps", "rmse"),
    [
        (0.5, 1, 2.319990381204),
        (0.5, 10, 0.813867985239),
        (0.5, 100, 0.559515391728),
        (0.1, 5, 2.327108538962),
        (0.1, 100, 0.786353558208),
    ],
)
def test_gradient_descent_by_autograd_follows_the_table(session: Session, rate: float, steps: int, rmse: float) -> None:
    start = session.sheet("dot")
    end = trained(session, Hyperparameters(gradient="autograd", learning_rate=rate), steps)
    check_consistent(end, start, session.ratings)
    assert end.sheet.curve.rmses[-1] == pytest.approx(rmse, abs=1e-9)
    assert (end.n_steps, end.sheet.step, end.sheet.seen) == (steps, steps, steps * 206)
    assert (end.problem, end.diverged, end.suggested_rate, end.stop_reason) == ("", False, 0.0, "")
    assert end.seconds > 0.0


@pytest.mark.parametrize("model", ["dot", "bias"])
def test_a_run_is_the_trainer_in_a_thread(session: Session, model: str) -> None:
    choices = Hyperparameters(model=model, gradient="central", optimizer="momentum", batch_size=50)
    end = trained(session, choices, 12)
    trainer = Trainer(session.ratings, session.sheet(model).factors, choices)
    rmses = [trainer.rmse] + [trainer.advance().rmse for _ in range(12)]
    assert end.sheet.factors.equals(trainer.factors)
    assert end.sheet.curve.rmses.tolist() == rmses
    assert end.sheet.seen == trainer.seen


def test_before_is_one_step_before(session: Session) -> None:
    choices = Hyperparameters(gradient="forward")
    assert trained(session, choices, 1).sheet.before is not None
    four, five = trained(session, choices, 4), trained(session, choices, 5)
    assert five.sheet.before is not None
    assert five.sheet.before.equals(four.sheet.factors)


@pytest.mark.parametrize("optimizer", ["gd", "sgd", "momentum", "adagrad", "rmsprop", "adam"])
def test_five_and_five_steps_are_ten(session: Session, optimizer: str) -> None:
    choices = Hyperparameters(gradient="forward", optimizer=optimizer)
    once = trained(session, choices, 10).sheet
    half = trained(session, choices, 5).sheet
    twice = trained(session, choices, 5, sheet=half).sheet
    assert twice.factors.flat().tobytes() == once.factors.flat().tobytes()
    assert twice.curve.equals(once.curve)
    assert (twice.step, twice.seen) == (10, once.seen)
    anew = trained(session, choices, 5, sheet=replace(half, optimizer_state=None)).sheet
    remembers = optimizer not in ("gd", "sgd")
    assert anew.factors.equals(once.factors) is not remembers


def test_another_optimizers_memory_is_set_aside(session: Session) -> None:
    adam = trained(session, Hyperparameters(gradient="forward", optimizer="adam"), 3).sheet
    choices = Hyperparameters(gradient="forward", optimizer="rmsprop")
    end = trained(session, choices, 2, sheet=adam)
    fresh = trained(session, choices, 2, sheet=replace(adam, optimizer_state=None))
    assert end.sheet.factors.equals(fresh.sheet.factors)
    assert isinstance(end.sheet.optimizer_state, OptimizerState)
    assert end.sheet.optimizer_state.optimizer == "rmsprop"
    assert end.sheet.step == 5


@pytest.mark.parametrize(("model", "best"), [("dot", 0.3930), ("bias", 0.3187)])
def test_solve_ends_by_itself_at_the_optimum(session: Session, model: str, best: float) -> None:
    choices = Hyperparameters(model=model, optimizer="lbfgs", gradient="forward")
    run = TrainingRun(session.ratings, session.sheet(model), choices, steps=None, gradient="exact")
    run.start()
    end = end_of(run)
    check_consistent(end, session.sheet(model), session.ratings)
    assert end.stop_reason
    assert best - 0.0002 < models.rmse(end.sheet.factors, session.ratings) <= best
    assert (np.diff(end.sheet.curve.rmses) <= 0.0).all()


# Ending early


def test_paused_anywhere_the_sheet_is_whole(session: Session) -> None:
    start = session.sheet("dot")
    run = TrainingRun(session.ratings, start, Hyperparameters(gradient="forward"), steps=None, turnstile=Turnstile())
    run.start()
    seen = [next_snapshot(run) for _ in range(3)]
    run.stop()
    end = end_of(run)
    for snapshot in (*seen, end):
        check_consistent(snapshot, start, session.ratings)
    assert not any(snapshot.done for snapshot in seen)
    steps = [snapshot.sheet.step for snapshot in (*seen, end)]
    assert steps == sorted(steps)
    assert 0 < steps[0] < steps[1]
    again = trained(session, Hyperparameters(gradient="forward"), steps[-1])
    assert again.sheet.factors.equals(end.sheet.factors)
    assert run.take() is None
    assert "training" not in {thread.name for thread in threading.enumerate()}
    # What the window was shown first is still what it was.
    assert len(seen[0].sheet.curve) == steps[0] + 1


def test_stopped_before_the_first_step_nothing_changes(session: Session) -> None:
    run = TrainingRun(session.ratings, session.sheet("dot"), Hyperparameters(gradient="forward"), steps=None)
    run.stop()
    run.start()
    end = end_of(run)
    assert end.n_steps == 0
    assert end.sheet.factors.equals(session.sheet("dot").factors)
    assert end.sheet.curve.equals(session.sheet("dot").curve)


def test_a_pace_is_kept_and_a_pause_does_not_wait_for_it(session: Session) -> None:
    choices = Hyperparameters(gradient="forward")
    run = TrainingRun(session.ratings, session.sheet("dot"), choices, steps=4, pace=50.0, turnstile=Turnstile())
    run.start()
    assert end_of(run).seconds >= 3 / 50
    began = time.monotonic()
    run = TrainingRun(session.ratings, session.sheet("dot"), choices, steps=None, pace=0.01, turnstile=Turnstile())
    run.start()
    time.sleep(0.05)
    run.stop()
    assert end_of(run).n_steps == 1
    assert time.monotonic() - began < PATIENCE


# Changes in the middle


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.01},
        {"weight_decay": 0.1},
        {"gradient": "central"},
        {"epsilon": 0.5},
        {"batch_size": 20},
        {"optimizer": "adagrad", "learning_rate": None},
    ],
)
def test_choices_changed_in_the_middle_go_on_from_the_same_weights(
    session: Session, change: dict[str, str | float | None]
) -> None:
    first = Hyperparameters(gradient="forward", optimizer="adam", learning_rate=0.1, batch_size=100)
    second = replace(first, **change)  # type: ignore[arg-type]

    def change_after_3(n_steps: int) -> None:
        if n_steps == 3:
            run.hyperparameters = second

    run = TrainingRun(session.ratings, session.sheet("dot"), first, steps=7, turnstile=Counting(change_after_3))
    run.start()
    end = end_of(run)
    half = trained(session, first, 3).sheet
    expected = trained(session, second, 4, sheet=half).sheet
    assert end.sheet.factors.flat().tobytes() == expected.factors.flat().tobytes()
    assert end.sheet.curve.equals(expected.curve)
    assert not end.sheet.factors.equals(trained(session, first, 7).sheet.factors)


def test_rate_0_in_the_middle_of_an_endless_run_holds_the_weights(session: Session) -> None:
    choices = Hyperparameters(gradient="forward", learning_rate=0.5)
    run = TrainingRun(session.ratings, session.sheet("dot"), choices, steps=None, turnstile=Turnstile())
    run.start()
    moved = next_snapshot(run)
    run.hyperparameters = replace(choices, learning_rate=0.0)
    for _ in range(2):  # these may still hold steps at the old rate
        next_snapshot(run)
    held, later = next_snapshot(run), next_snapshot(run)
    run.stop()
    end_of(run)
    assert moved.n_steps > 0
    assert later.sheet.step > held.sheet.step
    assert later.sheet.factors.equals(held.sheet.factors)


# Runs that go wrong


def test_a_rate_that_explodes_is_taken_back_and_said(session: Session) -> None:
    start = session.sheet("dot")
    end = trained(session, Hyperparameters(gradient="forward", learning_rate=5.0), None)
    check_consistent(end, start, session.ratings)
    assert end.diverged
    assert models.rmse(end.sheet.factors, session.ratings) <= 2.8060620616483134 + 1e-12
    assert f"The weights of step {end.sheet.step} are back" in end.problem
    assert "the rate 5 is too large" in end.problem
    assert 0.0 < end.suggested_rate < 5.0
    assert f"try {end.suggested_rate:g}." in end.problem
    better = trained(session, Hyperparameters(gradient="forward", learning_rate=end.suggested_rate), 50)
    assert not better.diverged
    assert better.sheet.curve.rmses[-1] < 2.0


def test_steps_before_the_explosion_stay(session: Session) -> None:
    good = Hyperparameters(gradient="forward", learning_rate=0.5)

    def explode_after_10(n_steps: int) -> None:
        if n_steps == 10:
            run.hyperparameters = replace(good, learning_rate=1000.0)

    run = TrainingRun(session.ratings, session.sheet("dot"), good, steps=None, turnstile=Counting(explode_after_10))
    run.start()
    end = end_of(run)
    check_consistent(end, session.sheet("dot"), session.ratings)
    assert end.diverged
    assert end.sheet.step == 10
    assert end.sheet.factors.equals(trained(session, good, 10).sheet.factors)


def test_an_explosion_later_keeps_the_curve_of_earlier_runs(session: Session) -> None:
    half = trained(session, Hyperparameters(gradient="forward"), 6).sheet
    end = trained(session, Hyperparameters(gradient="forward", learning_rate=1000.0), None, sheet=half)
    assert end.diverged
    assert (end.n_steps, end.sheet.step) == (0, 6)
    assert end.sheet.curve.equals(half.curve)
    assert end.sheet.factors.equals(half.factors)


def test_nothing_to_train_on_is_a_sentence(small: Session) -> None:
    cells = zip(small.ratings.users.tolist(), small.ratings.movies.tolist(), strict=True)
    small.restore(SetRatings(dict.fromkeys(cells, None)).apply(small.state))
    end = trained(small, Hyperparameters(gradient="forward", n_factors=2), 5)
    assert end.problem == "Training stopped: There are no ratings to train on."
    assert (end.n_steps, end.diverged) == (0, False)
    assert end.sheet is small.sheet("dot")


def test_a_failure_leaves_a_whole_sheet(session: Session) -> None:
    def fail_after_5(n_steps: int) -> None:
        if n_steps == 5:
            raise RuntimeError("no more memory")

    choices = Hyperparameters(gradient="forward")
    start = session.sheet("dot")
    run = TrainingRun(session.ratings, start, choices, steps=None, turnstile=Counting(fail_after_5))
    run.start()
    end = end_of(run)
    assert end.problem == "Training stopped: no more memory"
    check_consistent(end, start, session.ratings)


# The turnstile


def test_a_held_turnstile_holds_a_run(session: Session) -> None:
    turnstile = Turnstile()
    choices = Hyperparameters(gradient="forward")
    run = TrainingRun(session.ratings, session.sheet("dot"), choices, steps=3, turnstile=turnstile)
    with turnstile.held():
        run.start()
        time.sleep(0.2)
        assert run.take() is None
    assert end_of(run).n_steps == 3


def test_a_turnstile_held_in_the_middle_stops_the_steps(session: Session) -> None:
    asked = threading.Event()

    class Watched(Turnstile):
        def pass_through(self) -> None:
            asked.set()
            super().pass_through()

    turnstile = Watched()
    choices = Hyperparameters(gradient="forward")
    run = TrainingRun(session.ratings, session.sheet("dot"), choices, steps=None, turnstile=turnstile)
    run.start()
    next_snapshot(run)
    with turnstile.held():
        for _ in range(2):  # the first may have been let through just before
            asked.clear()
            asked.wait(0.1)
        run.take()
        time.sleep(0.2)
        assert run.take() is None
    moving = next_snapshot(run)
    run.stop()
    assert end_of(run).sheet.step >= moving.sheet.step


# Large tables


@pytest.fixture
def large() -> tuple[Ratings, SheetState]:
    """25,000 ratings and a sheet for them: SGD is compiled."""
    ratings = random_table(400, 300, 25_000, seed=2)
    factors = random_factors(400, 300, 3, bias=True, init="normal", seed=1)
    return ratings, SheetState(factors, factors, "seed 1's")


SGD = Hyperparameters(model="bias", gradient="forward", optimizer="sgd", n_factors=3)


def test_a_large_table_has_a_point_per_epoch(large: tuple[Ratings, SheetState]) -> None:
    ratings, sheet = large
    run = TrainingRun(ratings, sheet, SGD, steps=60_000, turnstile=Turnstile())
    run.start()
    end = end_of(run)
    assert list(end.sheet.curve.steps) == [0, 25_000, 50_000, 60_000]
    assert (end.n_steps, end.sheet.step, end.sheet.seen) == (60_000, 60_000, 60_000)
    assert end.sheet.curve.last == (60_000, models.rmse(end.sheet.factors, ratings))
    assert (np.diff(end.sheet.curve.rmses) < 0.0).all()
    assert end.engine == "compiled"
    assert end.ratings_per_second > 0.0
    trainer = Trainer(ratings, sheet.factors, SGD)
    trainer.advance(50_000)
    assert end.sheet.before is not None
    assert end.sheet.before.equals(trainer.factors)
    trainer.advance(10_000)
    assert end.sheet.factors.equals(trainer.factors)


def test_one_step_on_a_large_table_is_one_update(large: tuple[Ratings, SheetState]) -> None:
    ratings, sheet = large
    run = TrainingRun(ratings, sheet, SGD, steps=1, turnstile=Turnstile())
    run.start()
    end = end_of(run)
    assert (end.n_steps, end.sheet.seen) == (1, 1)
    assert list(end.sheet.curve.steps) == [0, 1]
    moved = (end.sheet.factors.user_factors != sheet.factors.user_factors).any(axis=1)
    assert np.flatnonzero(moved).tolist() == [int(ratings.users[0])]


@pytest.fixture
def slow_pieces(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Compiled SGD looks up after every 1000 ratings, and from the second time on waits there for the event."""
    go_on = threading.Event()
    monkeypatch.setattr(compiled_engine, "FIRST_SLAB", 1000)
    monkeypatch.setattr(compiled_engine, "SLAB_SECONDS", 1e-9)
    ends_after = Watch.ends_after

    def wait(watch: Watch, n_ratings: int) -> bool:
        ends = ends_after(watch, n_ratings)
        if watch.n_done >= 2000:
            go_on.wait(PATIENCE)
        return ends

    monkeypatch.setattr(Watch, "ends_after", wait)
    return go_on


def wait_for(run: TrainingRun, progress: float) -> Snapshot:
    snapshot = next_snapshot(run)
    while snapshot.progress < progress:
        snapshot = next_snapshot(run)
    return snapshot


def test_in_the_middle_of_an_epoch_a_run_tells_how_far_it_is(
    large: tuple[Ratings, SheetState], slow_pieces: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PUBLISH_SECONDS", 0.0)
    ratings, sheet = large
    slow_pieces.set()
    run = TrainingRun(ratings, sheet, SGD, steps=25_000, turnstile=Turnstile())
    seen: list[Snapshot] = []
    put = run._slot.put
    monkeypatch.setattr(run._slot, "put", lambda snapshot: (seen.append(snapshot), put(snapshot)))
    run.start()
    end_of(run)
    within = [snapshot for snapshot in seen if snapshot.progress]
    assert [snapshot.progress for snapshot in within] == sorted(snapshot.progress for snapshot in within)
    assert within[0].progress == pytest.approx(1000 / 50_000)  # of an epoch and a look at all ratings
    assert within[-1].progress >= 0.48  # up to the last look of the epoch
    assert all(snapshot.sheet is within[0].sheet for snapshot in within)
    assert all(snapshot.ratings_per_second > 0.0 for snapshot in within)
    assert within[0].sheet.step == 0


def test_paused_in_the_middle_of_an_epoch_what_is_learnt_stays(
    large: tuple[Ratings, SheetState], slow_pieces: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PUBLISH_SECONDS", 0.0)
    ratings, sheet = large
    run = TrainingRun(ratings, sheet, SGD, steps=None, turnstile=Turnstile())
    run.start()
    wait_for(run, 0.01)
    run.stop()
    slow_pieces.set()
    end = end_of(run)
    assert end.sheet.step == end.sheet.seen == end.n_steps
    assert 1000 <= end.sheet.step < 25_000
    assert end.sheet.step % 1000 == 0
    assert list(end.sheet.curve.steps) == [0]  # the RMSE of the last step is not known yet
    trainer = Trainer(ratings, sheet.factors, SGD)
    trainer.advance(end.sheet.step)
    assert end.sheet.factors.equals(trainer.factors)
    again = TrainingRun(ratings, end.sheet, SGD, steps=25_000 - end.sheet.step, turnstile=Turnstile())
    again.start()
    trainer.advance(25_000 - end.sheet.step)
    finished = end_of(again)
    assert finished.sheet.factors.equals(trainer.factors)
    assert list(finished.sheet.curve.steps) == [0, end.sheet.step, 25_000]


def test_a_choice_made_in_the_middle_of_an_epoch_counts_at_once(
    large: tuple[Ratings, SheetState], slow_pieces: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PUBLISH_SECONDS", 0.0)
    ratings, sheet = large
    run = TrainingRun(ratings, sheet, SGD, steps=25_000, turnstile=Turnstile())
    run.start()
    wait_for(run, 0.01)
    run.hyperparameters = replace(SGD, learning_rate=0.0)
    slow_pieces.set()
    end = end_of(run)
    assert end.n_steps == 25_000
    trainer = Trainer(ratings, sheet.factors, SGD)
    matches = []
    for _ in range(24):
        trainer.advance(1000)
        matches.append(trainer.factors.equals(end.sheet.factors))
    assert sum(matches) == 1
    assert matches.index(True) < 23


def test_somebody_who_cannot_wait_gets_the_newest_snapshot_as_the_end(
    large: tuple[Ratings, SheetState], slow_pieces: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PUBLISH_SECONDS", 0.0)
    ratings, sheet = large
    run = TrainingRun(ratings, sheet, SGD, steps=None, turnstile=Turnstile())
    run.start()
    shown = wait_for(run, 0.01)
    run.end()
    end = run.take()
    assert end is not None
    assert end.done
    assert end.sheet.step == shown.sheet.step == 0
    run.join()  # does not wait: nothing lets the worker go on yet
    slow_pieces.set()
    run._thread.join()
    assert run.take() is None


def test_a_run_ended_before_it_had_anything_to_show_leaves_nothing(large: tuple[Ratings, SheetState]) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def wait(_n_steps: int) -> None:
        arrived.set()
        go_on.wait(PATIENCE)

    run = TrainingRun(*large, SGD, steps=None, turnstile=Counting(wait))
    run.start()
    assert arrived.wait(PATIENCE)
    run.end()
    assert run.take() is None
    go_on.set()
    run._thread.join()
    assert run.take() is None


def test_the_end_of_a_sheets_run_is_waited_for(session: Session) -> None:
    run = TrainingRun(session.ratings, session.sheet("dot"), Hyperparameters(gradient="forward"), steps=None)
    run.start()
    shown = next_snapshot(run)
    run.end()
    end = run.take()
    assert end is not None
    check_consistent(end, session.sheet("dot"), session.ratings)
    assert end.done
    assert end.sheet.step >= shown.sheet.step


def test_each_sheet_is_widened_once_and_seldom_where_that_takes_long(
    large: tuple[Ratings, SheetState], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PUBLISH_SECONDS", 0.0)
    ratings, sheet = large
    widened: list[int] = []

    def widen(trained: SheetState) -> SheetState:
        widened.append(trained.step)
        time.sleep(0.02)
        return replace(trained, start_name="widened")

    run = TrainingRun(ratings, sheet, SGD, steps=25_000 * 400, turnstile=Turnstile(), widen=widen)
    run.start()
    end = end_of(run)
    assert end.sheet.start_name == "widened"
    assert len(widened) == len(set(widened))
    # A tenth of the time at most goes into it, but for the last one and a first that comes at once.
    assert (len(widened) - 2) * 0.02 <= 0.11 * end.seconds
    assert widened[-1] == 25_000 * 400
