"""Which commands can be chosen now, and what they are called."""

from __future__ import annotations

from PySide6.QtGui import QUndoStack

from cfgui.app.session import Session
from cfgui.gui.actions import Actions
from cfgui.gui.explore_pages import PAGES
from cfgui.gui.icons import icon

_OF_A_PART = ("view.top", "view.all", "view.order_users", "view.order_movies", "train.on_visible")
"""Commands that make sense where there is more than fits a sheet."""

_BETWEEN_RUNS = ("train.step", "train.steps5", "train.epoch", "train.solve")
"""Commands that begin a run."""

_ON_CELLS = ("edit.cut", "edit.paste", "edit.clear", "edit.fill_down", "edit.fill_right")
"""Commands that change the selected cells of the sheet."""


class CommandStates:
    """Brings menus and buttons up to date."""

    def __init__(self, actions: Actions, session: Session) -> None:
        self._actions, self._session = actions, session

    def show_undo(self, stack: QUndoStack) -> None:
        """What can be undone and done again."""
        for command_id, can, verb, text in (
            ("edit.undo", stack.canUndo(), "Undo", stack.undoText()),
            ("edit.redo", stack.canRedo(), "Redo", stack.redoText()),
        ):
            self._actions[command_id].setEnabled(can)
            self._actions[command_id].setText(f"&{verb} {text}".strip())

    def show_part(self, *, is_choice: bool) -> None:
        """Whether a part of the ratings can be chosen, and whether it is what trains."""
        for command_id in _OF_A_PART:
            self._actions[command_id].setEnabled(is_choice)
        self._actions["train.on_visible"].setChecked(self._session.trains_visible)

    def show_running(self, *, running: bool) -> None:
        """Whether a run is in progress."""
        for command_id in _BETWEEN_RUNS:
            self._actions[command_id].setEnabled(not running)
        run = self._actions["train.run"]
        run.setIcon(icon("pause" if running else "run"))
        run.setIconText("Pause" if running else "Run")
        run.setText("&Pause" if running else "R&un")

    def show_page(self, page: str) -> None:
        """Which page stands in the sheet's place, "" for none: then nobody sees the selected cells."""
        for command_id in _ON_CELLS:
            self._actions[command_id].setEnabled(not page)
        for name in PAGES:
            self._actions[f"explore.{name}"].setChecked(name == page)

    def show_remarks(self) -> None:
        """Whether there is something to tell of how the document was read."""
        self._actions["file.remarks"].setEnabled(self._session.report is not None or bool(self._session.remarks))
