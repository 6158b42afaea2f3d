"""Ratings held out, in the window: the form, the hatched cells, both curves, baselines and the best weights so far."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from cfgui.core.split import SplitChoice
from cfgui.core.view import TOP
from cfgui.gui import holding_out
from cfgui.gui.hold_out_form import HoldOutForm
from cfgui.gui.plot_lines import places
from tests.gui.conftest import Driver
from tests.gui.tables import made_document

FIFTH = SplitChoice("random", fraction=0.2, seed=42)


@pytest.fixture
def held(driver: Driver) -> Driver:
    """The window with a fifth of the 206 ratings held out, and Adam chosen."""
    driver.window.training.choose("optimizer", "adam")
    driver.window.training.choose("learning_rate", 0.05)
    driver.window.holding_out.choose(FIFTH)
    return driver


@pytest.fixture
def form(driver: Driver) -> HoldOutForm:
    """The form, opened by its command."""
    driver.trigger("train.hold_out")
    form = driver.window.holding_out.form
    assert form is not None
    assert form.isVisible()
    return form


def message(driver: Driver) -> str:
    return driver.window.messages.label.text()


def pick(form: HoldOutForm, kind: str) -> None:
    """Choose from the list, as a person does."""
    row = form.kind.findData(kind)
    form.kind.setCurrentIndex(row)
    form.kind.activated.emit(row)


# The form


def test_a_choice_goes_into_force_at_once(driver: Driver, form: HoldOutForm) -> None:
    assert not form.fraction.isEnabled()
    pick(form, "random")
    assert driver.window.session.split_choice == FIFTH
    assert form.words.text() == "41 of 206 ratings are held out: hatched, not trained on."
    assert form.fraction.isEnabled()
    assert form.seed.isEnabled()
    assert not form.k.isEnabled()
    form.fraction.setValue(50.0)
    assert driver.window.session.scope.ratings.n_ratings == 103
    pick(form, "leave-k-out")
    assert driver.window.session.scope.ratings.n_ratings == 206 - 15
    form.seed.setValue(7)
    assert driver.window.session.split_choice == SplitChoice("leave-k-out", fraction=0.5, seed=7)
    pick(form, "none")
    assert driver.window.session.holding is None
    assert form.words.text() == "Every rating trains."
    assert form.seed.value() == 7, "the numbers stay for the next time"
    assert message(driver) == "Nothing is held out any more: every rating trains."


def test_the_command_closes_the_form_too(driver: Driver, form: HoldOutForm) -> None:
    driver.trigger("train.hold_out")
    assert not form.isVisible()


def test_what_cannot_be_is_said_and_taken_back(driver: Driver, form: HoldOutForm) -> None:
    pick(form, "leave-k-out")
    form.k.setValue(50)
    assert message(driver) == "No user has more than 50 ratings, so none can be held out of each."
    assert (form.k.value(), driver.window.session.split_choice.k) == (1, 1)


def test_ratings_of_a_file(driver: Driver, form: HoldOutForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = driver.window.session.ratings
    path = tmp_path / "u1.csv"
    path.write_text(f"userId,movieId,rating\n{own.user_ids[0]},{own.movie_ids[0]},1.5\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_kw: (str(path), ""))
    pick(form, "file")
    driver.qtbot.waitUntil(lambda: not driver.window.holding_out.working, timeout=20_000)
    assert driver.window.session.scope.ratings.n_ratings == 205
    tip = driver.window.page.views["ratings"].block.tip(0, 0)
    assert tip.endswith("held out: not trained on (rated 1.5 in the file)")


def test_no_file_chosen_leaves_all_as_it_is(driver: Driver, form: HoldOutForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_kw: ("", ""))
    pick(form, "file")
    assert form.kind.currentData() == "none"
    assert driver.window.session.holding is None


def test_a_file_that_is_gone_is_said(driver: Driver) -> None:
    driver.window.holding_out.choose(SplitChoice("file", path="/nowhere/at/all.csv"))
    driver.qtbot.waitUntil(lambda: not driver.window.holding_out.working, timeout=20_000)
    assert driver.window.session.holding is None
    assert message(driver)


# Behind the window


def test_a_large_table_is_split_behind_the_window(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding_out, "AT_ONCE", 0)
    window = driver.window
    window.holding_out.choose(FIFTH)
    assert window.holding_out.working
    assert window.session.holding is None
    window.holding_out.choose(SplitChoice("random", fraction=0.5))
    driver.qtbot.waitUntil(lambda: not window.holding_out.working)
    assert window.session.split_choice.fraction == 0.5, "the later choice takes the earlier one's place"
    window.holding_out.choose(FIFTH)
    window.holding_out.cancel()
    driver.qtbot.waitUntil(lambda: not window.holding_out.working)
    assert window.session.split_choice.fraction == 0.5


def test_another_table_ends_what_was_held_out(held: Driver) -> None:
    held.window.documents.open(made_document(40, 30, 600), "made.csv", "seed 3's")
    assert held.window.session.holding is None
    held.window.holding_out.choose(FIFTH)
    held.window.shown.choose(TOP)
    held.window.shown.train_on_visible(True)
    scope = held.window.session.scope
    assert scope.held is not None
    assert scope.ratings.n_ratings + scope.held.ratings.n_ratings == held.window.session.visible.n_ratings
    held.train("train.step")
    assert held.window.session.sheet("dot").step == 1


# The sheet


def cell_image(driver: Driver, block: str, row: int, column: int) -> QImage:
    view = driver.window.page.views[block]
    rect = view.visualRect(view.model().index(row, column))
    return view.viewport().grab(rect).toImage()


def test_held_out_cells_are_hatched_in_both_blocks(driver: Driver) -> None:
    session = driver.window.session
    before = {
        name: [[cell_image(driver, name, row, column) for column in range(15)] for row in range(15)]
        for name in ("ratings", "predictions")
    }
    driver.window.holding_out.choose(FIFTH)
    mask = session.held_cells(session.view.users, session.view.movies)
    assert mask is not None
    for name, images in before.items():
        changed = np.array([[cell_image(driver, name, r, c) != images[r][c] for c in range(15)] for r in range(15)])
        assert np.array_equal(changed, mask), name


def test_words_tell_of_held_out_ratings(held: Driver) -> None:
    session, page = held.window.session, held.window.page
    users, movies = (
        places.tolist() for places in np.nonzero(session.held_cells(session.view.users, session.view.movies))
    )
    assert page.views["ratings"].block.tip(users[0], movies[0]).endswith("held out: not trained on")
    assert page.views["predictions"].block.tip(users[0], movies[0]).endswith("held out: not trained on")
    row, column = next(
        (r, c) for r in range(15) for c in range(15) if (r, c) not in set(zip(users, movies, strict=True))
    )
    assert "held out" not in page.views["ratings"].block.tip(row, column)
    assert page._held_caption.text() == "41 held out, hatched"
    assert f"held-out RMSE {session.rmse('dot', held_out=True):.4f}" in page._held_rmse.text()
    status = held.window.status.training.text()
    assert f"train RMSE {session.rmse('dot'):.4f}" in status
    assert f"held-out RMSE {session.rmse('dot', held_out=True):.4f}" in status
    held.window.holding_out.choose(SplitChoice())
    assert not page._held_caption.isVisible()
    assert "held-out" not in held.window.status.training.text()


def test_lines_of_the_lookup_sheet_are_hatched(held: Driver) -> None:
    from cfgui.gui.hatching import hatched_cells

    held.window.tabs.setCurrentIndex(2)
    block = held.window.page.views["lookups"].block
    mask = hatched_cells(block, slice(0, 206), slice(0, 3))
    assert mask is not None
    assert mask.all(axis=1).sum() == mask.any(axis=1).sum() == 41


# Runs


def test_after_a_run_the_best_weights_are_offered(held: Driver) -> None:
    session = held.window.session
    for _ in range(24):
        held.train("train.steps5")
    best = session.best("dot")
    assert best is not None
    assert best.step < 120
    assert message(held) == f"Best so far: step {best.step}, held-out RMSE {best.rmse:.4f}."
    last = session.sheet("dot").factors
    held.window.messages.buttons[0].click()
    assert session.sheet("dot").step == best.step
    assert session.rmse("dot", held_out=True) == pytest.approx(best.rmse, rel=1e-12)
    held.trigger("train.restore_best")
    assert message(held) == f"The weights of step {best.step} are the best so far."
    held.trigger("edit.undo")
    assert session.sheet("dot").factors is last


def test_what_is_offered_for_a_sheet_does_not_stay_on_another(held: Driver) -> None:
    window = held.window
    for _ in range(24):
        held.train("train.steps5")
    assert message(held).startswith("Best so far: step ")
    held.trigger("view.sheet_movielens_emb")  # of the same model
    assert message(held).startswith("Best so far: step ")
    held.trigger("view.sheet_bias")
    assert not window.messages.isVisible()
    window.training.choosing.use_preset("course-dot")  # goes to its own sheet first
    assert message(held).endswith("all choices set, new weights from seed 42.")
    held.trigger("view.sheet_neural")
    assert not window.messages.isVisible()


def test_weights_changed_by_hand_are_no_longer_the_best(held: Driver) -> None:
    session = held.window.session
    held.train("train.steps5")
    held.trigger("train.hold_out")
    form = held.window.holding_out.form
    assert form is not None
    best = session.best("dot")
    assert best is not None
    assert best.step == session.sheet("dot").step == 5
    assert not form.restore.isEnabled()
    held.select("B25")
    held.type("9")
    held.press(Qt.Key.Key_Return)
    assert form.restore.isEnabled()
    form.restore.click()
    assert session.sheet("dot").factors.equals(best.factors)
    assert not form.restore.isEnabled()


def test_patience_brings_the_best_weights_back(held: Driver) -> None:
    session = held.window.session
    held.window.training.choose("patience", 15)
    held.train("train.run")
    best = session.best("dot")
    assert best is not None
    assert session.sheet("dot").step == best.step
    assert message(held).startswith("Stopped early: 15 looks without a better held-out RMSE.")
    held.trigger("edit.undo")
    assert session.sheet("dot").step == best.step + 15, "undo brings the last weights back"


def test_without_held_out_ratings_there_is_nothing_to_restore(driver: Driver) -> None:
    driver.trigger("train.restore_best")
    assert message(driver).startswith("No run has looked at held-out ratings yet")


def test_the_form_restores_too(held: Driver) -> None:
    for _ in range(24):
        held.train("train.steps5")
    held.trigger("train.hold_out")
    form = held.window.holding_out.form
    assert form is not None
    assert form.best.text().startswith("Best so far: step ")
    form.restore.click()
    best = held.window.session.best("dot")
    assert best is not None
    assert held.window.session.sheet("dot").step == best.step
    assert not form.restore.isEnabled()


def test_draws_of_sampling_show_their_spread(held: Driver) -> None:
    held.window.tabs.setCurrentIndex(1)
    held.window.training.choose("optimizer", "gibbs")
    for _ in range(6):
        held.train("train.steps5")
    assert held.window.session.posterior("bias") is not None
    assert not held.window.messages.buttons, "nothing to go back to: the mean is better than any draw"
    assert " ± " in held.window.page.views["predictions"].block.tip(0, 0)
    held.trigger("edit.undo")
    held.trigger("train.reset")
    assert held.window.session.posterior("bias") is None


# The plot


def test_both_curves_are_drawn_and_named(held: Driver) -> None:
    plot, session = held.window.side.plot, held.window.session
    assert plot is not None
    held.train("train.steps5")
    steps, heights = plot.held_out_item.getOriginalDataset()
    assert steps.tolist() == list(range(6))
    assert heights[-1] == session.rmse("dot", held_out=True)
    assert plot.legend.names == ["train", "held out"]
    plot.read_at(5.0)
    assert f"held out {session.rmse('dot', held_out=True):.6g}" in plot.reading
    assert "Held out RMSE" in plot.accessibleDescription()
    held.window.holding_out.choose(SplitChoice())
    assert plot.legend.names != ["train", "held out"]
    assert len(plot.held_out_item.getOriginalDataset()[0] or ()) == 0


def test_the_lowest_point_is_marked(held: Driver) -> None:
    plot = held.window.side.plot
    assert plot is not None
    for _ in range(24):
        held.train("train.steps5")
    best = held.window.session.best("dot")
    assert best is not None
    assert [tuple(map(float, part)) for part in plot.best_item.getData()] == [(float(best.step),), (best.rmse,)]


def test_baselines_are_lines_that_can_be_switched_off(held: Driver) -> None:
    plot = held.window.side.plot
    assert plot is not None
    assert [level.label for level in plot.lines.levels] == ["global mean", "user mean", "item mean", "biases only"]
    held.train("train.steps5")
    held.train("train.steps5")
    assert len(plot.lines.shown) == 4
    held.window.actions_by_id["view.baselines"].setChecked(False)
    assert plot.lines.levels == ()
    plot.lines_action.setChecked(True)
    assert held.window.actions_by_id["view.baselines"].isChecked()
    plot.set_log(True)
    assert len(plot.lines.shown) == 4


def test_labels_never_stand_on_one_another() -> None:
    heights, widths = [100.0, 104.0, 90.0, 200.0], [60.0, 50.0, 70.0, 40.0]
    ends = places(heights, widths, room=300, line=12)
    boxes = [(h - 12, h, end, end + w) for h, w, end in zip(heights, widths, ends, strict=True)]
    for index, (top, bottom, right, left) in enumerate(boxes):
        for other_top, other_bottom, other_right, other_left in boxes[index + 1 :]:
            apart = bottom <= other_top or other_bottom <= top or left <= other_right or other_left <= right
            assert apart
    assert ends[3] == 0
    narrow = places(heights, widths, room=100, line=12)
    assert sum(math.isnan(end) for end in narrow) == 1, "what has no room is not shown"


def test_shortcuts(driver: Driver) -> None:
    driver.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not driver.window.actions_by_id["view.baselines"].isChecked()
