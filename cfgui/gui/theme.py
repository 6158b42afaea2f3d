"""The two looks of the window: every colour by what it is for, the palette, and the colour scales of the cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, eq=False)
class Theme:
    """One look. There is one object of each (``LIGHT`` and ``DARK``), so themes compare by identity.

    ``text`` is readable (4.5:1 or better, WCAG 2.2) on every background here and on every colour of the scales;
    ``muted``, ``accent`` and ``error`` on ``window``, ``base``, ``header`` and ``plot_background``; ``muted`` and
    ``edit_text`` on ``selection``; ``edit_text`` on ``edit_background``. ``grid`` and ``faint_curve`` are for lines.
    """

    name: ThemeName
    window: QColor
    """Behind everything."""
    base: QColor
    """Cells without a value to colour, lists, text fields; the neutral middle of the scales."""
    grid: QColor
    """Thin lines."""
    header: QColor
    """Cells with ids and labels, buttons."""
    text: QColor
    """What is to be read first."""
    muted: QColor
    """Unrated predictions and whatever comes second."""
    accent: QColor
    """The one blue: what is selected, and links."""
    on_accent: QColor
    """Text on ``accent``."""
    edit_background: QColor
    """Orange, and only behind what can be edited: factors and biases."""
    edit_text: QColor
    """Text on ``edit_background``."""
    selection: QColor
    """Behind selected cells and menu items."""
    changed: QColor
    """The marker of what the last step changed."""
    error: QColor
    """Messages that something went wrong."""
    plot_background: QColor
    """Behind the loss curve."""
    curve: QColor
    """The current run."""
    held_out: QColor
    """The present run over held-out ratings."""
    faint_curve: QColor
    """Earlier runs."""
    low: QColor
    """The low end of the scales, orange."""
    high: QColor
    """The high end of the scales, blue."""


def _theme(name: ThemeName, **colours: str) -> Theme:
    return Theme(name, **{role: QColor(value) for role, value in colours.items()})


LIGHT = _theme(
    "light",
    window="#f6f6f4",
    base="#ffffff",
    grid="#e0e0dc",
    header="#ececea",
    text="#1e1e1e",
    muted="#656562",
    accent="#1a67ba",
    on_accent="#ffffff",
    edit_background="#fdebd8",
    edit_text="#874400",
    selection="#d6e6f7",
    changed="#7a3fb0",
    error="#b3261e",
    plot_background="#ffffff",
    curve="#1a67ba",
    held_out="#b4306b",
    faint_curve="#8f8f8b",
    low="#f3bd93",
    high="#a6c8ea",
)
DARK = _theme(
    "dark",
    window="#1f2125",
    base="#282a30",
    grid="#3a3d44",
    header="#2f3238",
    text="#ebebe8",
    muted="#a8acb3",
    accent="#62a8f2",
    on_accent="#10151c",
    edit_background="#46372a",
    edit_text="#f5c492",
    selection="#263f5c",
    changed="#c9a6f5",
    error="#ff938a",
    plot_background="#26282d",
    curve="#62a8f2",
    held_out="#f58abb",
    faint_curve="#868b93",
    low="#7d4a24",
    high="#285585",
)

_override: ThemeName | None = None
_LEVELS = 128


def set_theme_override(name: ThemeName | None) -> None:
    """Choose a look regardless of the system, or follow the system again with None; call ``apply_theme`` afterwards.

    Where the platform can, window frames and native dialogs change with it. Raises ValueError for another name.
    """
    global _override  # noqa: PLW0603 - one program has one look, and paint code asks for it from everywhere
    if name not in ("light", "dark", None):
        raise ValueError(f"a look is light, dark or None, not {name!r}")
    _override = name
    if isinstance(QGuiApplication.instance(), QGuiApplication):
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, None: Qt.ColorScheme.Unknown}
        QGuiApplication.styleHints().setColorScheme(schemes[name])


def current_theme() -> Theme:
    """The look in force: the override, else the system's; light where the system does not say."""
    if _override is not None:
        return DARK if _override == "dark" else LIGHT
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply_theme(app: QApplication) -> Theme:
    """Give the whole program the current look (Fusion style, palette, a small style sheet) and return it."""
    theme = current_theme()
    if not app.styleSheet():  # the first time; a style sheet hides the style's name afterwards
        app.setStyle("Fusion")
    app.setPalette(palette(theme))
    quiet = palette(theme)
    quiet.setColor(QPalette.ColorRole.Highlight, theme.selection)
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        quiet.setColor(group, QPalette.ColorRole.HighlightedText, theme.text)
    for menu in ("QMenu", "QMenuBar"):  # icons keep their colour on a highlighted item, so it must stay quiet
        app.setPalette(quiet, menu)  # type: ignore[arg-type]  # PySide6 takes str here, its stubs say bytes
    sheet = style_sheet(theme)
    if app.styleSheet() != sheet:  # setting it dresses all widgets anew, the same one too
        app.setStyleSheet(sheet)
    return theme


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a look, for Fusion."""
    role, dark = QPalette.ColorRole, theme.name == "dark"
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.header,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.header,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.base,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.header.lighter(125 if dark else 108),
        role.Midlight: theme.header.lighter(112 if dark else 104),
        role.Mid: theme.grid.darker(105),
        role.Dark: theme.grid.darker(140),
        role.Shadow: theme.grid.darker(220),
    }
    result = QPalette()
    for key, colour in colours.items():
        result.setColor(key, colour)
    faded = mixed(theme.muted, theme.window, 0.4)
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText, role.PlaceholderText):
        result.setColor(QPalette.ColorGroup.Disabled, key, faded)
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, theme.grid)
    return result


def field_palette(theme: Theme) -> QPalette:
    """The palette of fields to type in: a lighter ground in the dark, where a frame alone is hardly seen."""
    result = palette(theme)
    if theme.name == "dark":
        result.setColor(QPalette.ColorRole.Base, mixed(theme.header, theme.text, 0.08))
    return result


def tick_palette(theme: Theme) -> QPalette:
    """The palette of boxes and rings to tick: Fusion draws their edge in a darker shade of the window's colour."""
    result = field_palette(theme)
    if theme.name == "dark":
        result.setColor(QPalette.ColorRole.Window, theme.muted)
    return result


