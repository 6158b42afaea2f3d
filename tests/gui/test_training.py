"""Every button that trains, on the real window; figures from SPREADSHEET.md."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox
from pytestqt.exceptions import capture_exceptions

from cfgui.app.torch_loading import TorchLoader
from cfgui.core.curve import Curve
from cfgui.gui.report_dialog import ReportDialog
from tests.gui.conftest import Driver
from tests.helpers.predictions import all_predictions

GD_HALF = {1: 2.319990381204, 2: 1.811112916702, 5: 0.927038858115, 10: 0.813867985239}
"""RMSE of full-batch descent at rate 0.5 with exact gradients, by step."""


def choose(driver: Driver, name: str, value: object) -> None:
    """Pick a choice in its field, as a person does."""
    field = driver.window.choices.fields[name]
    if isinstance(field, QComboBox):
        row = field.findData(value)
        field.setCurrentIndex(row)
        field.activated.emit(row)
    else:
        field.setValue(value)


def exact_descent(driver: Driver) -> None:
    choose(driver, "gradient", "autograd")
    choose(driver, "learning_rate", 0.5)


def test_step_and_five_steps_follow_the_table(driver: Driver) -> None:
    exact_descent(driver)
    driver.train("train.step")
    assert driver.rmse() == pytest.approx(GD_HALF[1], abs=1e-9)
    driver.train("train.step")
    assert driver.rmse() == pytest.approx(GD_HALF[2], abs=1e-9)
    for _ in range(3):
        driver.train("train.step")
    driver.train("train.steps5")
    assert driver.rmse() == pytest.approx(GD_HALF[10], abs=1e-9)
    sheet = driver.window.session.sheet("dot")
    assert sheet.curve.steps.tolist() == list(range(11))
    assert sheet.curve.rmses[5] == pytest.approx(GD_HALF[5], abs=1e-9)
    assert driver.window.status.training.text().startswith("step 10   RMSE 0.8139   last step −0.0")


def test_forward_differences_are_the_window_default_and_biased_by_h(driver: Driver) -> None:
    choose(driver, "learning_rate", 0.5)
    driver.train("train.step")
    assert 1e-4 < abs(driver.rmse() - GD_HALF[1]) < 1e-2


def test_epoch_of_sgd_is_one_pass_and_completes_a_started_one(driver: Driver) -> None:
    """Per-rating SGD in row order at 0.01: RMSE 1.0490 after one epoch."""
    choose(driver, "optimizer", "sgd")
    choose(driver, "gradient", "central")
    driver.train("train.steps5")
    driver.train("train.epoch")
    assert driver.window.session.sheet("dot").step == 206
    assert driver.rmse() == pytest.approx(1.0490, abs=1e-3)
    driver.train("train.epoch")
    assert driver.window.session.sheet("dot").step == 412
    assert driver.rmse() == pytest.approx(0.8280, abs=1e-3)


def test_epoch_of_gradient_descent_is_one_step(driver: Driver) -> None:
    driver.train("train.epoch")
    assert driver.window.session.sheet("dot").step == 1


def test_run_and_pause(driver: Driver) -> None:
    run = driver.window.actions_by_id["train.run"]
    driver.trigger("train.run")
    assert run.iconText() == "Pause"
    assert not driver.window.actions_by_id["train.step"].isEnabled()
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > 50, timeout=10_000)
    driver.trigger("train.run")
    driver.idle()
    assert run.iconText() == "Run"
    sheet = driver.window.session.sheet("dot")
    assert sheet.curve.last.rmse == driver.rmse()
    assert sheet.curve.last.step == sheet.step
    assert driver.window.edits.stack.count() == 1
    driver.trigger("edit.undo")
    assert driver.rmse() == 2.8060620616483134
    assert driver.window.session.sheet("dot").step == 0


def test_choices_change_in_the_middle_of_a_run_without_resetting(driver: Driver) -> None:
    driver.trigger("train.run")
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > 20, timeout=10_000)
    choose(driver, "optimizer", "adam")
    choose(driver, "learning_rate", 0.001)
    assert driver.window.bridge.running
    at_change = driver.window.session.sheet("dot").step
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > at_change + 50, timeout=10_000)
    driver.trigger("train.run")
    driver.idle()
    curve = driver.window.session.sheet("dot").curve
    assert np.array_equal(curve.steps, np.arange(len(curve)))
    assert driver.rmse() < 1.0


@pytest.mark.parametrize("name", ["gradient", "optimizer", "weight_decay", "batch_size", "epsilon", "seed"])
def test_no_choice_touches_the_weights(driver: Driver, name: str) -> None:
    before = driver.window.session.state
    values = {
        "gradient": "central", "optimizer": "adam", "weight_decay": 0.1, "batch_size": 7, "epsilon": 0.1, "seed": 7,
    }  # fmt: skip
    choose(driver, name, values[name])
    assert getattr(driver.window.session.hyperparameters, name) == values[name]
    assert driver.window.session.state is before


def test_more_factors_keep_every_prediction_and_fewer_drop_the_last(driver: Driver) -> None:
    session = driver.window.session
    before = all_predictions(session, "dot")
    choose(driver, "n_factors", 7)
    assert session.sheet("dot").factors.n_factors == 7
    assert np.array_equal(all_predictions(session, "dot"), before)
    assert driver.window.page.views["user_factors"].model().columnCount() == 7
    assert session.sheet("bias").factors.n_factors == 5
    driver.train("train.step")
    choose(driver, "n_factors", 3)
    assert session.sheet("dot").factors.n_factors == 3
    for _ in range(3):
        driver.trigger("edit.undo")
    assert session.sheet("dot").factors.n_factors == 5
    assert driver.window.choices.fields["n_factors"].value() == 5
    assert driver.rmse() == 2.8060620616483134


@pytest.mark.parametrize(("tab", "model", "limit"), [(0, "dot", 0.3930), (1, "bias", 0.3187)])
def test_solve_reaches_the_optimum_and_reports(driver: Driver, tab: int, model: str, limit: float) -> None:
    driver.window.tabs.setCurrentIndex(tab)
    start = driver.rmse(model)
    reports = []
    driver.window.training.solved.connect(reports.append)
    driver.train("train.solve")
    assert driver.rmse(model) <= limit
    (report,) = reports
    assert report.original_value == start
    assert report.final_value == driver.rmse(model)
    assert report.objective_address == ("dotprod!V41", "bias!V42")[tab]
    assert len(report.cells) == (150, 180)[tab]
    assert len({cell.address for cell in report.cells}) == len(report.cells)
    dialog = driver.window.findChild(object, "") and [
        child for child in driver.window.children() if type(child).__name__ == "ReportDialog"
    ]
    assert dialog
    driver.qtbot.mouseClick(dialog[0].restore_button, Qt.MouseButton.LeftButton)
    assert driver.rmse(model) == start


def test_reset_returns_to_the_same_start_and_keeps_the_curve(driver: Driver) -> None:
    driver.train("train.steps5")
    driver.trigger("train.reset")
    assert driver.rmse() == 2.8060620616483134
    sheet = driver.window.session.sheet("dot")
    assert (sheet.step, len(sheet.earlier), sheet.curve.label) == (0, 1, "run 2")
    driver.trigger("train.clear_curves")
    assert driver.window.session.sheet("dot").earlier == ()


def test_new_random_weights_show_their_seed_and_repeat(driver: Driver) -> None:
    session = driver.window.session
    choose(driver, "seed", 7)
    driver.trigger("train.random")
    assert session.hyperparameters.seed == 7
    first = session.sheet("dot").factors
    assert "seed 7" in driver.window.status.data.text()
    driver.train("train.step")
    driver.trigger("train.reset")
    assert session.sheet("dot").factors.equals(first)
    driver.trigger("train.random")
    assert driver.window.choices.fields["seed"].value() == 8
    assert not session.sheet("dot").factors.equals(first)
    choose(driver, "seed", 7)
    driver.trigger("train.random")
    assert session.sheet("dot").factors.equals(first)


def test_random_weights_of_a_net_are_others_from_the_first_press(driver: Driver) -> None:
    session = driver.window.session
    driver.trigger("view.sheet_neural")
    assert "seed 42" in driver.window.status.data.text()
    first = session.sheet("neural").factors
    driver.trigger("train.random")
    assert session.hyperparameters.seed == 43
    assert not session.sheet("neural").factors.equals(first)


def test_each_sheet_keeps_its_own_weights_and_history(driver: Driver) -> None:
    driver.train("train.steps5")
    dot = driver.window.session.sheet("dot")
    driver.window.tabs.setCurrentIndex(1)
    assert driver.window.session.sheet("bias").step == 0
    driver.train("train.step")
    assert driver.window.session.sheet("bias").step == 1
    assert driver.window.session.sheet("dot") is dot
    driver.window.tabs.setCurrentIndex(2)
    driver.train("train.step")
    assert driver.window.session.sheet("dot").step == 6


def test_divergence_restores_names_the_step_and_offers_a_rate(driver: Driver) -> None:
    choose(driver, "learning_rate", 5.0)
    driver.train("train.run")
    text = driver.window.messages.label.text()
    assert text.startswith("Step ")
    assert "try 1" in text
    assert driver.rmse() == 2.8060620616483134
    assert all(math.isfinite(x) for x in driver.window.session.sheet("dot").factors.flat())
    driver.qtbot.mouseClick(driver.window.messages.buttons[0], Qt.MouseButton.LeftButton)
    assert driver.window.choices.fields["learning_rate"].value() == 1.0
    driver.train("train.steps5")
    assert driver.rmse() < 2.8


def test_edit_during_a_run_pauses_it_first(driver: Driver) -> None:
    driver.trigger("train.run")
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > 5, timeout=10_000)
    driver.select("H2")
    driver.type("1")
    driver.press(Qt.Key.Key_Return)
    assert not driver.window.bridge.running
    assert driver.window.session.ratings.rating(0, 0) == 1.0
    assert driver.window.edits.stack.count() == 2
    driver.trigger("edit.undo")
    driver.trigger("edit.undo")
    assert driver.rmse() == 2.8060620616483134


def test_nothing_rated_is_said_plainly(driver: Driver) -> None:
    view = driver.select("H2")
    view.select_cell(0, 0, 15, 15)
    driver.trigger("edit.clear")
    assert driver.window.session.ratings.n_ratings == 0
    driver.trigger("train.step")
    assert "no ratings to train on" in driver.window.messages.label.text()
    assert driver.window.page.views["rmse"].block.text(0, 0) == ""


def test_slow_pace_waits_between_steps(driver: Driver) -> None:
    driver.window.actions_by_id["train.pace_3"].setChecked(True)
    driver.trigger("train.run")
    driver.qtbot.wait(700)
    driver.trigger("train.run")
    driver.idle()
    assert 1 <= driver.window.session.sheet("dot").step <= 4


def test_plot_shows_current_and_earlier_curves(driver: Driver) -> None:
    driver.train("train.steps5")
    driver.trigger("train.reset")
    driver.train("train.step")
    title, current, earlier, *_ = driver.window.side._shown
    assert title == current.label == "run 2 · gradient descent, rate 0.5"
    assert [curve.label for curve in earlier] == ["run 1 · gradient descent, rate 0.5"]
    assert current.steps.tolist() == [0, 1]
    assert [len(curve) for curve in earlier] == [6]
    assert isinstance(current, Curve)
    driver.window.actions_by_id["view.log"].setChecked(True)
    assert driver.window.side.plot.log


def test_window_and_command_line_give_the_same_numbers_from_one_seed(driver: Driver) -> None:
    from cfgui.app.training import starting_factors, train
    from cfgui.core.hyperparameters import Hyperparameters
    from cfgui.io.sample import sample_document

    choose(driver, "seed", 11)
    choose(driver, "gradient", "autograd")
    choose(driver, "optimizer", "adam")
    driver.trigger("train.random")
    driver.train("train.steps5")
    hyperparameters = Hyperparameters(optimizer="adam", init="uniform", seed=11)
    document = sample_document()
    result = train(document, hyperparameters, steps=5)
    assert result.factors.equals(driver.window.session.sheet("dot").factors)
    assert starting_factors(document, hyperparameters).equals(driver.window.session.sheet("dot").start)


def test_marks_show_what_the_last_step_changed(driver: Driver) -> None:
    """One SGD step on the first rating moves user 14's row and movie 27's column, and nothing else."""
    choose(driver, "optimizer", "sgd")
    choose(driver, "gradient", "central")
    driver.train("train.step")
    page = driver.window.page
    users = page.views["user_factors"].block.changed()
    movies = page.views["movie_factors"].block.changed()
    predictions = page.views["predictions"].block.changed()
    assert (users[0] != 0).all()
    assert not users[1:].any()
    assert (movies[:, 0] != 0).all()
    assert not movies[:, 1:].any()
    assert (predictions[0] != 0).all()
    assert (predictions[:, 0] != 0).all()
    assert not predictions[1:, 1:].any()


def test_a_choice_during_solve_lets_it_end(driver: Driver) -> None:
    driver.trigger("train.solve")
    choose(driver, "learning_rate", 0.001)
    choose(driver, "optimizer", "adam")
    driver.idle()
    assert driver.rmse() <= 0.3930


def test_solve_does_not_depend_on_the_rate(driver: Driver) -> None:
    choose(driver, "learning_rate", 0.0)
    driver.train("train.solve")
    assert driver.rmse() <= 0.3930


def test_an_edit_between_steps_shows_in_the_curve_and_the_history(driver: Driver) -> None:
    driver.train("train.step")
    driver.select("B25")
    driver.type("1")
    driver.press(Qt.Key.Key_Return)
    edited = driver.rmse()
    assert driver.window.session.document().history["dot"].last == (1, edited)
    driver.train("train.step")
    curve = driver.window.session.sheet("dot").curve
    assert curve.steps.tolist() == [0, 1, 1, 2]
    assert curve.rmses[2] == edited


def test_the_wheel_over_a_field_changes_nothing_until_it_is_clicked(driver: Driver) -> None:
    field = driver.window.choices.fields["n_factors"]
    driver.window.page.views["ratings"].setFocus()
    before = driver.window.session.state
    place = QPointF(field.rect().center())
    for delta in (-120, 120):
        event = QWheelEvent(
            place, field.mapToGlobal(place), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(field, event)
    assert driver.window.session.state is before


def test_fewer_factors_are_said_and_the_curve_goes_on_from_there(driver: Driver) -> None:
    choose(driver, "n_factors", 3)
    assert "Ctrl+Z brings them back" in driver.window.messages.label.text()
    _, current, *_ = driver.window.side._shown
    assert current.last == (0, driver.rmse())


def test_an_offer_is_withdrawn_when_a_run_begins(driver: Driver) -> None:
    choose(driver, "learning_rate", 5.0)
    driver.train("train.run")
    assert driver.window.messages.buttons
    choose(driver, "learning_rate", 0.1)
    driver.train("train.step")
    assert not driver.window.messages.isVisible()


def test_messages_move_nothing(driver: Driver) -> None:
    before = {name: view.geometry() for name, view in driver.window.page.views.items()}
    driver.trigger("train.reset")
    assert driver.window.messages.isVisible()
    driver.trigger("edit.find")
    driver.qtbot.wait(50)
    assert {name: view.geometry() for name, view in driver.window.page.views.items()} == before


def test_a_step_that_needs_torch_waits_visibly_and_can_be_stopped(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[bool] = []
    monkeypatch.setattr(TorchLoader, "settled", property(lambda _: bool(settled)))
    monkeypatch.setattr(TorchLoader, "ready", property(lambda _: bool(settled)))
    choose(driver, "gradient", "autograd")
    for command in ("train.step", "train.run"):
        driver.trigger(command)
        assert "loading torch" in driver.window.status.training.text()
        assert driver.window.actions_by_id["train.run"].iconText() == "Pause"
        driver.qtbot.wait(60)
        assert driver.window.session.sheet("dot").step == 0
        driver.train("train.run")  # now Pause
        assert "loading torch" not in driver.window.status.training.text()
    driver.trigger("train.step")
    settled.append(True)
    driver.idle()
    assert driver.window.session.sheet("dot").step == 1
    assert driver.window.edits.stack.count() == 1


def reports_open(driver: Driver) -> list[ReportDialog]:
    return [child for child in driver.window.children() if isinstance(child, ReportDialog)]


def test_restore_after_solve_takes_back_only_the_solve(driver: Driver) -> None:
    driver.select("H2")
    driver.type("1")
    driver.press(Qt.Key.Key_Return)
    before = driver.window.session.state
    driver.train("train.solve")
    (dialog,) = reports_open(driver)
    driver.trigger("edit.undo")
    assert driver.window.session.state is before
    driver.qtbot.mouseClick(dialog.restore_button, Qt.MouseButton.LeftButton)
    assert driver.window.session.state is before, "the edit before Solve stays"


@pytest.mark.parametrize("what", ["edit", "undo", "close", "tab"])
def test_solve_cut_short_by_something_else_reports_nothing(driver: Driver, what: str) -> None:
    driver.window.tabs.setCurrentIndex(1)
    driver.trigger("train.solve")
    if what == "edit":
        driver.select("H2")
        driver.trigger("edit.clear")
    elif what == "undo":
        driver.window.edits.undo()
    elif what == "tab":
        driver.window.tabs.setCurrentIndex(0)
    else:
        driver.window.close()
    assert not driver.window.bridge.running
    assert reports_open(driver) == []


def test_run_numbers_never_repeat(driver: Driver) -> None:
    labels = []
    for number in range(4):
        driver.train("train.step")
        labels.append(driver.window.session.sheet("dot").curve.label.partition(" · ")[0])
        if number == 1:
            driver.trigger("train.clear_curves")
        driver.trigger("train.reset")
    assert labels == ["run 1", "run 2", "run 3", "run 4"]


def test_a_label_follows_the_choices(driver: Driver) -> None:
    labels = []
    for optimizer in ("gd", "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"):
        choose(driver, "optimizer", optimizer)
        driver.train("train.step")
        labels.append(driver.window.session.sheet("dot").curve.label.partition(" · ")[2])
    assert labels == [
        "gradient descent, rate 0.5", "SGD, rate 0.01", "momentum, rate 0.1", "adagrad, rate 0.1",
        "RMSprop, rate 0.02", "adam, rate 0.05", "AdamW, rate 0.05",
    ]  # fmt: skip


def test_epoch_ends_the_pass_whatever_the_batch_was_before(driver: Driver) -> None:
    choose(driver, "optimizer", "sgd")
    choose(driver, "gradient", "central")
    choose(driver, "batch_size", 100)
    driver.train("train.step")
    choose(driver, "batch_size", 64)
    driver.train("train.epoch")  # 106 left: 64 and 42
    sheet = driver.window.session.sheet("dot")
    assert (sheet.step, sheet.seen) == (3, 206)


def test_an_error_in_a_watcher_does_not_stop_training_for_good(driver: Driver) -> None:
    def fail(_changes: object) -> None:
        raise RuntimeError("a watcher failed")

    end = driver.window.session.subscribe(fail)
    with capture_exceptions() as caught:
        driver.train("train.step")
    end()
    assert caught
    assert {str(error) for _, error, _ in caught} == {"a watcher failed"}
    driver.train("train.step")
    assert driver.window.session.sheet("dot").step == 2


def test_the_batch_of_a_large_table_can_be_read(driver: Driver) -> None:
    field = driver.window.choices.fields["batch_size"]
    assert isinstance(field, QSpinBox)
    driver.window.training.choose("optimizer", "sgd")
    driver.window.training.choose("batch_size", 25_000_095)
    line = field.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "25000095"
    assert line.width() > line.fontMetrics().horizontalAdvance("25000095")
