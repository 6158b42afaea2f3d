"""The loss plot: what it draws, reads and says, and that a long run stays cheap."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from cfgui.core.curve import Curve
from cfgui.gui.loss_axes import StepAxis, even_ticks, fitted, log_ticks
from cfgui.gui.loss_curves import Bounds, DrawnCurve, joined, nearest, thinned
from cfgui.gui.loss_plot import EARLIER_POINTS, LossPlot
from cfgui.gui.plot_items import LEGEND_ENTRIES
from cfgui.gui.theme import DARK, LIGHT, set_theme_override
from tests.helpers.colours import count, pixels

FALLING = Curve("run 2", [0, 1, 2, 3, 4], [2.8, 2.0, 1.5, 1.2, 1.1])


@pytest.fixture
def plot(qtbot) -> Iterator[LossPlot]:
    set_theme_override("light")
    widget = LossPlot()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    set_theme_override(None)


def place_of(plot: LossPlot, step: float, height: float) -> QPoint:
    """The pixel of the plot's viewport where (step, height in axis units) is drawn."""
    scene = plot.plot.getViewBox().mapViewToScene(QPointF(step, height))
    return plot.plot.mapFromScene(scene)


def is_dot(image: QImage, place: QPoint, colour: QColor) -> bool:
    """Whether there is a dot of seven pixels across at this place: full at its middle, over 38 pixels or so."""
    whole = count(image.copy(place.x() - 6, place.y() - 6, 13, 13), colour)
    return image.pixelColor(place) == colour and 18 <= whole <= 49


def displayed(plot: LossPlot) -> tuple[np.ndarray, np.ndarray]:
    """What is left of the current curve after clipping and downsampling."""
    return plot.curve_item.getData()


class TestNearest:
    @pytest.mark.parametrize(("step", "index"), [(-9, 0), (0, 0), (0.4, 0), (0.5, 0), (0.6, 1), (3.2, 3), (99, 4)])
    def test_is_the_point_whose_step_is_nearest(self, step: float, index: int) -> None:
        assert nearest(FALLING, step) == index

    def test_of_an_empty_curve_is_nothing(self) -> None:
        assert nearest(Curve(""), 3) is None

    @given(
        st.lists(st.integers(0, 1000), min_size=1, max_size=40, unique=True).map(sorted),
        st.floats(-100, 1100, allow_nan=False),
    )
    def test_agrees_with_looking_at_every_point(self, steps: list[int], step: float) -> None:
        found = nearest(Curve("", steps, [1.0] * len(steps)), step)
        assert found is not None
        assert abs(steps[found] - step) == min(abs(s - step) for s in steps)


class TestThinned:
    def test_a_short_curve_is_left_alone(self) -> None:
        assert thinned(FALLING, 5) is FALLING

    def test_keeps_ends_and_every_spike(self) -> None:
        rmses = np.ones(100_000)
        rmses[33_333], rmses[77_777] = 9.0, 0.1
        thin = thinned(Curve("noisy", np.arange(100_000), rmses), 1_000)
        assert 500 <= len(thin) <= 1_000
        assert thin.label == "noisy"
        assert (thin.steps[0], thin.steps[-1]) == (0, 99_999)
        assert thin.rmses[thin.steps == 33_333] == [9.0]
        assert thin.rmses[thin.steps == 77_777] == [0.1]

    @settings(max_examples=40)
    @given(st.integers(11, 3000), st.integers(10, 400), st.integers(0, 9))
    def test_never_more_points_than_asked_for(self, length: int, limit: int, seed: int) -> None:
        curve = Curve("", np.arange(length), np.random.default_rng(seed).random(length))
        thin = thinned(curve, limit)
        assert len(thin) <= limit or length <= limit
        assert (np.diff(thin.steps) > 0).all()
        assert np.isin(thin.rmses, curve.rmses).all()
        assert thin.rmses[-1] == curve.rmses[-1]