def style_sheet(theme: Theme) -> str:
    """What Fusion and the palette cannot say: thin gaps, flat bars, tabs no wider than their words."""
    grid, accent = theme.grid.name(), theme.accent.name()
    return f"""
QToolTip {{ color: {theme.text.name()}; background: {theme.base.name()}; border: 1px solid {grid}; padding: 3px 5px; }}
QToolBar {{ border: 0; border-bottom: 1px solid {grid}; spacing: 2px; padding: 2px 4px; }}
QToolBar::separator {{ background: {grid}; width: 1px; margin: 5px 5px; }}
QToolBar#commands {{ spacing: 1px; padding: 2px 2px; }}
QToolBar#commands::separator {{ margin: 5px 2px; }}
QToolBar#commands QToolButton {{ border: 1px solid transparent; border-radius: 3px; padding: 2px; }}
QToolBar#commands QToolButton:hover {{ background: {theme.header.name()}; border-color: {grid}; }}
QToolBar#commands QToolButton:pressed {{ background: {grid}; }}
QToolBar#commands QToolButton:checked {{ background: {theme.selection.name()}; border-color: {accent}; }}
QToolBar#commands QToolButton:disabled {{ color: {mixed(theme.muted, theme.window, 0.4).name()}; }}
QStatusBar {{ border-top: 1px solid {grid}; }}
QStatusBar::item {{ border: 0; }}
QTableCornerButton::section {{ background: {theme.header.name()}; border: 0; }}
QSplitter::handle {{ background: {grid}; }}
QSplitter::handle:hover {{ background: {accent}; }}
QTabBar::tab {{ padding: 4px 14px; border: 0; border-right: 1px solid {grid}; color: {theme.muted.name()}; }}
QTabBar::tab:hover {{ color: {theme.text.name()}; background: {theme.header.name()}; }}
QTabBar::tab:selected {{ color: {theme.text.name()}; background: {theme.base.name()}; }}
QTabBar::tab:bottom {{ border-bottom: 2px solid transparent; }}
QTabBar::tab:bottom:selected {{ border-bottom: 2px solid {accent}; }}
QTabBar::tab:top {{ border-top: 2px solid transparent; }}
QTabBar::tab:top:selected {{ border-top: 2px solid {accent}; }}
"""


def mixed(start: QColor, end: QColor, share: float) -> QColor:
    """The colour ``share`` (0 to 1) of the way from ``start`` to ``end``, in sRGB."""
    parts = zip(start.getRgb()[:3], end.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def value_color(theme: Theme, value: float, low: float, high: float) -> QColor:
    """The background of a rating or prediction on the scale ``low`` to ``high``: orange, neutral in the middle, blue.

    Values beyond the ends take the colour of the end; a value that is not finite, or an empty scale, the neutral one.
    Orange and blue stay apart for colour-blind eyes; the number in the cell says the same, so colour is never alone.
    """
    if not math.isfinite(value) or not low < high:
        return theme.base
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return _scale(theme)[round(share * 2 * _LEVELS)]


def error_color(theme: Theme, residual: float, scale: float) -> QColor:
    """The background of a residual (rating - prediction): orange where the prediction is too high, blue where too low.

    Full colour at ``scale`` and beyond, neutral at 0.
    """
    return value_color(theme, residual, -scale, scale)


@cache
def _scale(theme: Theme) -> tuple[QColor, ...]:
    down = [mixed(theme.low, theme.base, level / _LEVELS) for level in range(_LEVELS)]
    return (*down, *(mixed(theme.base, theme.high, level / _LEVELS) for level in range(_LEVELS + 1)))
