"""The files that were opened last, in the settings and as a menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

MAX_RECENT = 8
KEY = "recent"


class RecentFiles:
    """Paths of what was opened, the newest first."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def paths(self) -> list[Path]:
        """At most ``MAX_RECENT``, whether or not they are still there."""
        import json  # late: a menu is seldom opened in the first second

        try:
            found = json.loads(str(self._settings.value(KEY, "[]")))
        except ValueError:  # somebody broke the settings file
            found = []
        return [Path(text) for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def remember(self, path: Path) -> None:
        """Put this one first."""
        import json

        path = path.absolute()
        kept = [path, *(other for other in self.paths() if other != path)][:MAX_RECENT]
        self._settings.setValue(KEY, json.dumps([str(each) for each in kept]))

    def make_menu(self, window: QWidget, open_path: Callable[[Path], None]) -> QMenu:
        """A menu that lists them whenever it opens."""
        menu = QMenu("Open re&cent", window)
        menu.setToolTipsVisible(True)

        def fill() -> None:
            menu.clear()
            for number, path in enumerate(self.paths(), 1):
                name = (path.name or str(path)).replace("&", "&&")
                action = QAction(f"&{number}  {name}", menu)
                action.setToolTip(str(path))
                action.triggered.connect(lambda _checked=False, path=path: open_path(path))
                menu.addAction(action)
            if menu.isEmpty():
                menu.addAction("Nothing yet").setEnabled(False)

        menu.aboutToShow.connect(fill)
        return menu
