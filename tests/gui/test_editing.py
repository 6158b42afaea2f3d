"""The sheet as a spreadsheet: keys, edits, undo, and the clipboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from tests.gui.conftest import Driver
from tests.helpers.predictions import all_predictions

Key = Qt.Key
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def test_typing_replaces_and_recomputes_at_once(driver: Driver) -> None:
    """SPREADSHEET.md: adding 1 to B25 gives RMSE 2.770036614."""
    driver.select("B25")
    driver.type("1.19116638616919113")
    driver.press(Key.Key_Return)
    assert driver.rmse() == pytest.approx(2.770036614, abs=1e-9)
    assert driver.window.page.views["rmse"].block.text(0, 0) == "2.77"
    assert driver.address == "B26"


def test_enter_tab_and_shift_move(driver: Driver) -> None:
    driver.select("I3")
    for key, modifiers, address in (
        (Key.Key_Return, NONE, "I4"),
        (Key.Key_Return, SHIFT, "I3"),
        (Key.Key_Tab, NONE, "J3"),
        (Key.Key_Backtab, SHIFT, "I3"),
        (Key.Key_Down, NONE, "I4"),
        (Key.Key_Right, NONE, "J4"),
        (Key.Key_Up, NONE, "J3"),
        (Key.Key_Left, NONE, "I3"),
    ):
        driver.press(key, modifiers)
        assert driver.address == address


def test_arrows_walk_from_block_to_block(driver: Driver) -> None:
    driver.select("H16")
    driver.press(Key.Key_Down)
    assert driver.address == "H19"
    for _ in range(5):
        driver.press(Key.Key_Down)
    assert driver.address == "H25"
    driver.press(Key.Key_Left)
    assert driver.address == "F25"
    driver.press(Key.Key_Right)
    driver.press(Key.Key_Up)
    assert driver.address == "H23"
    assert sum(view.selectionModel().hasSelection() for view in driver.window.page.views.values()) == 1


def test_f2_edits_with_every_digit_and_escape_restores(driver: Driver) -> None:
    driver.select("B25")
    before = driver.window.session.state
    driver.press(Key.Key_F2)
    editor = driver.focus()
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "0.19116638616919113"
    driver.type("7")
    driver.press(Key.Key_Escape)
    assert driver.window.session.state is before
    assert driver.address == "B25"


def test_commit_moves_the_way_of_the_key(driver: Driver) -> None:
    driver.select("I3")
    driver.type("2")
    driver.press(Key.Key_Tab)
    assert driver.address == "J3"
    driver.type("2,5")
    driver.press(Key.Key_Return, SHIFT)
    assert driver.address == "J2"
    assert driver.window.session.ratings.rating(1, 1) == 2.0
    assert driver.window.session.ratings.rating(1, 2) == 2.5


@pytest.mark.parametrize("text", ["abc", "1e400", "nan", "--3"])
def test_what_is_no_number_is_refused_beside_the_cell(driver: Driver, text: str) -> None:
    driver.select("H2")
    before = driver.window.session.state
    driver.type(text)
    driver.press(Key.Key_Return)
    assert isinstance(driver.focus(), QLineEdit)
    assert driver.window.session.state is before
    driver.press(Key.Key_Escape)


def test_predictions_cannot_be_typed_over(driver: Driver) -> None:
    driver.select("H25")
    driver.type("5")
    assert not isinstance(driver.focus(), QLineEdit)
    driver.trigger("edit.clear")
    assert "Predictions are computed" in driver.window.messages.label.text()


def test_delete_makes_a_rating_unrated_and_undo_brings_it_back(driver: Driver) -> None:
    driver.select("H2")
    driver.trigger("edit.clear")
    session = driver.window.session
    assert session.ratings.rating(0, 0) is None
    assert session.ratings.n_ratings == 205
    residuals = session.ratings.values - all_predictions(session, "dot")[session.ratings.users, session.ratings.movies]
    assert driver.rmse() == pytest.approx(np.sqrt((residuals**2).mean()), abs=1e-12)
    driver.trigger("edit.undo")
    assert session.ratings.rating(0, 0) == 3.0
    assert driver.rmse() == 2.8060620616483134


def test_a_factor_cannot_be_blank(driver: Driver) -> None:
    driver.select("B25")
    before = driver.window.session.state
    driver.trigger("edit.clear")
    assert driver.window.session.state is before
    assert "needs a number" in driver.window.messages.label.text()


def test_control_arrows_jump_over_runs_and_gaps(driver: Driver) -> None:
    """Row 5, user 211, is rated up to P5, blank at Q5, rated at R5:U5, blank at V5."""
    driver.select("H5")
    for address in ("P5", "R5", "U5"):
        driver.press(Key.Key_Right, CONTROL)
        assert driver.address == address
    driver.press(Key.Key_Left, CONTROL)
    assert driver.address == "R5"


def test_control_enter_fills_the_selection(driver: Driver) -> None:
    view = driver.select("H2")
    view.select_cell(0, 0, 2, 2)
    driver.type("4")
    driver.press(Key.Key_Return, CONTROL)
    ratings = driver.window.session.ratings
    assert [ratings.rating(u, m) for u in (0, 1) for m in (0, 1)] == [4.0] * 4
    driver.trigger("edit.undo")
    assert driver.rmse() == 2.8060620616483134


def test_fill_down_and_right(driver: Driver) -> None:
    view = driver.select("B25")
    view.select_cell(0, 0, 3, 1)
    driver.trigger("edit.fill_down")
    table = driver.window.session.sheet("dot").factors.user_factors
    assert table[0, 0] == table[1, 0] == table[2, 0] == 0.19116638616919113
    view.select_cell(0, 0, 1, 3)
    driver.trigger("edit.fill_right")
    table = driver.window.session.sheet("dot").factors.user_factors
    assert table[0, 1] == table[0, 2] == 0.19116638616919113
    driver.trigger("edit.undo")
    driver.trigger("edit.undo")
    assert driver.rmse() == 2.8060620616483134


def test_copy_gives_every_digit_and_blank_for_unrated(driver: Driver) -> None:
    view = driver.select("P5")
    view.select_cell(3, 8, 1, 3)  # P5:R5: 4, unrated, 3
    driver.trigger("edit.copy")
    clipboard = QGuiApplication.clipboard()
    assert clipboard.text() == "4\t\t3\n"
    assert 'sdval="4"' in clipboard.mimeData().html()
    driver.select("B25")
    driver.trigger("edit.copy")
    assert clipboard.text() == "0.19116638616919113\n"


def test_paste_of_a_range_with_decimal_commas_is_one_undo(driver: Driver) -> None:
    QGuiApplication.clipboard().setText("1,5\t2,5\n3,5\t\n")
    driver.select("H2")
    driver.trigger("edit.paste")
    ratings = driver.window.session.ratings
    assert [ratings.rating(u, m) for u in (0, 1) for m in (0, 1)] == [1.5, 2.5, 3.5, None]
    assert driver.window.edits.stack.count() == 1
    driver.trigger("edit.undo")
    assert driver.rmse() == 2.8060620616483134
    driver.trigger("edit.redo")
    assert driver.window.session.ratings.rating(0, 1) == 2.5


def test_paste_from_libreoffice_takes_the_full_value(driver: Driver) -> None:
    data = QMimeData()
    data.setText("0.12\n")
    data.setHtml('<table><tr><td align="right" sdval="0.123456789012345" sdnum="1033;">0.12</td></tr></table>')
    QGuiApplication.clipboard().setMimeData(data)
    driver.select("B25")
    driver.trigger("edit.paste")
    assert driver.window.session.sheet("dot").factors.user_factors[0, 0] == 0.123456789012345


def test_paste_that_does_not_fit_or_is_no_number_changes_nothing(driver: Driver) -> None:
    before = driver.window.session.state
    QGuiApplication.clipboard().setText("1\t2\t3\n")
    driver.select("U2")
    driver.trigger("edit.paste")
    assert "does not fit" in driver.window.messages.label.text()
    QGuiApplication.clipboard().setText("1\tx\n")
    driver.select("H2")
    driver.trigger("edit.paste")
    assert "“x” is not a number" in driver.window.messages.label.text()
    assert driver.window.session.state is before


def test_one_copied_cell_fills_a_selection(driver: Driver) -> None:
    QGuiApplication.clipboard().setText("0.5\n")
    view = driver.select("H19")
    view.select_cell(0, 0, 5, 15)
    driver.trigger("edit.paste")
    assert (driver.window.session.sheet("dot").factors.movie_factors == 0.5).all()


def test_cut_clears_what_it_copies(driver: Driver) -> None:
    driver.select("H2")
    driver.trigger("edit.cut")
    assert QGuiApplication.clipboard().text() == "3\n"
    assert driver.window.session.ratings.rating(0, 0) is None


def test_formula_bar_edits_the_selected_cell(driver: Driver) -> None:
    driver.select("B25")
    content = driver.window.formula_bar.content
    content.setText("0.5")
    driver.qtbot.keyClick(content, Key.Key_Return)
    assert driver.window.session.sheet("dot").factors.user_factors[0, 0] == 0.5


def test_biases_are_edited_on_the_bias_sheet_only(driver: Driver) -> None:
    driver.window.tabs.setCurrentIndex(1)
    driver.select("A26")
    driver.type("2")
    driver.press(Key.Key_Return)
    driver.select("H19")
    driver.type("-1")
    driver.press(Key.Key_Return)
    factors = driver.window.session.sheet("bias").factors
    assert (factors.user_bias[0], factors.movie_bias[0]) == (2.0, -1.0)
    assert driver.rmse("dot") == 2.8060620616483134


def test_ratings_are_shared_by_the_sheets_and_the_lookups(driver: Driver) -> None:
    driver.select("H2")
    driver.type("1")
    driver.press(Key.Key_Return)
    driver.window.tabs.setCurrentIndex(2)
    view = driver.select("K3")
    assert view.block.text(0, 2) == "1"
    driver.type("3")
    driver.press(Key.Key_Return)
    assert driver.rmse() == 2.8060620616483134


def test_lookup_columns_are_not_typed_over(driver: Driver) -> None:
    driver.window.tabs.setCurrentIndex(2)
    driver.select("X3")
    driver.type("5")
    assert not isinstance(driver.focus(), QLineEdit)


def test_undo_and_redo_go_through_mixed_edits_and_steps(driver: Driver) -> None:
    states = [driver.window.session.state]
    driver.select("B25")
    driver.type("1")
    driver.press(Key.Key_Return)
    states.append(driver.window.session.state)
    driver.train("train.step")
    states.append(driver.window.session.state)
    driver.select("H2")
    driver.trigger("edit.clear")
    states.append(driver.window.session.state)
    driver.trigger("train.reset")
    states.append(driver.window.session.state)
    for state in reversed(states[:-1]):
        driver.trigger("edit.undo")
        assert driver.window.session.state is state
    for state in states[1:]:
        driver.trigger("edit.redo")
        assert driver.window.session.state is state
    assert not driver.window.actions_by_id["edit.redo"].isEnabled()


def test_what_is_being_typed_survives_a_run(driver: Driver) -> None:
    """A run repaints the cells thirty times a second; an open editor keeps the person's text."""
    driver.select("H3")
    driver.window.actions_by_id["train.pace_30"].setChecked(True)
    driver.trigger("train.run")
    driver.type("4")
    driver.qtbot.wait(250)
    driver.type(".5")
    driver.qtbot.wait(150)
    driver.press(Key.Key_Return)
    assert driver.window.session.ratings.rating(1, 0) == 4.5
    driver.idle()


