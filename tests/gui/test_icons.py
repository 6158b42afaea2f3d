"""The icons: one family, drawn, sharp, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from cfgui.gui.icons import APP, NAMES, icon
from cfgui.gui.theme import DARK, LIGHT, set_theme_override
from cfgui.io.resources import resource_path
from tests.helpers.colours import count, pixels

LINES = [name for name in NAMES if name != APP]
FOLDER = resource_path("icons")


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> Iterator[None]:
    set_theme_override("light")
    yield
    set_theme_override(None)


def test_every_file_is_an_icon_and_every_icon_a_file() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.svg")) == sorted(NAMES)


@pytest.mark.parametrize("name", LINES)
def test_line_icons_are_one_family(name: str) -> None:
    drawing = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawing)
    shared = {key: root.get(key) for key in ("viewBox", "fill", "stroke", "stroke-width", "stroke-linecap")}
    assert shared == {
        "viewBox": "0 0 24 24",
        "fill": "none",
        "stroke": "currentColor",
        "stroke-width": "1.75",
        "stroke-linecap": "round",
    }
    assert "#" not in drawing, "a colour of its own"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_at_the_edge(name: str) -> None:
    alpha = pixels(icon(name).pixmap(QSize(48, 48)).toImage())[:, :, 3]
    assert alpha.shape == (48, 48)
    edges = (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
    assert not any(edge.any() for edge in edges)
    assert 0.05 < (alpha > 128).mean() < 0.95


def test_no_two_icons_look_alike() -> None:
    drawn = {name: pixels(icon(name).pixmap(QSize(24, 24)).toImage()).tobytes() for name in NAMES}
    assert len(set(drawn.values())) == len(NAMES)


@pytest.mark.parametrize("name", LINES)
def test_lines_take_the_colour_of_the_theme(name: str) -> None:
    light = icon(name).pixmap(QSize(48, 48)).toImage()
    set_theme_override("dark")
    dark = icon(name).pixmap(QSize(48, 48)).toImage()
    assert count(light, LIGHT.text) > 50
    assert count(light, DARK.text) == 0
    assert count(dark, DARK.text) == count(light, LIGHT.text)


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_disabled_icons_are_faded(theme_name: str) -> None:
    set_theme_override(theme_name)  # type: ignore[arg-type]
    theme = DARK if theme_name == "dark" else LIGHT
    faded = icon("run").pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    assert count(faded, theme.text) == 0
    shown = pixels(faded)
    colour = shown[shown[:, :, 3] == 255][0, :3].astype(int)
    text, window = (theme.text.getRgb()[:3], theme.window.getRgb()[:3])
    assert all(min(t, w) < c < max(t, w) for c, t, w in zip(colour, text, window, strict=True))


@pytest.mark.parametrize("points", [16, 20, 24])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_icons_are_drawn_and_not_scaled_at_the_sizes_in_use(points: int, ratio: float) -> None:
    pixmap = icon("open").pixmap(QSize(points, points), ratio)
    assert pixmap.width() == points * ratio
    assert QSize(int(points * ratio), int(points * ratio)) in icon("open").availableSizes()


def test_the_application_icon_is_a_column_times_a_row() -> None:
    big = pixels(icon(APP).pixmap(QSize(256, 256)).toImage()).astype(int)
    assert big.shape == (256, 256, 4)

    def at(x: int, y: int) -> tuple[int, int, int]:
        red, green, blue, alpha = big[4 * y, 4 * x]
        assert alpha == 255
        return red, green, blue

    user_column, movie_row = [at(14, y) for y in (27, 39, 51)], [at(x, 14) for x in (27, 39, 51)]
    product = [at(x, y) for x in (27, 39, 51) for y in (27, 39, 51)]
    assert all(red > blue + 60 for red, _, blue in user_column + movie_row)
    assert all(blue > red + 30 for red, _, blue in product)


def test_the_same_icon_is_drawn_once() -> None:
    assert icon("open").cacheKey() == icon("open").cacheKey()


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no icon named 'opne'"):
        icon("opne")


def test_icons_are_found_where_the_program_keeps_its_files() -> None:
    assert isinstance(FOLDER, Path)
    assert FOLDER.is_dir()