class TestDrawnCurve:
    def test_bounds_known_by_hand(self) -> None:
        assert DrawnCurve(FALLING).bounds == Bounds(0, 4, 1.1, 2.8, 1.1)
        assert DrawnCurve(Curve("", [3, 4, 5, 6], [0.0, math.nan, 2.0, math.inf])).bounds == Bounds(3, 6, 0, 2, 2)
        assert DrawnCurve(Curve("")).bounds is None

    def test_growing_reads_only_what_was_added(self) -> None:
        curve = Curve("run 2", FALLING.steps, FALLING.rmses)
        drawn = DrawnCurve(curve)
        drawn.heights(log=True)
        longer = curve.extended([5], [1.0])
        longer.rmses[2] = 1e9  # what was read once is not read again
        drawn.take(longer)
        assert drawn.bounds == Bounds(0, 5, 1.0, 2.8, 1.0)
        assert drawn.heights(log=True)[2] == pytest.approx(math.log10(1.5))
        assert drawn.heights(log=True)[5] == 0.0

    def test_growing_into_new_storage_is_still_growing(self) -> None:
        drawn = DrawnCurve(FALLING)
        moved = Curve("run 2", [*FALLING.steps, 5], [*FALLING.rmses, 0.5])
        drawn.take(moved)
        assert drawn.bounds == Bounds(0, 5, 0.5, 2.8, 0.5)

    @pytest.mark.parametrize(
        "other",
        [Curve("run 3", [0, 1], [1.0, 0.9]), Curve("run 3", [0, 1, 2, 3, 4, 5], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4])],
        ids=["shorter", "longer"],
    )
    def test_another_curve_starts_over(self, other: Curve) -> None:
        drawn = DrawnCurve(FALLING)
        drawn.heights(log=True)
        drawn.take(other)
        assert drawn.bounds == DrawnCurve(other).bounds
        assert drawn.heights(log=True) == pytest.approx(np.log10(other.rmses))

    def test_heights_are_no_copies(self) -> None:
        drawn = DrawnCurve(FALLING)
        assert np.shares_memory(drawn.heights(log=False), FALLING.rmses)
        assert np.shares_memory(drawn.heights(log=True), drawn.heights(log=True))

    def test_the_logarithm_of_nothing_is_not_drawn(self) -> None:
        heights = DrawnCurve(Curve("", [0, 1, 2], [100.0, 0.0, 0.1])).heights(log=True)
        assert heights[0] == 2.0
        assert math.isnan(heights[1])
        assert heights[2] == -1.0


class TestAxes:
    @pytest.mark.parametrize(
        ("low", "high", "most", "ticks"),
        [
            (0.05, 20, 7, [0.1, 0.3, 1, 3, 10]),
            (0.65, 3.0, 7, [0.8, 1, 1.25, 1.5, 2, 2.5, 3]),
            (1e-8, 1e3, 6, [1e-8, 1e-6, 1e-4, 1e-2, 1, 100]),
            (0.731, 0.739, 5, [0.732, 0.734, 0.736, 0.738]),
            (18.6008, 18.6436, 3, [18.62, 18.64]),
        ],
    )
    def test_logarithmic_ticks_are_round(self, low: float, high: float, most: int, ticks: list[float]) -> None:
        assert sorted(log_ticks(low, high, most)) == pytest.approx(ticks)

    @given(st.floats(-200, 200), st.floats(0.001, 100), st.integers(3, 12))
    def test_there_are_always_ticks_and_never_too_many(self, start: float, span: float, most: int) -> None:
        low, high = 10.0**start, 10.0 ** (start + span)
        ticks = log_ticks(low, high, most)
        assert 1 <= len(ticks) <= most
        assert all(low * 0.999999 <= tick <= high * 1.000001 for tick in ticks)

    def test_millions_of_steps_are_counted_as_millions(self, qtbot: QtBot) -> None:
        axis = StepAxis("bottom")
        assert axis.tickStrings([0.0, 1e8, 2.5e9], 1.0, 1e8) == ["0", "100 M", "2,500 M"]
        assert axis.tickStrings([0.0, 500_000.0, 1_500_000.0], 1.0, 500_000.0) == ["0", "0.5 M", "1.5 M"]
        assert axis.tickStrings([0.0, 200_000.0, 400_000.0], 1.0, 200_000.0) == ["0", "200,000", "400,000"]
        assert axis.tickStrings([0.0, 0.5, 1.0], 1.0, 0.5) == ["0", "", "1"]

    def test_even_ticks(self) -> None:
        assert even_ticks(0.0, 1.0, 6) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        assert even_ticks(1.0, 1.0, 6) == []

    def test_axes_hold_everything_with_a_little_air(self) -> None:
        (left, right), (bottom, top) = fitted(Bounds(0, 100, 1.0, 3.0, 1.0), log=False)
        assert (left, right) == pytest.approx((-2, 104))
        assert (bottom, top) == pytest.approx((0.88, 3.12))
        _, (bottom, top) = fitted(Bounds(0, 100, 0.0, 100.0, 1.0), log=True)
        assert (bottom, top) == pytest.approx((-0.12, 2.12))

    @pytest.mark.parametrize("log", [False, True])
    @pytest.mark.parametrize(
        "bounds",
        [None, Bounds(0, 0, 2.8, 2.8, 2.8), Bounds(5, 5, 0.0, 0.0, math.inf), Bounds(0, 9, 1e-300, 1.7e308, 1e-300)],
        ids=["nothing", "one point", "zero", "exploded"],
    )
    def test_axes_always_have_room(self, bounds: Bounds | None, log: bool) -> None:
        (left, right), (bottom, top) = fitted(bounds, log=log)
        assert all(map(math.isfinite, (left, right, bottom, top)))
        assert left < right
        assert bottom < top
        if bounds is not None and not log:
            assert bottom <= bounds.low <= bounds.high <= top

    def test_bounds_join(self) -> None:
        assert joined([Bounds(0, 9, 1, 2, 1), Bounds(3, 20, 0, 1.5, 0.5)]) == Bounds(0, 20, 0, 2, 0.5)
        assert joined([]) is None