def test_control_keys_move_the_selection_and_leave_none_behind(driver: Driver) -> None:
    view = driver.select("H5")
    view.select_cell(3, 0, 2, 2)
    driver.press(Key.Key_Right, CONTROL)
    driver.press(Key.Key_Home, CONTROL)
    assert len(view.selected_cells()) == 1
    assert driver.address == "H2"
    driver.press(Key.Key_End, CONTROL)
    assert (driver.address, len(view.selected_cells())) == ("V16", 1)


def test_shift_arrows_select_and_keep_the_current_cell(driver: Driver) -> None:
    view = driver.select("I3")
    driver.press(Key.Key_Right, SHIFT)
    driver.press(Key.Key_Down, SHIFT)
    driver.press(Key.Key_Down, SHIFT)
    assert driver.address == "I3"
    assert view.selected_rectangle() == (1, 1, 3, 2)
    driver.press(Key.Key_Up, SHIFT)
    assert view.selected_rectangle() == (1, 1, 2, 2)
    driver.press(Key.Key_Down, CONTROL | SHIFT)
    assert view.selected_rectangle()[0] == 1
    assert driver.address == "I3"


def test_a_drag_keeps_the_cell_it_began_at(driver: Driver) -> None:
    view = driver.select("H2")
    start, end = (view.visualRect(view.model().index(*cell)).center() for cell in ((1, 1), (3, 4)))
    area = view.viewport()
    driver.qtbot.mousePress(area, Qt.MouseButton.LeftButton, pos=start)
    driver.qtbot.mouseMove(area, start + (end - start) / 2)
    driver.qtbot.mouseMove(area, end)
    driver.qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, pos=end)
    assert view.selected_rectangle() == (1, 1, 3, 4)
    assert driver.address == "I3"


