"""The sheets of the nets in the window: layers to look at and edit, bars of probabilities, and how sure a model is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from cfgui.app.edits import SetWeights
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Indices
from cfgui.core.split import SplitChoice
from cfgui.core.structure import starting_weights
from cfgui.gui import explanation_words as words
from cfgui.gui.explanation_bars import bars_of
from cfgui.gui.layer_panel import LEAST, shares
from cfgui.gui.main_window import MainWindow
from cfgui.gui.net_page import NetPage
from cfgui.gui.theme import LIGHT
from tests.gui.conftest import Driver
from tests.helpers.colours import pixels


def open_net(driver: Driver, name: str = "neural") -> NetPage:
    driver.trigger(f"view.sheet_{name}")
    page = driver.window.page
    assert isinstance(page, NetPage)
    return page


def put(window: MainWindow, model: str, **choices: object) -> None:
    """Give a sheet another net."""
    factors = starting_weights(window.session.ratings, Hyperparameters(model=model, **choices))  # type: ignore[arg-type]
    sheet = replace(window.session.sheet(model), factors=factors, start=factors, before=None)
    window.session.restore(window.session.state.with_sheet(model, sheet))


# Sheets


def test_sheets_are_made_when_they_are_looked_at(driver: Driver) -> None:
    assert set(driver.window.pages) == {"dotprod"}
    open_net(driver, "ordinal")
    assert set(driver.window.pages) == {"dotprod", "ordinal"}


def test_a_sheet_that_is_made_takes_the_window_its_keyboard_no_moment(driver: Driver) -> None:
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    shown: list[QObject] = []

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched)
            return False

    windows = Windows()
    qapp = QApplication.instance()
    assert qapp is not None
    qapp.installEventFilter(windows)
    for name in ("bias", "movielens_emb", "neural"):
        driver.trigger(f"view.sheet_{name}")
        driver.qtbot.wait(20)
    qapp.removeEventFilter(windows)
    assert shown == []
    assert driver.window.isActiveWindow()


@pytest.mark.parametrize("name", ["dotprod", "bias", "movielens_emb", "neural", "ordinal"])
def test_every_sheet_has_a_command(driver: Driver, name: str) -> None:
    driver.trigger(f"view.sheet_{name}")
    window = driver.window
    assert window.tabs.tabText(window.tabs.currentIndex()) == name
    assert window.session.active == window.page.model


def test_a_net_is_trained_from_its_sheet(driver: Driver) -> None:
    open_net(driver)
    before = driver.rmse("neural")
    driver.train("train.steps5")
    assert driver.window.session.sheet("neural").step == 5
    assert driver.rmse("neural") < before


@pytest.mark.parametrize("name", ["neural", "ordinal"])
@pytest.mark.parametrize("counts", [(5, None), (3, 9), (8, 2)])
def test_the_whole_sheet_fits_whatever_the_factor_counts(
    driver: Driver, name: str, counts: tuple[int, int | None]
) -> None:
    put(driver.window, name, n_factors=counts[0], n_movie_factors=counts[1])
    page = open_net(driver, name)
    driver.qtbot.wait(20)
    for view in (page.ratings, page.movies, page.users, page.predictions, page.rmse):
        assert view.size().width() >= view.content_size().width(), view.block.name
        assert view.size().height() >= view.content_size().height(), view.block.name
    assert page.users.block.shape == (15, counts[0])
    assert page.movies.block.shape == (counts[1] or counts[0], 15)
    lines = [view.mapTo(page, QPoint(0, 0)) for view in (page.ratings, page.movies, page.predictions)]
    assert len({line.x() for line in lines}) == 1


def test_tabs_fit_a_small_window(driver: Driver) -> None:
    driver.window.resize(700, 500)
    driver.qtbot.wait(20)
    tabs = driver.window.tabs
    assert tabs.tabRect(tabs.count() - 1).right() < tabs.width() <= 700
    assert driver.window.width() == 700


# Layers


def test_layers_are_shown_in_place_of_the_crosstab_and_back(driver: Driver) -> None:
    page = open_net(driver)
    assert not page.shows_layers
    driver.qtbot.mouseClick(page.open_layers, Qt.MouseButton.LeftButton)
    assert page.shows_layers
    assert driver.view.block.name == "layer1"
    assert driver.view.hasFocus()
    assert page.childAt(page.rect().center()) is not None
    assert page.layers.isAncestorOf(page.childAt(page.layers.views[0].geometry().center()))
    driver.qtbot.mouseClick(page.layers.back, Qt.MouseButton.LeftButton)
    assert not page.shows_layers
    assert driver.view.block.name == "predictions"
    assert driver.view.hasFocus()


def test_the_command_for_layers_goes_there_and_back(driver: Driver) -> None:
    driver.trigger("view.layers")
    page = driver.window.page
    assert isinstance(page, NetPage)
    assert (page.model, page.shows_layers) == ("neural", True)
    driver.trigger("view.layers")
    assert not page.shows_layers


def test_addresses_and_finding_lead_into_the_layers(driver: Driver) -> None:
    page = open_net(driver)
    layer = page.layers.views[0].block
    view = driver.select(layer.address(6, 3))
    assert (view.block.name, view.currentIndex().row(), view.currentIndex().column()) == ("layer1", 6, 3)
    assert page.shows_layers
    assert driver.address == layer.address(6, 3)
    driver.select("H2")
    assert not page.shows_layers


def test_a_layer_is_edited_copied_pasted_and_undone_as_other_weights(driver: Driver) -> None:
    page = open_net(driver)
    session = driver.window.session
    start = session.sheet("neural").factors
    view = driver.select(page.layers.views[0].block.address(10, 2))  # a bias
    driver.type("1.5")
    driver.press(Qt.Key.Key_Return)
    assert session.sheet("neural").factors.layers[0].bias[2] == 1.5
    view.select_cell(0, 0, 2, 2)
    driver.trigger("edit.copy")
    assert repr(float(start.layers[0].weights[0, 0])) in QGuiApplication.clipboard().text()
    view.select_cell(4, 4)
    driver.trigger("edit.paste")
    pasted = session.sheet("neural").factors.layers[0].weights
    assert np.array_equal(pasted[4:6, 4:6], start.layers[0].weights[:2, :2])
    driver.trigger("edit.clear")
    assert "needs a number" in driver.window.messages.label.text()
    driver.trigger("edit.undo")
    driver.trigger("edit.undo")
    assert session.sheet("neural").factors.equals(start)


def test_arrows_lead_from_layer_to_layer(driver: Driver) -> None:
    page = open_net(driver)
    page.show_layers()
    first, last = page.layers.views
    first.select_cell(3, 9)
    driver.press(Qt.Key.Key_Right)
    assert (driver.view, driver.view.currentIndex().row()) == (last, 3)
    driver.press(Qt.Key.Key_Left)
    assert (driver.view, driver.view.currentIndex().column()) == (first, 9)


def test_a_weight_lights_where_its_unit_goes(driver: Driver) -> None:
    page = open_net(driver)
    page.show_layers()
    first, last = page.layers.views
    first.select_cell(2, 7)
    assert last._lit.row == 7  # type: ignore[union-attr]
    last.select_cell(4, 0)
    assert first._lit.column == 4  # type: ignore[union-attr]


def test_another_net_has_other_layers(driver: Driver) -> None:
    page = open_net(driver)
    page.show_layers()
    put(driver.window, "neural", hidden="20,6,4")
    assert [view.block.shape for view in page.layers.views] == [(11, 20), (21, 6), (7, 4), (5, 1)]
    assert all(view.isVisible() for view in page.layers.views)
    page.layers.views[3].select_cell(0, 0)
    put(driver.window, "neural", hidden="7")
    assert [view.isVisible() for view in page.layers.views] == [False] * 4
    assert not page.shows_layers  # the cell that was selected is gone
    page.show_layers()
    assert [view.isVisible() for view in page.layers.views] == [True, True, False, False]
    titles = [label.text() for label in page.layers.findChildren(QLabel) if label.isVisible()]
    assert any("5 + 5 → 7 → 1" in title for title in titles)


@pytest.mark.parametrize("shown", [True, False])
def test_layers_of_another_net_are_as_large_as_they_are(driver: Driver, shown: bool) -> None:
    page = open_net(driver)
    page.show_layers()
    if not shown:
        page.show_crosstab()
    driver.window.training.choose("hidden", "12")
    page.show_layers()
    for view in page.layers.views:
        assert view.size() == view.content_size()
        assert view.verticalScrollBar().maximum() == view.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("hidden", ["12,6", "10,10,2", "20"])
def test_captions_of_layers_are_seen_whole(driver: Driver, hidden: str) -> None:
    page = open_net(driver)
    driver.window.training.choose("hidden", hidden)
    page.show_layers()
    captions = [label for label in page.layers.findChildren(QLabel) if "×" in label.text() and label.isVisible()]
    assert len(captions) == len(hidden.split(",")) + 1
    for caption in captions:
        assert caption.width() >= caption.sizeHint().width()
        assert caption.geometry().right() <= page.layers.width()


def test_what_is_held_out_and_the_sizes_of_the_net_stand_apart(driver: Driver) -> None:
    page = open_net(driver)
    driver.window.holding_out.choose(SplitChoice("random"))
    labels = [label for label in page.findChildren(QLabel) if label.isVisibleTo(page) and label.parent() is page]
    places = {label.text(): label.geometry() for label in labels}
    held = next(place for text, place in places.items() if text.endswith("held out, hatched"))
    assert held.bottom() < places["5 + 5 → 10 → 1"].top()
    assert places["5 + 5 → 10 → 1"].bottom() < page.open_layers.geometry().top()
    assert page.open_layers.geometry().bottom() < page.movies.geometry().top()


@pytest.mark.parametrize("size", [(1280, 800), (700, 500)])
def test_large_layers_scroll_within_the_sheet(driver: Driver, size: tuple[int, int]) -> None:
    put(driver.window, "neural", n_factors=50, hidden="600,100")
    driver.window.resize(*size)
    page = open_net(driver)
    page.show_layers()
    driver.qtbot.wait(20)
    boxes = [view.geometry() for view in page.layers.views]
    assert all(box.height() > 100 and box.bottom() <= page.height() for box in boxes)
    assert all(left.right() < right.left() for left, right in pairwise(boxes))
    assert size[0] == 700 or boxes[-1].right() <= page.width()
    second = page.layers.views[1]
    assert second.horizontalScrollBar().maximum() > 0
    assert second.verticalScrollBar().maximum() > 0
    second.select_cell(600, 99)
    assert second.viewport().rect().contains(second.visualRect(second.currentIndex()))


@pytest.mark.parametrize(
    ("wanted", "room", "given"),
    [
        ([300, 100], 500, [300, 100]),
        ([900, 900], 1000, [500, 500]),
        ([2000, 80, 600], 1000, [460, 80, 460]),
        ([900, 900], 100, [LEAST, LEAST]),
        ([], 100, []),
    ],
)
def test_room_is_shared_among_layers(wanted: list[int], room: int, given: list[int]) -> None:
    assert shares(wanted, room) == given


# Explanations


def test_the_panel_shows_a_bar_for_each_probability(driver: Driver) -> None:
    open_net(driver, "ordinal")
    driver.select("H25")
    panel = driver.window.side.explanation
    explanation = panel.explanation
    assert explanation is not None
    assert [bar.start for bar in panel.bars] == [0.0] * 8
    assert sum(bar.end for bar in panel.bars) == pytest.approx(1.0)
    assert panel.bars[-1].total == pytest.approx(explanation.prediction)
    geometry = panel.geometry_of_picture()
    assert not geometry.is_on_one_scale
    assert geometry.result_scale.high == pytest.approx(max(explanation.prediction or 0.0, 3.0))
    assert "sum of probability × rating = " in panel.accessibleDescription()
    image = panel.viewport().grab().toImage()
    given, other = geometry.row(explanation.rated_term or 0), geometry.row(0)
    dark = [
        int((pixels(image.copy(row.adjusted(geometry.label_width + 4, 0, -40, 0))) == LIGHT.text.getRgb()).all(2).sum())
        for row in (given, other)
    ]
    assert dark[0] > 5 > dark[1] == 0  # only the row of the rating that was given is marked


def test_the_longest_bar_stays_as_long_with_the_mark_of_the_rating_on_it(driver: Driver) -> None:
    open_net(driver, "ordinal")
    driver.select("H25")
    panel = driver.window.side.explanation
    longest = max(range(8), key=lambda place: panel.bars[place].end)
    driver.select("H2")
    driver.type(panel.bars[longest].term.label)
    driver.press(Qt.Key.Key_Return)
    driver.select("H25")
    assert panel.explanation is not None
    assert panel.explanation.rated_term == longest
    geometry = panel.geometry_of_picture()
    row = geometry.row(longest)
    line = panel.viewport().grab().toImage().copy(geometry.scale.left, row.top() + 4, geometry.scale.right, 1)
    blue = (pixels(line) == LIGHT.accent.getRgb()).all(2).sum()
    assert blue >= geometry.scale.right - geometry.scale.left - 2


def test_the_panel_says_how_a_range_makes_the_prediction(driver: Driver) -> None:
    put(driver.window, "bias", range="sigmoid", low=0.0, high=5.5, global_mean="on")
    driver.trigger("view.sheet_bias")
    driver.select("H26")
    panel = driver.window.side.explanation
    explanation = panel.explanation
    assert explanation is not None
    assert explanation.score == pytest.approx(panel.bars[-1].total)
    step = words.step_words(explanation)
    assert step.startswith(f"sigmoid({explanation.score:.4f}) × 5.5 + 0 = ")
    assert step in panel.accessibleDescription()
    geometry = panel.geometry_of_picture()
    assert geometry.rows.bottom() < geometry.step.top() <= geometry.step.bottom() < geometry.result.top()
    assert geometry.result.bottom() < geometry.foot.top()
    assert bars_of(explanation)[-1].term.label == "mean rating"


def test_a_click_on_a_unit_shows_the_derivative_of_its_weight(driver: Driver) -> None:
    open_net(driver)
    driver.select("H25")
    panel = driver.window.side.explanation
    place = panel.geometry_of_picture().row(3).center()
    driver.qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
    explanation = panel.explanation
    assert explanation is not None
    assert explanation.derivative is not None
    assert explanation.derivative.weight == "output weight hidden 4 → score"


# Uncertainty


def test_probabilities_stand_under_predictions_when_asked_for(driver: Driver) -> None:
    page = open_net(driver, "ordinal")
    plain = pixels(page.predictions.grab().toImage())
    driver.window.actions_by_id["view.uncertainty"].setChecked(True)
    with_bars = pixels(page.predictions.grab().toImage())
    assert (plain != with_bars).any(2).sum() > 500
    ratings = pixels(page.ratings.grab().toImage())
    driver.window.actions_by_id["view.uncertainty"].setChecked(False)
    assert np.array_equal(pixels(page.ratings.grab().toImage()), ratings)
    assert np.array_equal(pixels(page.predictions.grab().toImage()), plain)


def test_a_bar_is_as_wide_as_the_prediction_is_uncertain(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def posterior(users: Indices, movies: Indices) -> tuple[np.ndarray, np.ndarray]:
        return 3.0 + 0.0 * users, np.where(movies == 0, 0.4, np.where(movies == 1, 0.8, 0.0))

    monkeypatch.setattr(driver.window.session, "posterior", lambda _model: posterior)
    driver.window.actions_by_id["view.color_none"].setChecked(True)
    driver.window.actions_by_id["view.marks"].setChecked(False)
    driver.window.actions_by_id["view.uncertainty"].setChecked(True)
    view = driver.window.page.views["predictions"]
    view.selectionModel().clear()
    image = view.viewport().grab().toImage()
    widths = []
    for column in (0, 1, 2):
        cell = view.visualRect(view.model().index(4, column))
        foot = pixels(image.copy(cell.left(), cell.bottom() - 2, cell.width(), 1))[0]
        widths.append(int((foot == LIGHT.accent.getRgb()).all(1).sum()))
    whole = view.columnWidth(0) - 1
    assert widths == [round(0.25 * whole), round(0.5 * whole), 0]


def test_without_samples_the_switch_changes_nothing(driver: Driver) -> None:
    view = driver.window.page.views["predictions"]
    plain = pixels(view.grab().toImage())
    driver.window.actions_by_id["view.uncertainty"].setChecked(True)
    assert np.array_equal(pixels(view.grab().toImage()), plain)


def test_an_overflowing_net_is_drawn_without_harm(driver: Driver) -> None:
    page = open_net(driver, "ordinal")
    driver.window.actions_by_id["view.uncertainty"].setChecked(True)
    driver.window.edits.submit(SetWeights("ordinal", {("layer2.bias", 0, 0): 1e308, ("layer1.bias", 0, 0): 1e308}))
    page.grab()
    driver.window.side.explanation.grab()


Maker = Callable[[], MainWindow]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_layers_cover_the_crosstab_in_either_theme(make_window: Maker, qtbot, theme: str) -> None:  # type: ignore[no-untyped-def]
    driver = Driver(make_window(), qtbot)
    driver.window.actions_by_id[f"view.theme_{theme}"].setChecked(True)
    page = open_net(driver)
    page.show_layers()
    image = page.grab().toImage()
    corner = pixels(image.copy(page.width() - 60, page.height() - 40, 50, 30))
    assert (corner == corner[0, 0]).all()  # nothing of the predictions shines through
