"""What the window remembers from one time to the next: its size, its parts, its toggles and its zoom."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from cfgui.gui.window_parts import WindowParts


def restore_window(window: WindowParts, settings: QSettings) -> None:
    """Let the window look as it was left."""
    window.views.restore(window.actions_by_id)
    for key, restore in (("geometry", window.restoreGeometry), ("splitter", window.splitter.restoreState)):
        value = settings.value(key)
        if isinstance(value, QByteArray):
            restore(value)
    window.side.restore(settings.value("side"))


def save_window(window: WindowParts, settings: QSettings) -> None:
    """Remember how the window looks."""
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("splitter", window.splitter.saveState())
    settings.setValue("side", window.side.state())
    window.views.save(window.actions_by_id)
    settings.sync()