def test_f2_puts_the_cursor_at_the_end(driver: Driver) -> None:
    driver.select("H2")
    driver.press(Key.Key_F2)
    driver.qtbot.wait(20)
    driver.type(".5")
    driver.press(Key.Key_Return)
    assert driver.window.session.ratings.rating(0, 0) == 3.5


def test_escape_in_the_formula_bar_restores_and_a_refusal_keeps_the_keyboard(driver: Driver) -> None:
    driver.select("H2")
    content = driver.window.formula_bar.content
    content.setText("2.04.25")
    driver.qtbot.keyClick(content, Key.Key_Return)
    assert content.text() == "2.04.25"
    assert content.selectedText() == "2.04.25"
    driver.qtbot.keyClick(content, Key.Key_Escape)
    assert content.text() == "3"


def test_a_range_can_be_selected_by_its_address(driver: Driver) -> None:
    view = driver.select("J4:H2")
    assert view.selected_rectangle() == (0, 0, 3, 3)
    driver.window.formula_bar.name_box.setText("H2:H19")  # two blocks
    driver.qtbot.keyClick(driver.window.formula_bar.name_box, Key.Key_Return)
    assert "is no cell of this sheet" in driver.window.messages.label.text()


def test_a_cursor_outlives_a_change_of_shape(driver: Driver) -> None:
    driver.window.tabs.setCurrentIndex(2)
    driver.select("K208")  # the last line
    driver.trigger("edit.clear")
    assert driver.address == "K207"
    driver.trigger("edit.clear")
    assert driver.window.session.ratings.n_ratings == 204


