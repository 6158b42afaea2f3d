"""Opens the form of all choices, and keeps it showing what is in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from cfgui.app.changes import Changes
from cfgui.app.session import Session
from cfgui.gui.theme import Theme, current_theme
from cfgui.gui.training_actions import TrainingActions

if TYPE_CHECKING:
    from cfgui.gui.training_form import TrainingForm


class AllChoices(QObject):
    """The form, made when it is first asked for; it stays until the window goes, shown or hidden."""

    def __init__(self, session: Session, training: TrainingActions, window: QWidget) -> None:
        super().__init__()
        self._session, self._training, self._window = session, training, window
        self.form: TrainingForm | None = None
        session.subscribe(self._changed)
        training.choosing.refused.connect(self._show)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind the command."""
        return {"train.choices": self.open_or_close}

    def open_or_close(self) -> None:
        """Show the form and give it the keyboard; close it where it is open."""
        if self.form is not None and self.form.isVisible():
            self.form.close()
            return
        form = self._made()
        self._show()
        form.show()
        form.activateWindow()
        form.presets.setFocus()

    def _made(self) -> TrainingForm:
        if self.form is None:
            from cfgui.gui.training_form import TrainingForm

            self.form = TrainingForm(self._window)
            self.form.apply_theme(current_theme())
            self.form.chosen.connect(self._training.choose)
            self.form.preset_chosen.connect(self._training.choosing.use_preset)
            self.form.weights_wanted.connect(self._training.new_weights)
        return self.form

    def _changed(self, changes: Changes) -> None:
        if (changes.choices or changes.document or changes.ratings) and self.form is not None:
            self._show()

    def _show(self) -> None:
        if self.form is not None:
            factors = self._session.sheet(self._session.active).factors
            self.form.show_choices(self._session.hyperparameters, factors.range, self._session.ratings.scale)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        if self.form is not None:
            self.form.apply_theme(theme)
