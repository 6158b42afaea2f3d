"""The plot of bias against mean: what is drawn and named, chosen by mouse and keyboard, and said to whoever listens."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.core.standings import Standings, standings
from cfgui.gui import bias_plot
from cfgui.gui.bias_scatter import N_NAMED, BiasScatter
from cfgui.gui.theme import DARK, LIGHT, apply_theme
from tests.helpers.tables import random_table

RATINGS = random_table(60, 40, 1300, seed=4)


def found_of(ratings: Ratings = RATINGS, *, bias: bool = True, seed: int = 0) -> Standings:
    rng = np.random.default_rng(seed)
    biases = (rng.normal(size=ratings.n_users), rng.normal(size=ratings.n_movies)) if bias else (None, None)
    factors = Factors(np.ones((ratings.n_users, 2)), np.ones((ratings.n_movies, 2)), *biases)
    return standings(ratings, factors, "movie")


def name(index: int) -> str:
    return f"Film {index}"


@pytest.fixture
def scatter(qtbot: QtBot, qapp: QApplication) -> Iterator[BiasScatter]:
    apply_theme(qapp)
    widget = BiasScatter()
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    widget.close()


@pytest.fixture
def shown(scatter: BiasScatter, qapp: QApplication) -> BiasScatter:
    scatter.show_standings(found_of(), name)
    qapp.processEvents()
    return scatter


def chosen(scatter: BiasScatter, act: Callable[[], object]) -> list[int]:
    picks: list[int] = []
    scatter.selected.connect(picks.append)
    act()
    scatter.selected.disconnect(picks.append)
    return picks


def points(item: object) -> set[tuple[float, float]]:
    return set(zip(*(part.tolist() for part in item.getData()), strict=True))  # type: ignore[attr-defined]


def test_every_rated_movie_is_a_point(shown: BiasScatter) -> None:
    found = found_of()
    sums = [RATINGS.values[RATINGS.movies == movie] for movie in range(40)]
    many, few = (
        {(sum(own) / len(own), found.bias[movie]) for movie, own in enumerate(sums) if (len(own) >= 20) is is_many}
        for is_many in (True, False)
    )
    assert found.min_ratings == 20
    assert points(shown.plot.many_item) == many
    assert points(shown.plot.few_item) == few


def test_the_farthest_from_the_line_are_named(shown: BiasScatter) -> None:
    found = found_of()
    enough = np.flatnonzero(found.counts >= 20)
    off = found.bias[enough] - np.polyval(np.polyfit(found.means[enough], found.bias[enough], 1), found.means[enough])
    assert shown.named == tuple(enough[np.argsort(-np.abs(off))[:N_NAMED]].tolist())
    x, y = shown.plot.line_item.getData()
    slope, intercept = np.polyfit(found.means[enough], found.bias[enough], 1)
    np.testing.assert_allclose(y, intercept + slope * x)


def test_the_rank_correlation_is_printed_and_said(shown: BiasScatter) -> None:
    found = found_of()
    assert shown.heading == f"rank correlation {found.rank_correlation:.3f}"
    said = shown.accessibleDescription()
    assert said.startswith(f"Rank correlation of bias and mean: {found.rank_correlation:.3f} over 40 movies.")
    assert all(f"{name(index)}: mean " in said for index in shown.named)
    assert "20 ratings or more" in shown.reading


def test_no_name_lies_on_another_or_on_a_named_point(shown: BiasScatter) -> None:
    boxes = [box for _, box in shown.plot.names.shown]
    assert len(boxes) >= 5
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
    room = shown.plot.room
    x, y = shown.plot.pixels(np.array(shown.named))
    for across, down in zip(x - room.left(), y - room.top(), strict=True):
        assert not any(box.contains(QPointF(across, down)) for box in boxes)


def test_pixels_are_those_of_pyqtgraph(shown: BiasScatter) -> None:
    found, box = found_of(), shown.plot.getViewBox()
    for index in shown.named[:3]:
        place = box.mapViewToScene(QPointF(found.means[index], found.bias[index]))
        x, y = shown.plot.pixels(np.array([index]))
        assert (x[0], y[0]) == pytest.approx((place.x(), place.y()), abs=1e-6)


def test_a_click_chooses_the_point_below_it(shown: BiasScatter) -> None:
    found = found_of()
    lonely = max(
        (index for index in range(40) if index not in shown.named),
        key=lambda it: min(
            math.hypot(found.means[it] - found.means[other], found.bias[it] - found.bias[other])
            for other in range(40)
            if other != it
        ),
    )
    (x,), (y,) = shown.plot.pixels(np.array([lonely]))
    spot = QPoint(round(x), round(y))
    picks = chosen(shown, lambda: QTest.mouseClick(shown.plot.viewport(), Qt.MouseButton.LeftButton, pos=spot))
    assert picks == [lonely]
    assert shown.current == lonely
    assert shown.reading.startswith(f"Film {lonely}: mean {found.means[lonely]:.2f}, bias {found.bias[lonely]:+.2f}")
    assert points(shown.plot.ring_item) == {(found.means[lonely], found.bias[lonely])}
    assert lonely in [key for key, _ in shown.plot.names.shown], "the one chosen has a name before all others"


def test_a_click_on_a_name_chooses_it(shown: BiasScatter) -> None:
    key, box = shown.plot.names.shown[0]
    corner = shown.plot.room.topLeft()
    assert shown.plot.index_at(box.center() + corner) == key
    assert shown.plot.index_at(QPointF(-5.0, -5.0)) is None


def test_the_keyboard_goes_through_the_named_ones(shown: BiasScatter) -> None:
    keys = [Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home]
    places = [0, 1, 0, N_NAMED - 1, N_NAMED - 1, 0]
    picks = chosen(shown, lambda: [QTest.keyClick(shown, key) for key in keys])
    assert picks == [shown.named[place] for place in places]
    assert f"Selected: {name(shown.named[0])}" in shown.accessibleDescription()
    assert chosen(shown, lambda: QTest.keyClick(shown, Qt.Key.Key_Return)) == [shown.named[0]]
    assert chosen(shown, lambda: QTest.keyClick(shown, Qt.Key.Key_Escape)) == []
    assert (shown.current, "Selected" in shown.accessibleDescription()) == (None, False)


def test_whoever_is_chosen_stays_while_weights_change(shown: BiasScatter) -> None:
    assert chosen(shown, lambda: shown.show_selected(7)) == []
    shown.show_standings(found_of(seed=9), name)
    assert (shown.current, shown.reading.split(":")[0]) == (7, "Film 7")
    shown.show_standings(found_of(random_table(60, 30, 900)), name)
    assert shown.current is None
    shown.show_selected(99)
    assert shown.current is None


def test_zooming_keeps_what_is_seen_until_it_is_fitted_again(shown: BiasScatter) -> None:
    assert not shown.fit_action.isEnabled()
    box = shown.plot.getViewBox()
    box.setRange(xRange=(2.0, 3.0), yRange=(-0.5, 0.5), padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    shown.show_standings(found_of(seed=2), name)
    assert box.viewRange()[0] == pytest.approx([2.0, 3.0])
    shown.fit_action.trigger()
    assert box.viewRange()[1][1] > found_of(seed=2).bias.max()


def test_a_model_without_biases_says_so(scatter: BiasScatter) -> None:
    scatter.show_standings(found_of(bias=False), name)
    words = "This model has no biases to compare with means: choose the model bias."
    assert (scatter.accessibleDescription(), scatter.named, scatter.reading) == (words, (), "")
    assert scatter.plot.names.shown == []
    assert chosen(scatter, lambda: QTest.keyClick(scatter, Qt.Key.Key_Right)) == []


def test_a_movie_without_ratings_can_be_chosen_though_it_has_no_point(scatter: BiasScatter) -> None:
    cells = np.array([[4.0, 2.0, 0.0, 5.0, 3.0]] * 2)
    ratings = Ratings.from_crosstab(["1", "2"], list("abcde"), cells, cells > 0)
    scatter.show_standings(found_of(ratings), name)
    scatter.show_selected(2)
    assert scatter.reading.startswith("Film 2: bias ")
    assert points(scatter.plot.ring_item) == set()


def test_of_very_many_the_most_rated_are_drawn(scatter: BiasScatter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bias_plot, "MOST_DRAWN", 10)
    scatter.show_standings(found_of(), name)
    assert scatter.reading.endswith("Drawn: the 10 with the most ratings")
    drawn = points(scatter.plot.many_item) | points(scatter.plot.few_item)
    most = np.argsort(-RATINGS.movie_counts, kind="stable")[:10]
    assert drawn == {(found_of().means[it], found_of().bias[it]) for it in most}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_it_takes_the_colours_of_a_look(shown: BiasScatter, theme: object) -> None:
    shown.apply_theme(theme)  # type: ignore[arg-type]
    colour = shown.grab().toImage().pixelColor(shown.plot.x() + 60, shown.plot.y() + 2)
    assert colour == theme.plot_background  # type: ignore[attr-defined]


def test_names_stay_beside_their_points_in_another_size(shown: BiasScatter, qapp: QApplication) -> None:
    plot = shown.plot
    for size in ((400, 300), (640, 560)):
        shown.resize(*size)
        qapp.processEvents()
        assert plot.names.geometry() == plot.room.toRect()
        before = plot.names.shown
        assert before
        plot.place_names()
        assert plot.names.shown == before, "they were placed before the points were"