def test_paste_with_a_blank_edge_keeps_a_selection(driver: Driver) -> None:
    QGuiApplication.clipboard().setText("4\t\n")
    driver.select("V2")
    driver.trigger("edit.paste")
    assert driver.window.session.ratings.rating(0, 14) == 4.0
    assert driver.address == "V2"


def test_clear_takes_what_can_be_blank_of_a_mixed_selection(driver: Driver) -> None:
    driver.window.tabs.setCurrentIndex(2)
    view = driver.select("I3")
    view.select_cell(0, 0, 2, 4)
    driver.trigger("edit.clear")
    assert driver.window.session.ratings.n_ratings == 204


def test_the_numbers_behind_a_longer_formula_are_shortened_to_fit(driver: Driver) -> None:
    numbers = driver.window.formula_bar.numbers
    driver.select("H25")
    driver.trigger("view.sheet_bias")
    driver.window.training.choose("n_factors", 20)
    driver.select("A45")
    driver.select("W45")
    driver.qtbot.wait(20)
    text = numbers.text()
    assert "…" in text
    assert numbers.fontMetrics().horizontalAdvance(text) <= numbers.width()


def test_typed_and_not_entered_does_not_stay_in_the_formula_bar(driver: Driver) -> None:
    driver.select("H2")
    content = driver.window.formula_bar.content
    content.setFocus()
    content.setText("abc")
    driver.window.page.views["ratings"].setFocus(Qt.FocusReason.MouseFocusReason)
    assert content.text() == "3"


def test_shift_click_selects_from_the_current_cell(driver: Driver) -> None:
    view = driver.select("M7")
    area = view.viewport()

    def click(row: int, column: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
        place = view.visualRect(view.model().index(row, column)).center()
        driver.qtbot.mouseClick(area, Qt.MouseButton.LeftButton, modifiers, place)

    click(5, 5)
    driver.press(Key.Key_Up)
    driver.press(Key.Key_Left)
    click(7, 7, SHIFT)
    assert view.selected_rectangle() == (4, 4, 4, 4)
    assert driver.address == "L6"


def test_many_cells_are_searched_by_number_at_once(driver: Driver) -> None:
    driver.trigger("edit.find")
    driver.window.find_bar.edit.setText("0.19")
    places = {match[0] for match in driver.window.find_bar._matches}
    assert ("user_factors", 0, 0) in driver.window.find_bar._matches
    assert places <= {"user_factors", "movie_factors", "predictions"}
    driver.window.tabs.setCurrentIndex(1)
    assert driver.window.find_bar._page is driver.window.page
