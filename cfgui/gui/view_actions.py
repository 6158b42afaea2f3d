"""What the View menu does: colours, titles, marks, zoom and the theme, remembered from one start to the next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings, Signal

from cfgui.gui.actions import Actions, when_on
from cfgui.gui.appearance import Appearance, ColorBy
from cfgui.gui.theme import ThemeName, set_theme_override

REMEMBERED = (
    "view.titles",
    "view.unrated_zero",
    "view.color_values",
    "view.color_error",
    "view.color_none",
    "view.marks",
    "view.uncertainty",
    "view.log",
    "view.baselines",
    "train.pace_full",
    "train.pace_30",
    "train.pace_3",
)
"""Toggles whose state is kept in the settings."""

STARTS_ON = ("view.color_values", "view.marks", "view.baselines", "train.pace_full")
"""Toggles that are on when the program is first started."""


class ViewActions(QObject):
    """Changes the appearance; ``theme_chosen`` follows the choice of a theme."""

    theme_chosen = Signal()

    def __init__(self, appearance: Appearance, settings: QSettings) -> None:
        super().__init__()
        self._appearance, self._settings = appearance, settings

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command about looks."""
        view = self._appearance
        return {
            "view.titles": lambda on: view.set(titles=on),
            "view.unrated_zero": lambda on: view.set(unrated_zero=on),
            "view.color_values": when_on(lambda: view.set(color_by=ColorBy.VALUE)),
            "view.color_error": when_on(lambda: view.set(color_by=ColorBy.ERROR)),
            "view.color_none": when_on(lambda: view.set(color_by=ColorBy.NONE)),
            "view.marks": lambda on: view.set(marks=on),
            "view.uncertainty": lambda on: view.set(uncertainty=on),
            "view.zoom_in": lambda: view.set_zoom(view.zoom * 1.1),
            "view.zoom_out": lambda: view.set_zoom(view.zoom / 1.1),
            "view.zoom_fit": view.set_fit,
            "view.zoom_reset": lambda: view.set_zoom(1.0),
            "view.theme_system": when_on(lambda: self._choose_theme(None)),
            "view.theme_light": when_on(lambda: self._choose_theme("light")),
            "view.theme_dark": when_on(lambda: self._choose_theme("dark")),
        }

    def _choose_theme(self, name: ThemeName | None) -> None:
        set_theme_override(name)
        self._settings.setValue("theme", name or "")
        self.theme_chosen.emit()

    def restore(self, actions: Actions) -> None:
        """Switch on what starts on, and take theme and zoom from the settings."""
        for command_id in REMEMBERED:
            on = self._settings.value(f"toggles/{command_id}", command_id in STARTS_ON)
            actions[command_id].setChecked(str(on).lower() == "true")
        self._appearance.set(marks=actions["view.marks"].isChecked())
        actions[f"view.theme_{remembered_theme(self._settings) or 'system'}"].setChecked(True)
        fit = actions["view.zoom_fit"]
        self._appearance.fit_changed.connect(fit.setChecked)
        zoom = _number(self._settings.value("zoom", 0.0))
        fit.setChecked(not zoom)
        if zoom:
            self._appearance.set_zoom(zoom)

    def save(self, actions: Actions) -> None:
        """Remember the toggles and the zoom, 0 for a fitted one; the theme was when it was chosen."""
        for command_id in REMEMBERED:
            self._settings.setValue(f"toggles/{command_id}", actions[command_id].isChecked())
        self._settings.setValue("zoom", 0.0 if self._appearance.fit else self._appearance.zoom)


def remembered_theme(settings: QSettings) -> ThemeName | None:
    """The theme that was chosen last; None for that of the system."""
    found = settings.value("theme", "")
    return "light" if found == "light" else "dark" if found == "dark" else None


def _number(value: object) -> float:
    """A zoom from the settings file, 0 where somebody broke it."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0