class TestDrawing:
    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
    def test_the_curve_ends_in_a_dot_where_the_last_point_is(self, plot: LossPlot, theme) -> None:
        plot.apply_theme(theme)
        plot.set_curves(FALLING, ())
        image = plot.plot.grab().toImage()
        place = place_of(plot, 4, 1.1)
        assert is_dot(image, place, theme.curve)
        start = place_of(plot, 0, 2.8)
        assert (pixels(image.copy(start.x() - 2, start.y() - 2, 5, 5)) != theme.plot_background.getRgb()).any()
        assert count(image, theme.plot_background) > 0.5 * image.width() * image.height()

    def test_the_axes_hold_all_curves(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, [Curve("run 1", [0, 10], [3.5, 0.5])])
        (left, right), (bottom, top) = plot.plot.getViewBox().viewRange()
        assert left <= 0
        assert 10 <= right < 11
        assert 0.2 < bottom <= 0.5
        assert 3.5 <= top < 3.8

    def test_earlier_runs_are_faint(self, plot: LossPlot) -> None:
        plot.set_curves(Curve(""), [Curve("run 1", [0, 10], [2.0, 2.0])])
        image = plot.plot.grab().toImage()
        middle = place_of(plot, 5, 2.0)
        column = image.copy(middle.x(), middle.y() - 3, 1, 7)
        assert (pixels(column) != LIGHT.plot_background.getRgb()).any()
        assert count(image, LIGHT.curve) == 0

    def test_no_curve_is_a_hint(self, plot: LossPlot) -> None:
        assert plot._hint.isVisible()
        assert plot.accessibleDescription() == "No steps yet. No earlier runs. The axis is linear."
        plot.grab()
        plot.set_curves(FALLING, ())
        assert not plot._hint.isVisible()

    def test_one_point_is_a_dot_in_the_middle(self, plot: LossPlot) -> None:
        plot.set_curves(Curve("", [0], [2.806]), ())
        place = place_of(plot, 0, 2.806)
        assert is_dot(plot.plot.grab().toImage(), place, LIGHT.curve)
        box = plot.plot.getViewBox().viewRange()
        assert sum(box[1]) / 2 == pytest.approx(2.806)

    @pytest.mark.parametrize("log", [False, True])
    @pytest.mark.parametrize(
        "rmses", [[0.0], [0.0, 0.0], [1.0, 0.0, 1.0], [math.nan], [1.0, math.inf], [5e-324, 1.7e308]], ids=str
    )
    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_odd_curves_do_no_harm(self, plot: LossPlot, rmses: list[float], log: bool) -> None:
        plot.set_log(log)
        plot.set_curves(Curve("", np.arange(len(rmses)), rmses), ())
        plot.read_at(0)
        plot.grab()
        assert all(math.isfinite(edge) for pair in plot.plot.getViewBox().viewRange() for edge in pair)

    def test_a_clear_curve_replaces_the_old_one(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        plot.set_curves(Curve("run 3", [0], [9.0]), [FALLING])
        x, y = displayed(plot)
        assert (list(x), list(y)) == ([0], [9.0])


class TestLongRuns:
    def test_a_million_points_are_drawn_as_a_few_thousand(self, plot: LossPlot) -> None:
        million = Curve("long", np.arange(1_000_000), 1 + np.random.default_rng(0).random(1_000_000))
        plot.set_curves(million, ())
        plot.grab()
        x, y = displayed(plot)
        assert len(x) == len(y) <= 8 * plot.plot.width()
        assert y.max() == million.rmses.max()

    @pytest.mark.parametrize("earlier", [False, True])
    def test_every_curve_is_set_up_to_be_cheap(self, plot: LossPlot, earlier: bool) -> None:
        plot.set_curves(FALLING, [FALLING])
        item = plot._faint[0] if earlier else plot.curve_item
        assert item.opts["autoDownsample"] is True
        assert item.opts["downsampleMethod"] == "peak"
        assert item.opts["clipToView"] is True
        assert item.opts["pen"].widthF() <= 1
        assert item.opts["pen"].isCosmetic()
        assert plot.plot.getViewBox().autoRangeEnabled() == [False, False]

    def test_an_update_takes_no_copy(self, plot: LossPlot) -> None:
        curve = Curve("long", np.arange(100_000), np.linspace(3, 1, 100_000))
        plot.set_curves(curve, ())
        longer = curve.extended([100_000], [0.9])
        plot.set_curves(longer, ())
        assert np.shares_memory(plot.curve_item.xData, longer.steps)
        assert np.shares_memory(plot.curve_item.yData, longer.rmses)
        assert len(plot.curve_item.xData) == 100_001

    def test_logarithms_are_taken_once(self, plot: LossPlot, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[int] = []
        original = np.log10

        def counting(values, **kwargs):
            seen.append(np.size(values))
            return original(values, **kwargs)

        plot.set_log(True)
        curve = Curve("long", np.arange(100_000), np.linspace(3, 1, 100_000))
        plot.set_curves(curve, ())
        monkeypatch.setattr("cfgui.gui.loss_curves.np.log10", counting)
        plot.set_curves(curve.extended([100_000, 100_001], [0.9, 0.8]), ())
        assert seen == [2]

    def test_earlier_runs_are_thinned_and_drawn_once(self, plot: LossPlot) -> None:
        old = Curve("old", np.arange(100_000), np.linspace(3, 1, 100_000))
        plot.set_curves(FALLING, [old])
        items = list(plot._faint)
        assert len(items[0].xData) <= EARLIER_POINTS
        plot.set_curves(FALLING.extended([5], [1.0]), [old])
        assert plot._faint[0] is items[0]
        plot.set_curves(FALLING, [])
        assert plot._faint == []


class TestLogarithm:
    def test_toggling_keeps_the_data_and_says_so(self, plot: LossPlot, qtbot) -> None:
        plot.set_curves(FALLING, [Curve("run 1", [0, 1], [100.0, 10.0])])
        with qtbot.waitSignal(plot.log_changed) as heard:
            plot.set_log(True)
        assert heard.args == [True]
        assert plot.log is True
        assert plot.curve_item.yData == pytest.approx(np.log10(FALLING.rmses))
        assert list(plot._faint[0].yData) == [2.0, 1.0]
        plot.set_log(False)
        assert list(plot.curve_item.yData) == list(FALLING.rmses)
        assert list(plot._faint[0].yData) == [100.0, 10.0]

    def test_setting_what_is_set_is_silent(self, plot: LossPlot, qtbot) -> None:
        with qtbot.assertNotEmitted(plot.log_changed):
            plot.set_log(False)

    def test_labels_are_rmse_on_both_scales(self, plot: LossPlot) -> None:
        axis = plot._rmse_axis
        plot.set_curves(Curve("", [0, 1], [0.1, 100.0]), ())
        plot.set_log(True)
        positions = axis.tickValues(-1.2, 2.2, 400)[0][1]
        assert {"0.1", "1", "10", "100"} <= set(axis.tickStrings(positions, 1, 1))
        plot.set_log(False)
        assert axis.tickStrings([0.5, 1.0], 1, 0.5) == ["0.5", "1.0"]

    def test_steps_are_whole_with_thousands_apart(self, plot: LossPlot) -> None:
        axis = plot._step_axis
        assert axis.tickStrings([0, 1000, 2_000_000], 1, 1000) == ["0", "1,000", "2,000,000"]
        assert all(float(step).is_integer() for _, steps in axis.tickValues(0.2, 2.9, 300) for step in steps)

    def test_the_button_toggles(self, plot: LossPlot, qtbot) -> None:
        button = next(b for b in plot.findChildren(QToolButton) if b.defaultAction() is plot.log_action)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert plot.log is True


class TestReading:
    def test_the_mouse_reads_the_nearest_point(self, plot: LossPlot, qtbot) -> None:
        plot.set_curves(FALLING, ())
        plot.grab()
        QTest.mouseMove(plot.plot.viewport(), place_of(plot, 2.7, 2.5))
        qtbot.waitUntil(lambda: plot.reading == "step 3  RMSE 1.2", timeout=1000)
        shown = plot._crosshair._text
        assert shown.isVisible()
        assert shown.toPlainText() == "step 3  RMSE 1.2"
        assert plot._crosshair._line.value() == 3
        assert "Reading step 3  RMSE 1.2." in plot.accessibleDescription()
        QApplication.sendEvent(plot.plot.viewport(), QEvent(QEvent.Type.Leave))
        assert plot.reading == ""
        assert not shown.isVisible()

    def test_the_reading_is_rmse_on_the_logarithmic_axis_too(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        plot.set_log(True)
        plot.read_at(2.2)
        assert plot.reading == "step 2  RMSE 1.5"

    def test_the_keyboard_reads_point_by_point(self, plot: LossPlot, qtbot) -> None:
        plot.set_curves(FALLING, ())
        read = []
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right):
            qtbot.keyClick(plot, key)
            read.append(plot.reading.split("  ")[0])
        assert read == ["step 4", "step 3", "step 0", "step 0", "step 1"]
        qtbot.keyClick(plot, Qt.Key.Key_End)
        assert plot.reading == "step 4  RMSE 1.1"
        qtbot.keyClick(plot, Qt.Key.Key_Escape)
        assert plot.reading == ""

    def test_the_text_stays_inside_the_plot(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        area = plot.plot.getViewBox().sceneBoundingRect()
        for step in range(5):
            plot.read_at(step)
            text = plot._crosshair._text
            plot.grab()
            box = text.mapRectToScene(text.boundingRect())
            assert area.contains(box), f"step {step}: {box} leaves {area}"

    def test_a_reading_survives_growth_and_ends_with_the_curve(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        plot.read_at(4)
        plot.set_curves(FALLING.extended([5], [1.0]), ())
        assert plot.reading == "step 4  RMSE 1.1"
        plot.set_curves(Curve("", [0], [2.0]), ())
        assert plot.reading == ""

    def test_there_is_nothing_to_read_without_points(self, plot: LossPlot, qtbot) -> None:
        plot.read_at(3)
        qtbot.keyClick(plot, Qt.Key.Key_End)
        assert plot.reading == ""


class TestFitting:
    def wheel(self, plot: LossPlot) -> None:
        place = place_of(plot, 2, 1.5)
        event = QWheelEvent(
            QPointF(place),
            QPointF(plot.plot.viewport().mapToGlobal(place)),
            QPoint(0, 0),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(plot.plot.viewport(), event)

    def test_the_axes_follow_until_the_person_zooms(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        plot.grab()
        assert not plot.fit_action.isEnabled()
        self.wheel(plot)
        assert not plot.is_fitted
        assert plot.fit_action.isEnabled()
        zoomed = plot.plot.getViewBox().viewRange()
        plot.set_curves(FALLING.extended([500], [0.1]), ())
        assert plot.plot.getViewBox().viewRange() == zoomed
        plot.fit_action.trigger()
        assert plot.is_fitted
        assert plot.plot.getViewBox().viewRange()[0][1] >= 500

    def test_a_double_click_fits_again(self, plot: LossPlot, qtbot) -> None:
        plot.set_curves(FALLING, ())
        plot.grab()
        before = plot.plot.getViewBox().viewRange()
        self.wheel(plot)
        assert plot.plot.getViewBox().viewRange() != before
        QTest.mouseDClick(
            plot.plot.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place_of(plot, 2, 1.5)
        )
        assert plot.is_fitted
        assert np.allclose(plot.plot.getViewBox().viewRange(), before)


class TestWords:
    def test_the_description_has_the_last_value(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, [FALLING])
        assert plot.accessibleName() == "Loss plot"
        assert plot.accessibleDescription() == "RMSE 1.1 at step 4. 1 earlier run. The axis is linear."

    def test_axes_are_labelled(self, plot: LossPlot) -> None:
        assert (plot._step_axis.labelText, plot._rmse_axis.labelText) == ("step", "RMSE")

    def test_one_run_needs_no_legend(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, ())
        assert plot.legend.names == []

    def test_the_legend_names_the_latest_and_counts_the_rest(self, plot: LossPlot) -> None:
        plot.resize(500, 700)
        QApplication.processEvents()
        earlier = [Curve(f"run {n}", [0], [1.0]) for n in range(1, 10)]
        plot.set_curves(Curve("run 10", [0], [1.0]), earlier)
        assert plot.legend.names == ["run 10", "run 9", "run 8", "run 7", "run 6", "run 5", "and 4 earlier"]
        assert len(plot.legend.names) == LEGEND_ENTRIES + 1

    def test_a_low_plot_has_a_short_legend(self, plot: LossPlot) -> None:
        plot.set_curves(Curve("run 10", [0], [1.0]), [Curve(f"run {n}", [0], [1.0]) for n in range(1, 10)])
        assert plot.legend.names == ["run 10", "run 9", "run 8", "and 7 earlier"]

    def test_the_legend_follows_the_label_of_the_run(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, [Curve("", [0], [1.0])])
        assert plot.legend.names == ["run 2", "run 1"]
        plot.set_curves(FALLING.extended([5], [1.0], label="run 2, rate 0.1"), [*plot._earlier])
        assert plot.legend.names[0] == "run 2, rate 0.1"

    def test_neighbouring_runs_have_different_dashes(self, plot: LossPlot) -> None:
        plot.set_curves(FALLING, [Curve("", [0, 1], [1.0, 2.0]) for _ in range(4)])
        assert len({item.opts["pen"].style() for item in plot._faint}) == 4

    def test_clearing_is_asked_for_and_not_done(self, plot: LossPlot, qtbot) -> None:
        assert not plot.clear_action.isEnabled()
        plot.set_curves(FALLING, [FALLING])
        with qtbot.waitSignal(plot.clear_requested):
            plot.clear_action.trigger()
        assert len(plot._faint) == 1

    def test_a_long_title_does_not_widen_the_window(self, plot: LossPlot) -> None:
        narrow = plot.minimumSizeHint().width()
        plot.set_title("run 2 · gradient descent, rate 0.5 · forward differences, h 0.01 · " * 5)
        assert plot.minimumSizeHint().width() == narrow <= 380
        assert plot._title.toolTip().startswith("run 2")
        assert plot._title.accessibleName().startswith("Loss run 2 · gradient descent")

    def test_every_control_teaches(self, plot: LossPlot) -> None:
        for action in (plot.log_action, plot.fit_action, plot.clear_action):
            assert len(action.toolTip()) > 30
