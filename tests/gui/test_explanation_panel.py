"""The explanation panel: its bars are the numbers, its words say the same, and nothing is cut off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication

from cfgui.app.explanation import Derivative, Explanation, Term
from cfgui.gui import explanation_words as words
from cfgui.gui.explanation_bars import Scale, scale_around, waterfall
from cfgui.gui.explanation_geometry import Geometry, places_beside
from cfgui.gui.explanation_panel import ExplanationPanel
from cfgui.gui.theme import DARK, LIGHT, Theme, set_theme_override
from tests.helpers.colours import count, pixels

SLOPE = Derivative("user 211 factor 1", 0.011049, "forward", 0.01, 0.010371)


def explained(
    users: list[float],
    movies: list[float],
    biases: tuple[Term, ...] = (),
    rating: float | None = 4.5,
    factor: int = 0,
) -> Explanation:
    pairs = zip(users, movies, strict=True)
    terms = tuple(Term(f"factor {n}", (u, m), u * m) for n, (u, m) in enumerate(pairs, start=1)) + biases
    total = sum(term.value for term in terms)
    return Explanation(
        address="O28",
        title="user 211 · Shawshank Redemption, The (1994)",
        formula="",
        numbers="",
        value=total,
        terms=terms,
        prediction=total,
        rating=rating,
        user=3,
        movie=7,
        factor=factor,
        derivative=SLOPE,
    )


MOCK = explained([0.41, 1.15, 1.41, 0.78, 0.64], [1.15, 0.69, 1.09, 1.19, 0.49])
MIXED = explained(
    [0.5, -1.0, 2.0],
    [1.0, 1.5, 1.0],
    (Term("movie bias", (0.5,), 0.5), Term("user bias", (-0.25,), -0.25)),
    rating=None,
    factor=1,
)
MANY = explained([(-1) ** n * 0.3 + 0.1 for n in range(50)], [0.5] * 50, factor=40)
WEIGHT = Explanation(
    "B28", "movie 260 factor 3 · Star Wars", "", "", 0.4148, user=None, movie=8, factor=2, derivative=SLOPE
)


@pytest.fixture
def panel(qtbot) -> Iterator[ExplanationPanel]:
    set_theme_override("light")
    widget = ExplanationPanel()
    qtbot.addWidget(widget)
    widget.resize(380, 300)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    set_theme_override(None)


def picture(panel: ExplanationPanel) -> QImage:
    return panel.viewport().grab().toImage()


class TestBars:
    def test_each_bar_begins_where_the_one_before_ends(self) -> None:
        bars = waterfall(MIXED.terms)
        assert [(bar.start, bar.end) for bar in bars] == [(0, 0.5), (0.5, -1.0), (-1.0, 1.0), (1.0, 1.5), (1.5, 1.25)]

    def test_widths_in_pixels_are_proportional_to_the_products(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        scale = panel.geometry_of_picture().scale
        per_unit = (scale.right - scale.left) / 4.5
        for index, term in enumerate(MOCK.terms):
            assert panel.bar_rect(index).width() == pytest.approx(term.value * per_unit, abs=1)
        rects = [panel.bar_rect(index) for index in range(5)]
        assert all(b.left() == a.left() + a.width() for a, b in pairwise(rects))

    def test_negative_products_go_left(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MIXED)
        first, second, third = (panel.bar_rect(index) for index in range(3))
        zero = panel.geometry_of_picture().scale.x(0)
        assert first.left() == zero
        assert second.left() < zero < second.left() + second.width() == first.left() + first.width()
        assert third.left() == second.left()
        assert third.width() == pytest.approx(2.0 / 1.5 * second.width(), abs=2)

    @given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=20), st.integers(50, 900))
    def test_every_number_has_its_place_in_order(self, numbers: list[float], width: int) -> None:
        scale = scale_around(numbers, 40, 40 + width)
        places = [scale.x(number) for number in sorted([*numbers, 0.0])]
        assert places == sorted(places)
        assert all(40 <= place <= 40 + width for place in places)

    def test_a_scale_known_by_hand(self) -> None:
        scale = scale_around([4.0, -1.0, math.nan, math.inf], 100, 200)
        assert scale == Scale(-1.0, 4.0, 100, 200)
        assert [scale.x(value) for value in (-1, 0, 1.5, 4, 99, -99)] == [100, 120, 150, 200, 200, 100]
        assert (scale.x(math.inf), scale.x(-math.inf), scale.x(math.nan)) == (200, 100, 100)
        assert scale_around([], 0, 10).x(0.5) == 5


class TestPicture:
    @pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
    def test_bars_are_filled_to_their_edges(self, panel: ExplanationPanel, theme: Theme) -> None:
        panel.apply_theme(theme)
        panel.show_explanation(MOCK)
        image = picture(panel)
        for index in range(5):
            box = panel.bar_rect(index)
            assert count(image.copy(box), theme.accent) == box.width() * box.height()
            above = image.copy(box.left(), box.top() - 1, max(box.width() - 1, 1), 1)
            assert count(above, theme.accent) == 0
        assert image.pixelColor(1, 1) == theme.window

    def test_a_negative_bar_is_hatched_so_that_colour_is_not_alone(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(replace(MIXED, factor=0))
        inside = picture(panel).copy(panel.bar_rect(1).adjusted(2, 2, -2, -2))
        stripes, ground = count(inside, LIGHT.edit_text), count(inside, LIGHT.edit_background)
        assert stripes > 20
        assert ground > stripes
        assert count(inside, LIGHT.accent) == 0

    def test_the_prediction_bar_runs_from_zero_to_the_prediction(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        geometry = panel.geometry_of_picture()
        row = geometry.result_row(0)
        line = pixels(picture(panel).copy(0, row.center().y(), panel.viewport().width(), 1))[0]
        grey = [
            x for x in range(geometry.scale.left + 1, geometry.scale.right) if tuple(line[x]) == LIGHT.muted.getRgb()
        ]
        assert grey[-1] - grey[0] + 1 == len(grey)
        assert grey[-1] + 1 == geometry.scale.x(MOCK.prediction or 0)

    def test_the_rating_is_a_line_through_all_bars(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(replace(MOCK, rating=3.0))
        geometry, image = panel.geometry_of_picture(), picture(panel)
        column = geometry.scale.x(3.0)
        for index in range(5):
            assert image.pixelColor(column, geometry.row(index).center().y()) == LIGHT.text
            assert image.pixelColor(column - 1, geometry.row(index).center().y()) == LIGHT.text

    def test_without_a_rating_there_is_no_line(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(replace(MOCK, rating=None))
        geometry = panel.geometry_of_picture()
        area = geometry.rows.adjusted(geometry.label_width + 10, 0, -geometry.total_width, 0)
        assert count(picture(panel).copy(area), LIGHT.text) == 0

    def test_the_selected_row_is_marked(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        marked = [count(picture(panel).copy(panel.geometry_of_picture().row(n)), LIGHT.selection) for n in range(5)]
        assert marked[0] > 1000
        assert marked[1:] == [0, 0, 0, 0]

    def test_a_weight_shows_its_derivative_as_two_bars(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(WEIGHT)
        geometry, image = panel.geometry_of_picture(), picture(panel)
        widths = []
        for index, value in enumerate((SLOPE.estimate, SLOPE.exact)):
            box = geometry.bar_from(geometry.row(index), 0.0, value)
            assert count(image.copy(box), LIGHT.accent) == box.width() * box.height()
            widths.append(box.width())
        assert widths[1] / widths[0] == pytest.approx(SLOPE.exact / SLOPE.estimate, abs=0.01)

    def test_what_has_no_bars_shows_its_numbers(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(Explanation("V41", "RMSE", "=SQRT(…)", "√(1622.04 ÷ 206) = 2.806", 2.8060620616483134))
        assert panel.accessibleDescription() == "RMSE = 2.8061. √(1622.04 ÷ 206) = 2.806."
        below = picture(panel).copy(0, 30, 380, 40)
        assert (pixels(below) != LIGHT.window.getRgb()).any()

    def test_nothing_selected_is_a_hint(self, panel: ExplanationPanel) -> None:
        assert panel.accessibleDescription() == "Select a prediction to see what it is made of."
        image = picture(panel)
        assert count(image, LIGHT.window) < image.width() * image.height()
        panel.show_explanation(MOCK)
        panel.show_explanation(None)
        assert pixels(picture(panel)).tobytes() == pixels(image).tobytes()

    @pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
    def test_numbers_out_of_hand_do_no_harm(self, panel: ExplanationPanel, value: float) -> None:
        wild = explained([value, 1.0], [1.0, 1.0])
        panel.show_explanation(wild)
        picture(panel)
        assert "rated 4.5" in panel.accessibleDescription()


class TestFit:
    @pytest.mark.parametrize("explanation", [MOCK, MIXED, MANY, WEIGHT], ids=["mock", "mixed", "many", "weight"])
    @pytest.mark.parametrize("size", [(380, 300), (300, 180), (900, 500)], ids=str)
    def test_the_parts_neither_overlap_nor_leave_the_panel(
        self, panel: ExplanationPanel, explanation: Explanation, size: tuple[int, int]
    ) -> None:
        panel.resize(*size)
        QApplication.processEvents()
        panel.show_explanation(explanation)
        geometry, inside = panel.geometry_of_picture(), panel.viewport().rect()
        parts = [geometry.title, geometry.rows, geometry.result, geometry.foot]
        parts = [part for part in parts if part.height()]
        assert all(inside.contains(part) for part in parts)
        assert all(upper.bottom() < lower.top() for upper, lower in pairwise(parts))
        assert (
            geometry.title.left() + geometry.label_width
            < geometry.scale.left
            < geometry.scale.right
            < inside.right() - geometry.total_width
        )

    @pytest.mark.parametrize("explanation", [MOCK, MIXED, MANY, WEIGHT], ids=["mock", "mixed", "many", "weight"])
    def test_no_label_is_shortened_at_380_pixels(self, panel: ExplanationPanel, explanation: Explanation) -> None:
        panel.show_explanation(explanation)
        geometry, metrics = panel.geometry_of_picture(), QFontMetrics(panel.font())
        names, numbers = words.labels(explanation)
        assert max(map(metrics.horizontalAdvance, names)) <= geometry.name_width - 4
        assert max(map(metrics.horizontalAdvance, numbers)) <= geometry.label_width - geometry.name_width
        assert geometry.row_height >= metrics.height()

    def test_edges_are_sharp_on_a_screen_of_two_pixels_to_the_point(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        image = QImage(panel.viewport().size() * 2, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(2)
        panel.viewport().render(image)
        table = pixels(image)
        box = panel.bar_rect(2)
        line = table[2 * box.center().y()]
        assert tuple(line[2 * box.left()]) == LIGHT.accent.getRgb()
        assert tuple(line[2 * box.left() - 1]) != LIGHT.accent.getRgb()
        assert tuple(line[2 * (box.right() + 1) - 1]) == LIGHT.accent.getRgb()
        assert tuple(line[2 * (box.right() + 1)]) != LIGHT.accent.getRgb()

    def test_the_derivative_takes_two_lines_only_where_one_is_too_narrow(self, panel: ExplanationPanel) -> None:
        metrics = QFontMetrics(panel.font())
        heights = [Geometry.of(MOCK, metrics, QSize(width, 300), 0).foot.height() for width in (300, 900)]
        assert heights[0] > heights[1] >= metrics.height()


class TestManyTerms:
    def test_fifty_terms_scroll_and_the_result_stays(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MANY)
        geometry, bar = panel.geometry_of_picture(), panel.verticalScrollBar()
        assert bar.maximum() == 50 * geometry.row_height - geometry.rows.height()
        assert geometry.result.height() == 2 * geometry.row_height
        assert geometry.rows.contains(geometry.row(40))
        bar.setValue(bar.maximum())
        assert panel.geometry_of_picture().row(49).bottom() == geometry.rows.bottom()

    def test_five_terms_do_not(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        assert panel.verticalScrollBar().maximum() == 0

    def test_choosing_a_factor_out_of_sight_brings_it_in(self, panel: ExplanationPanel) -> None:
        for factor in (0, 49, 25):
            panel.show_explanation(replace(MANY, factor=factor))
            geometry = panel.geometry_of_picture()
            assert geometry.rows.contains(geometry.row(factor))

    def test_rows_scrolled_away_are_not_drawn_over_the_title(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MANY)
        title = panel.geometry_of_picture().title
        panel.verticalScrollBar().setValue(0)
        before = pixels(picture(panel).copy(title)).tobytes()
        panel.verticalScrollBar().setValue(33)
        assert pixels(picture(panel).copy(title)).tobytes() == before


class TestChoosing:
    def test_a_click_on_a_row_asks_for_its_factor(self, panel: ExplanationPanel, qtbot) -> None:
        panel.show_explanation(MIXED)
        for index in range(5):
            with qtbot.waitSignal(panel.factor_selected) as heard:
                place = panel.geometry_of_picture().row(index).center()
                qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert heard.args == [index]

    def test_a_click_on_the_right_row_when_scrolled(self, panel: ExplanationPanel, qtbot) -> None:
        panel.show_explanation(MANY)
        place = panel.geometry_of_picture().row(38).center()
        with qtbot.waitSignal(panel.factor_selected) as heard:
            qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert heard.args == [38]

    def test_a_click_elsewhere_asks_for_nothing(self, panel: ExplanationPanel, qtbot) -> None:
        panel.show_explanation(MOCK)
        geometry = panel.geometry_of_picture()
        with qtbot.assertNotEmitted(panel.factor_selected):
            for part in (geometry.title, geometry.result, geometry.foot):
                qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=part.center())
            qtbot.mouseClick(panel.viewport(), Qt.MouseButton.RightButton, pos=geometry.row(1).center())

    @pytest.mark.parametrize(
        ("factor", "key", "asked"),
        [
            (0, Qt.Key.Key_Down, 1),
            (3, Qt.Key.Key_Down, 4),
            (3, Qt.Key.Key_Up, 2),
            (3, Qt.Key.Key_Home, 0),
            (1, Qt.Key.Key_End, 4),
            (None, Qt.Key.Key_Down, 0),
        ],
    )
    def test_keys_move(self, panel: ExplanationPanel, qtbot, factor: int | None, key: Qt.Key, asked: int) -> None:
        panel.show_explanation(replace(MOCK, factor=factor))
        with qtbot.waitSignal(panel.factor_selected) as heard:
            qtbot.keyClick(panel, key)
        assert heard.args == [asked]

    @pytest.mark.parametrize(("factor", "key"), [(0, Qt.Key.Key_Up), (4, Qt.Key.Key_Down), (0, Qt.Key.Key_Home)])
    def test_keys_end_at_the_ends(self, panel: ExplanationPanel, qtbot, factor: int, key: Qt.Key) -> None:
        panel.show_explanation(replace(MOCK, factor=factor))
        with qtbot.assertNotEmitted(panel.factor_selected):
            qtbot.keyClick(panel, key)

    @pytest.mark.parametrize("explanation", [None, WEIGHT], ids=["nothing", "weight"])
    def test_without_terms_keys_and_clicks_ask_for_nothing(self, panel: ExplanationPanel, qtbot, explanation) -> None:
        panel.show_explanation(explanation)
        with qtbot.assertNotEmitted(panel.factor_selected):
            qtbot.keyClick(panel, Qt.Key.Key_Down)
            qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 40))


class TestWords:
    def test_a_screen_reader_hears_the_picture(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        assert panel.accessibleName() == "Explanation"
        assert panel.accessibleDescription() == (
            "Why 4.04? user 211 · Shawshank Redemption, The (1994)."
            " factor 1: 0.41 × 1.15 = 0.47, total 0.47. factor 2: 1.15 × 0.69 = 0.79, total 1.26."
            " factor 3: 1.41 × 1.09 = 1.54, total 2.80. factor 4: 0.78 × 1.19 = 0.93, total 3.73."
            " factor 5: 0.64 × 0.49 = 0.31, total 4.04. prediction 4.04. rated 4.5, residual +0.46."
            " d loss / d user 211 factor 1: estimated 0.01105 (forward, h 0.01) · exact 0.01037."
        )

    def test_biases_and_unrated_cells_too(self) -> None:
        said = words.spoken(MIXED)
        assert "factor 2: −1.00 × 1.50 = −1.50, total −1.00. " in said
        assert "movie bias: 0.50, total 1.50. user bias: −0.25, total 1.25. prediction 1.25. not rated. d loss" in said

    def test_a_weight_teaches_what_its_derivative_means(self) -> None:
        said = words.spoken(WEIGHT)
        assert said.startswith("movie 260 factor 3 = 0.4148 · Star Wars. d loss / d user 211 factor 1: estimated")
        assert said.endswith("Raising this weight raises the loss, so descent lowers it.")
        down, flat = replace(SLOPE, exact=-1.0), replace(SLOPE, exact=0.0)
        assert "lowers the loss, so descent raises it" in words.lesson(down)
        assert "flat" in words.lesson(flat)

    @pytest.mark.parametrize(
        ("value", "text"), [(0.4149, "0.41"), (-1.15, "−1.15"), (-0.001, "0.00"), (12345678.0, "1.2e+07")]
    )
    def test_numbers_have_two_decimals_and_a_true_minus(self, value: float, text: str) -> None:
        assert words.number(value) == text

    @pytest.mark.parametrize(("value", "text"), [(0.47, "+0.47"), (-0.47, "−0.47"), (0.001, "0.00"), (-0.0, "0.00")])
    def test_residuals_have_a_sign(self, value: float, text: str) -> None:
        assert words.signed(value) == text

    def test_a_bar_tells_more_on_hover(self, panel: ExplanationPanel) -> None:
        panel.show_explanation(MOCK)
        places = (panel.geometry_of_picture().row(1).center(), QPoint(60, 8), QPoint(60, 298))
        tips = [panel.tip_at(QHelpEvent(QHelpEvent.Type.ToolTip, place, place)) for place in places]
        assert tips[0] == "factor 2: 1.150000 × 0.690000 = 0.793500; total so far 1.265000"
        assert tips[1] == "Why 4.04? user 211 · Shawshank Redemption, The (1994)"
        assert tips[2] == ""


def test_a_number_beside_a_bar_is_not_struck_out() -> None:
    bar = QRect(100, 0, 50, 10)  # from 100 to 149, so a text 30 wide stands at 154 or at 66
    assert places_beside(bar, 30, None) == [154, 66]
    assert places_beside(bar, 30, 300)[:2] == [154, 66]
    assert places_beside(bar, 30, 160)[:2] == [66, 164]  # the line is on the right: left, or right of the line
    assert places_beside(bar, 30, 80)[:3] == [154, 154, 46]  # on the left: right, or left of the line
