"""The program's own icons: one family of drawn lines that takes the colour of the theme, and the application's icon."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cfgui.gui.theme import DARK, LIGHT, Theme, ThemeName, current_theme, mixed
from cfgui.io.resources import resource_path

APP = "app"
"""The application's own icon, in its own colours."""

NAMES = (
    "open",
    "export",
    "reset",
    "dice",
    "step",
    "steps5",
    "epoch",
    "run",
    "pause",
    "solve",
    "hold_out",
    "undo",
    "redo",
    "find",
    "zoom_in",
    "zoom_out",
    "clear",
    "copy",
    "paste",
    "fit",
    "about",
    "movies",
    "users",
    "map",
    "factors",
    "recommend",
    "new_users",
    "feedback",
    APP,
)
"""Every icon there is."""

# each of 16, 20 and 24 on screens of 1, 1.5 and 2 device pixels to the point, so that nothing is scaled and blurred
_LINE_SIZES = (16, 20, 24, 30, 32, 36, 40, 48)
_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str) -> QIcon:
    """The icon of this name in the current theme, faded where disabled; ask again after the theme changed.

    Sharp at 16, 20 and 24 points (``app``: up to 256). Raises ValueError for a name not in ``NAMES``.
    """
    if name not in NAMES:
        raise ValueError(f"there is no icon named {name!r}")
    return _icon(name, current_theme().name)


@cache
def _icon(name: str, theme_name: ThemeName) -> QIcon:
    theme = DARK if theme_name == "dark" else LIGHT
    drawing = resource_path("icons", f"{name}.svg").read_bytes()
    result = QIcon()
    for mode, colour in _colours(theme).items():
        for pixmap in _pixmaps(drawing, colour, _APP_SIZES if name == APP else _LINE_SIZES):
            result.addPixmap(pixmap, mode)
        if name == APP:
            break
    return result


def _colours(theme: Theme) -> dict[QIcon.Mode, QColor]:
    return {QIcon.Mode.Normal: theme.text, QIcon.Mode.Disabled: mixed(theme.text, theme.window, 0.65)}


def _pixmaps(drawing: bytes, colour: QColor, sizes: tuple[int, ...]) -> list[QPixmap]:
    renderer = QSvgRenderer(QByteArray(drawing.replace(b"currentColor", colour.name().encode())))
    pixmaps = []
    for size in sizes:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmaps.append(pixmap)
    return pixmaps
