"""The window as it opens, and what each sheet shows where."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from cfgui.app.block import ALL
from cfgui.app.commands import COMMANDS
from cfgui.core.options import OPTIONS
from cfgui.gui.appearance import ColorBy
from cfgui.gui.choices_bar import FIELDS, MNEMONICS
from tests.gui.conftest import Driver
from tests.helpers.predictions import all_predictions


def open_tab(driver: Driver, name: str) -> None:
    tabs = driver.window.tabs
    tabs.setCurrentIndex([tabs.tabText(i) for i in range(tabs.count())].index(name))


@pytest.mark.parametrize(
    ("tab", "address", "full"),
    [
        ("dotprod", "V41", "2.8060620616483134"),
        ("bias", "V42", "2.018003803304626"),
        ("movielens_emb", "AA3", "2.8060620616483134"),
    ],
)
def test_rmse_cell_shows_two_decimals_and_gives_all(driver: Driver, tab: str, address: str, full: str) -> None:
    open_tab(driver, tab)
    view = driver.select(address)
    assert view.block.text(0, 0) == full[:4].replace("2.80", "2.81").replace("2.01", "2.02")
    assert driver.window.formula_bar.content.text().startswith("=SQRT(")
    assert driver.window.formula_bar.numbers.toolTip().endswith(full)
    driver.trigger("edit.copy")
    assert QGuiApplication.clipboard().text() == full + "\n"


def test_tabs_stand_as_on_the_workbook(driver: Driver) -> None:
    tabs = driver.window.tabs
    assert [tabs.tabText(i) for i in range(tabs.count())] == ["dotprod", "bias", "movielens_emb", "neural", "ordinal"]


def test_formula_bar_shows_formula_and_numbers(driver: Driver) -> None:
    driver.select("H25")
    bar = driver.window.formula_bar
    assert bar.content.text() == '=IF(H2="",0,MMULT($B25:$F25,H$19:H$23))'
    # B25:F25 and H19:H23 of the reference, to two decimals
    assert bar.numbers.toolTip().startswith("= 0.19 × 0.71 + 0.63 × 0.81 + 0.31 × 0.74 + 0.44 × 0.04 + 0.51 × 0.04")
    assert "rated 3" in bar.numbers.toolTip()
    assert bar.content.isReadOnly()


def test_selecting_a_prediction_lights_row_column_and_rating(driver: Driver) -> None:
    driver.select("O28")  # user 211, movie 99
    page = driver.window.page
    assert page.views["user_factors"]._lit == {(3, factor) for factor in range(5)}
    assert page.views["movie_factors"]._lit == {(factor, 7) for factor in range(5)}
    assert page.views["ratings"]._lit == {(3, 7)}
    assert page.views["ratings"].horizontalHeader()._lit == {7}
    assert page.views["predictions"].verticalHeader()._lit == {3}


def test_explanation_panel_follows_the_selection(driver: Driver) -> None:
    driver.select("O28")
    text = driver.window.side.explanation.accessibleDescription() or driver.window.side.explanation.accessibleName()
    assert "211" in text
    assert "Shawshank" in text


def test_blocks_share_columns_and_scrolling(driver: Driver) -> None:
    page = driver.window.page
    ratings, movies, predictions = (page.views[n] for n in ("ratings", "movie_factors", "predictions"))
    predictions.horizontalHeader().resizeSection(3, 71)
    assert ratings.columnWidth(3) == movies.columnWidth(3) == 71
    driver.window.resize(700, 500)
    driver.qtbot.waitUntil(lambda: predictions.horizontalScrollBar().maximum() > 0)
    ratings.horizontalScrollBar().setValue(40)
    assert movies.horizontalScrollBar().value() == predictions.horizontalScrollBar().value() == 40
    predictions.verticalScrollBar().setValue(25)
    assert ratings.verticalScrollBar().value() == page.views["user_factors"].verticalScrollBar().value() == 25


def test_cells_of_blocks_stand_in_line(driver: Driver) -> None:
    """The same movie at the same x in three blocks, the same user at the same y in two."""
    page = driver.window.page
    ratings, movies, users, predictions = (
        page.views[n] for n in ("ratings", "movie_factors", "user_factors", "predictions")
    )

    def x(view: object, column: int) -> int:
        return view.viewport().mapTo(page, view.viewport().rect().topLeft()).x() + view.columnViewportPosition(column)

    def y(view: object, row: int) -> int:
        return view.viewport().mapTo(page, view.viewport().rect().topLeft()).y() + view.rowViewportPosition(row)

    assert x(ratings, 9) == x(movies, 9) == x(predictions, 9)
    assert y(users, 9) == y(predictions, 9)
    right = predictions.geometry().right()
    assert page.views["rmse"].geometry().right() == right


@pytest.mark.parametrize("tab", ["dotprod", "bias"])
@pytest.mark.parametrize(("width", "height", "least_zoom"), [(1280, 800, 1.0), (1272, 760, 0.85), (1920, 1080, 1.35)])
def test_whole_sheet_fits_the_window(driver: Driver, tab: str, width: int, height: int, least_zoom: float) -> None:
    driver.window.resize(width, height)
    open_tab(driver, tab)
    driver.qtbot.wait(20)
    assert driver.window.appearance.zoom >= least_zoom
    for view in driver.window.page.views.values():
        assert view.size().width() >= view.content_size().width(), view.block.name
        assert view.size().height() >= view.content_size().height(), view.block.name


def test_titles_can_stand_in_the_headers(driver: Driver) -> None:
    header = driver.window.page.views["ratings"].horizontalHeader()
    low = header.height()
    driver.window.actions_by_id["view.titles"].setChecked(True)
    driver.qtbot.waitUntil(lambda: header.height() > 5 * low)
    model = driver.window.page.views["ratings"].model()
    tip = model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    # the ratings in the column H of the sheet, and its bias in H19
    values = [value for value in driver.window.session.ratings.crosstab[:, 0].tolist() if value]
    mean = sum(values) / len(values)
    assert tip.splitlines()[0] == "movie 27 · Braveheart (1995)"
    assert tip.splitlines()[1].startswith(f"{len(values)} ratings, mean {mean:.2f}; bias ")


def test_unrated_cells_show_the_prediction_or_zero(driver: Driver) -> None:
    from cfgui.gui.cell_style import make_styler
    from cfgui.gui.theme import LIGHT

    view, look = driver.window.page.views["predictions"], driver.window.appearance
    unrated = tuple(map(int, np.argwhere(~driver.window.session.ratings.rated)[0]))
    expected = all_predictions(driver.window.session, "dot")[unrated]
    assert make_styler(view.block, look, LIGHT, ALL, ALL)(*unrated)[::2] == (f"{expected:.2f}", LIGHT.muted)
    driver.window.actions_by_id["view.unrated_zero"].setChecked(True)
    assert make_styler(view.block, look, LIGHT, ALL, ALL)(*unrated)[0] == "0.00"


def test_error_colours_say_the_direction_in_text_too(driver: Driver) -> None:
    from cfgui.gui.cell_style import make_styler
    from cfgui.gui.theme import LIGHT

    driver.window.actions_by_id["view.color_error"].setChecked(True)
    assert driver.window.appearance.color_by is ColorBy.ERROR
    style = make_styler(driver.window.page.views["predictions"].block, driver.window.appearance, LIGHT, ALL, ALL)
    text, background, _ = style(0, 0)  # rated 3, predicted 0.91: too low
    assert text == "↑0.91"
    assert background.blue() > background.red()


def test_status_bar_speaks_of_the_selection(driver: Driver) -> None:
    view = driver.window.page.views["ratings"]
    model = view.model()
    view.select_cell(0, 0)
    rectangle = QItemSelection(model.index(0, 0), model.index(0, 2))  # 3, 5, 1
    view.selectionModel().select(rectangle, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    text = driver.window.status.selection.text()
    session = driver.window.session
    residuals = np.array([3.0, 5.0, 1.0]) - all_predictions(session, "dot")[0, :3]
    assert text.startswith("count 3 · sum 9 · mean 3 · min 1 · max 5 · RMSE ")
    assert float(text.rsplit(" ", 1)[1]) == pytest.approx(np.sqrt((residuals**2).mean()), abs=5e-5)


def test_name_box_goes_to_any_cell_and_says_when_it_cannot(driver: Driver) -> None:
    for address, name, place in (
        ("H2", "ratings", (0, 0)),
        ("v23", "movie_factors", (4, 14)),
        ("$B$39", "user_factors", (14, 0)),
        ("V39", "predictions", (14, 14)),
    ):
        view = driver.select(address)
        assert (view.block.name, (view.currentIndex().row(), view.currentIndex().column())) == (name, place)
        assert driver.address == address.upper().replace("$", "")
    driver.window.formula_bar.name_box.setText("ZZ99")
    driver.qtbot.keyClick(driver.window.formula_bar.name_box, Qt.Key.Key_Return)
    assert driver.window.messages.label.text() == "ZZ99 is no cell of this sheet: try one such as H25."


def test_every_command_has_a_menu_item_and_teaches(driver: Driver) -> None:
    window = driver.window
    items = {action for menu in window.menuBar().actions() for action in menu.menu().actions()}
    for command in COMMANDS:
        action = window.actions_by_id[command.id]
        assert action in items, command.id
        assert command.tip in action.toolTip()
        if command.shortcut:
            assert action.shortcut().toString() in action.toolTip()


def test_every_choice_has_a_field_that_teaches(driver: Driver) -> None:
    bar = driver.window.choices
    assert set(bar.fields) == set(FIELDS)
    for option in OPTIONS:
        if option.name in FIELDS:
            assert option.help in bar.fields[option.name].toolTip()
    letters = [letter.lower() for letter in MNEMONICS.values()]
    menus = {menu.text()[menu.text().index("&") + 1].lower() for menu in driver.window.menuBar().actions()}
    assert len(set(letters)) == len(letters)
    assert not menus & set(letters)
    assert bar.fields["gradient"].currentText() == "Forward differences"
    assert bar.fields["epsilon"].value() == 0.01


def test_find_goes_through_titles_ids_and_values(driver: Driver) -> None:
    window = driver.window
    driver.trigger("edit.find")
    window.find_bar.edit.setText("fargo")
    assert window.find_bar.count.text() == "1 of 1"
    assert driver.address == "V2"
    window.find_bar.edit.setText("211")
    assert window.find_bar.count.text().startswith("1 of ")
    assert driver.view.currentIndex().row() == 3
    window.find_bar.edit.setText("no such movie")
    assert window.find_bar.count.text() == "nothing found"
    driver.qtbot.keyClick(window.find_bar.edit, Qt.Key.Key_Escape)
    assert not window.find_bar.isVisible()


def test_zoom_changes_all_sheets_and_is_remembered(driver: Driver, make_window: object, settings: object) -> None:
    view = driver.window.page.views["ratings"]
    height = view.rowHeight(0)
    for _ in range(6):
        driver.trigger("view.zoom_in")
    assert view.rowHeight(0) > height
    zoom = driver.window.appearance.zoom
    driver.window.close()
    again = make_window()
    assert again.appearance.zoom == pytest.approx(zoom)


def test_dark_and_light_can_be_chosen_and_are_remembered(driver: Driver, make_window: object) -> None:
    window = driver.window
    window.actions_by_id["view.theme_dark"].setChecked(True)
    assert window.palette().window().color().lightness() < 60
    window.close()
    again = make_window()
    assert again.palette().window().color().lightness() < 60
    again.actions_by_id["view.theme_light"].setChecked(True)
    assert again.palette().window().color().lightness() > 200


def test_embedding_sheet_lights_what_a_line_looks_up(driver: Driver) -> None:
    open_tab(driver, "movielens_emb")
    driver.select("X6")  # the fourth line: user 14, movie 72
    page = driver.window.page
    assert page.views["users"]._lit == {(0, 2 + factor) for factor in range(5)}
    assert page.views["movies"]._lit == {(3, 2 + factor) for factor in range(5)}
    assert driver.window.formula_bar.content.text() == "=SUMPRODUCT(M6:Q6,S6:W6)"
    assert page.views["lookups"].block.shape == (206, 17)


def test_the_keyboard_works_at_once(driver: Driver) -> None:
    assert driver.address == "H25"
    driver.press(Qt.Key.Key_Right)
    assert driver.address == "I25"


def test_mnemonics_are_unique_in_each_menu() -> None:
    for menu in {command.menu for command in COMMANDS}:
        letters = [c.title[c.title.index("&") + 1].lower() for c in COMMANDS if c.menu == menu]
        assert len(set(letters)) == len(letters), menu


def test_the_first_size_is_what_the_screen_has_room_for() -> None:
    from cfgui.gui.window_layout import first_size

    assert first_size(QSize(1920, 1080)) == QSize(1280, 800)
    assert first_size(QSize(1280, 800)) == QSize(1272, 760)


def test_no_label_of_the_lookups_is_cut(driver: Driver) -> None:
    open_tab(driver, "movielens_emb")
    view = driver.window.page.views["lookups"]
    font = driver.window.appearance.font()
    font.setBold(True)
    for column in range(view.model().columnCount()):
        assert view.columnWidth(column) > QFontMetrics(font).horizontalAdvance(view.block.column_header(column)) + 7


def test_toggles_are_remembered(driver: Driver, make_window: object) -> None:
    actions = driver.window.actions_by_id
    for command, on in (("view.marks", False), ("view.color_error", True), ("view.titles", True), ("view.log", True)):
        actions[command].setChecked(on)
    driver.window.close()
    again = make_window()
    assert not again.appearance.marks
    assert again.appearance.titles
    assert again.appearance.color_by is ColorBy.ERROR
    assert again.side.plot.log


def test_control_wheel_zooms_over_empty_room_too(driver: Driver) -> None:
    page = driver.window.page
    place = QPointF(20, 60)  # left of the ratings
    zoom = driver.window.appearance.zoom
    event = QWheelEvent(
        place, page.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(page, event)
    assert driver.window.appearance.zoom > zoom
