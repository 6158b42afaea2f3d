"""The looks: everything readable, orange and blue apart for every eye, and the system followed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from cfgui.gui import theme as themes
from cfgui.gui.theme import DARK, LIGHT, Theme, apply_theme, current_theme, error_color, set_theme_override, value_color
from tests.helpers.colours import contrast, distance, luminance

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
PAPER = ("window", "base", "header", "plot_background")
READABLE = {
    "text": (*PAPER, "selection", "edit_background", "low", "high"),
    "muted": (*PAPER, "selection"),
    "accent": PAPER,
    "error": PAPER,
    "edit_text": ("edit_background", "selection"),
    "on_accent": ("accent",),
}
MARKS = {"changed": (*PAPER, "edit_background", "low", "high"), "curve": ("plot_background",), "accent": ("selection",)}


@pytest.fixture(autouse=True)
def _follow_the_system_again(qapp: QApplication) -> Iterator[None]:
    yield
    set_theme_override(None)
    apply_theme(qapp)


@BOTH
def test_text_is_readable_on_every_background_it_stands_on(theme: Theme) -> None:
    for words, backgrounds in READABLE.items():
        for background in backgrounds:
            ratio = contrast(getattr(theme, words), getattr(theme, background))
            assert ratio >= 4.5, f"{words} on {background}: {ratio:.2f}"


@BOTH
def test_marks_and_lines_can_be_seen(theme: Theme) -> None:
    for mark, backgrounds in MARKS.items():
        for background in backgrounds:
            ratio = contrast(getattr(theme, mark), getattr(theme, background))
            assert ratio >= 3.0, f"{mark} on {background}: {ratio:.2f}"
    assert 1.1 < contrast(theme.grid, theme.base) < 2.0
    assert contrast(theme.faint_curve, theme.plot_background) < contrast(theme.curve, theme.plot_background)


def test_contrast_of_the_tests_is_the_one_of_wcag() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21.0)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.478, abs=1e-3)


@BOTH
def test_text_is_readable_on_every_colour_of_the_scales(theme: Theme) -> None:
    for value in np.linspace(0.5, 5.0, 401):
        assert contrast(theme.text, value_color(theme, float(value), 0.5, 5.0)) >= 4.5


@BOTH
@pytest.mark.parametrize("deficiency", [None, "deuteranopia", "protanopia"])
def test_low_and_high_differ_for_every_eye(theme: Theme, deficiency: str | None) -> None:
    low, high = value_color(theme, 0.5, 0.5, 5.0), value_color(theme, 5.0, 0.5, 5.0)
    assert distance(low, high, deficiency) >= 35
    assert distance(low, theme.base, deficiency) >= 12
    assert distance(high, theme.base, deficiency) >= 12


@BOTH
def test_the_scale_runs_from_orange_over_neutral_to_blue(theme: Theme) -> None:
    assert value_color(theme, 1, 1, 5) == theme.low
    assert value_color(theme, 3, 1, 5) == theme.base
    assert value_color(theme, 5, 1, 5) == theme.high
    assert theme.low.red() > theme.low.blue()
    assert theme.high.blue() > theme.high.red()


def test_a_quarter_of_the_scale_is_half_way_to_neutral() -> None:
    assert value_color(LIGHT, 2, 1, 5).getRgb()[:3] == (249, 222, 201)  # (#f3bd93 + #ffffff) / 2


def test_the_scale_steps_evenly_towards_blue() -> None:
    lights = [luminance(value_color(LIGHT, 3 + step / 16, 1, 5)) for step in range(33)]
    assert all(later < earlier for earlier, later in pairwise(lights))


@pytest.mark.parametrize(("value", "same_as"), [(-7.0, 1.0), (99.0, 5.0), (-1e308, 1.0), (1e308, 5.0)])
def test_values_beyond_the_ends_take_the_end(value: float, same_as: float) -> None:
    assert value_color(DARK, value, 1, 5) == value_color(DARK, same_as, 1, 5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_neutral(value: float) -> None:
    assert value_color(LIGHT, value, 1, 5) == LIGHT.base


def test_an_empty_scale_is_neutral() -> None:
    assert value_color(LIGHT, 3, 3, 3) == LIGHT.base
    assert error_color(LIGHT, 1, 0) == LIGHT.base
    assert value_color(LIGHT, 3, 1, math.nan) == LIGHT.base


@BOTH
def test_errors_are_orange_where_the_prediction_is_too_high(theme: Theme) -> None:
    assert error_color(theme, -2.0, 2.0) == theme.low
    assert error_color(theme, 0.0, 2.0) == theme.base
    assert error_color(theme, 2.0, 2.0) == theme.high


def test_the_override_beats_the_system(qapp: QApplication) -> None:
    set_theme_override("dark")
    assert current_theme() is DARK
    set_theme_override("light")
    assert current_theme() is LIGHT


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [(Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Unknown, LIGHT)],
)
def test_without_an_override_the_system_decides(
    monkeypatch: pytest.MonkeyPatch, qapp: QApplication, scheme: Qt.ColorScheme, expected: Theme
) -> None:
    hints = SimpleNamespace(colorScheme=lambda: scheme)
    with monkeypatch.context() as patch:
        patch.setattr(themes.QGuiApplication, "styleHints", staticmethod(lambda: hints))
        found = current_theme()
    assert found is expected


def test_there_is_no_third_look(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="light, dark or None"):
        set_theme_override("sepia")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_whole_program_takes_the_look(qapp: QApplication, qtbot, name: str) -> None:
    label = QLabel("x")
    qtbot.addWidget(label)
    set_theme_override(name)
    theme = apply_theme(qapp)
    assert theme.name == name
    palette = QGuiApplication.palette()
    assert palette.color(QPalette.ColorRole.Window) == theme.window
    assert palette.color(QPalette.ColorRole.Highlight) == theme.accent
    label.ensurePolished()
    assert label.palette().color(QPalette.ColorRole.WindowText) == theme.text
    faded = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert contrast(faded, theme.window) < contrast(theme.text, theme.window) / 2
    assert theme.accent.name() in qapp.styleSheet()


def test_a_chosen_menu_item_stays_quiet_so_that_its_icon_can_be_seen(qapp: QApplication, qtbot) -> None:
    set_theme_override("dark")
    apply_theme(qapp)
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Open")
    menu.show()
    assert menu.palette().color(QPalette.ColorRole.Highlight) == DARK.selection
    assert menu.palette().color(QPalette.ColorRole.HighlightedText) == DARK.text


def test_the_look_in_force_is_not_put_on_again(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    apply_theme(qapp)
    dressed: list[str] = []
    monkeypatch.setattr(QApplication, "setStyleSheet", lambda _app, sheet: dressed.append(sheet))
    apply_theme(qapp)
    assert dressed == []
    set_theme_override("dark" if current_theme() is LIGHT else "light")
    apply_theme(qapp)
    assert dressed == [themes.style_sheet(current_theme())]
