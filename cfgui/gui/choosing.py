"""What a choice does: some only change how training goes on, some change the sheet's weights as an undoable edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cfgui.app.edits import Edit, SetFactorCount, SetStructure, StartAnew
from cfgui.app.session import Session
from cfgui.app.sheet_choices import SHEET_OPTIONS, check_choices
from cfgui.app.words import counted
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters

if TYPE_CHECKING:
    from cfgui.core.presets import Preset

OF_THE_SHEET = {"model", *SHEET_OPTIONS}


class Choosing(QObject):
    """Takes over choices, one by one or as a preset.

    ``edited`` (Edit) asks the window to apply an edit; ``model_wanted`` (model) to show another sheet; ``changed``
    follows a choice that goes into force at once, also in the middle of a run; ``refused`` one that did not: the fields
    must show again what is in force. ``said`` (sentence, is a problem) speaks; ``preset_used`` (Preset) follows a
    preset.
    """

    edited = Signal(object)
    model_wanted = Signal(str)
    changed = Signal()
    refused = Signal()
    said = Signal(str, bool)
    preset_used = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def choose(self, name: str, value: object) -> None:
        """Take over one choice; a run in progress goes on with it, or is paused where it changes the weights."""
        if value == getattr(self._session.hyperparameters, name):
            self.refused.emit()  # the field may show it in other digits
            return
        try:
            if name == "model":
                self.model_wanted.emit(str(value))
            elif name in SHEET_OPTIONS:
                self._restructure(name, value)
            else:
                self._choose_for_all(name, value)
        except ValueError as error:
            self.said.emit(f"{str(error).rstrip('.')}.", True)
            self.refused.emit()

    def _choose_for_all(self, name: str, value: object) -> None:
        choices: dict[str, object] = {name: value}
        if name == "optimizer":  # a rate typed for one optimizer means nothing to another
            choices |= {"learning_rate": None, "batch_size": None}
        self._session.choose(**choices)  # type: ignore[arg-type]  # checked by the option table
        self.changed.emit()

    # What belongs to the sheet

    def _restructure(self, name: str, value: object) -> None:
        session = self._session
        choices = replace(session.hyperparameters, **{name: value})  # type: ignore[arg-type]
        check_choices(choices, session.ratings)  # before a run is paused for it
        before = session.sheet(session.active).factors
        edit: Edit = SetStructure(choices, name, session.part_that_trains)
        if name == "n_factors":
            edit = SetFactorCount(session.active, choices.n_factors, choices.seed)
        self.edited.emit(edit)
        if session.sheet(session.active).factors is before:
            self.refused.emit()
        else:
            self.said.emit(self._words(name, before.n_factors), False)

    def _words(self, name: str, n_before: int) -> str:
        """What a choice has done to the weights and the predictions."""
        factors = self._session.sheet(self._session.active).factors
        if name == "n_factors":
            return _words_of_factors(factors, n_before)
        if name == "hidden":
            return "The layers begin anew from the seed: Ctrl+Z brings the old ones back."
        if name in ("factor_rule", "n_movie_factors"):
            per_user = counted(factors.n_factors, "factor")
            return f"The net has {per_user} per user and {factors.n_movie_factors} per movie now."
        if name == "global_mean":
            mean = factors.global_mean
            return (
                f"Every score has the mean rating, {mean:.4g}, in it now." if mean else "Scores are without the mean."
            )
        return f"Predictions are {factors.range.formula or 'the scores as they are'} now."

    # Presets

    def use_preset(self, name: str) -> None:
        """Set everything a preset says: the sheet of its model starts anew, as one undoable edit."""
        from cfgui.core.presets import PRESETS

        session, preset = self._session, PRESETS[name]
        try:
            choices = self._complete(preset)
            check_choices(choices, session.ratings)
        except ValueError as error:
            self.said.emit(f"{str(error).rstrip('.')}.", True)
            self.refused.emit()
            return
        self.model_wanted.emit(choices.model)
        self.edited.emit(StartAnew(choices, preset.label, session.part_that_trains))
        session.choose(**{n: v for n, v in preset.complete.items() if n not in OF_THE_SHEET})
        self.changed.emit()
        self.preset_used.emit(preset)

    def _complete(self, preset: Preset) -> Hyperparameters:
        from cfgui.core.presets import UNTOUCHED

        kept = {name: getattr(self._session.hyperparameters, name) for name in UNTOUCHED}
        return Hyperparameters(**preset.complete, **kept)  # type: ignore[arg-type]  # checked by the option table


def _words_of_factors(factors: Factors, n_before: int) -> str:
    if factors.n_factors < n_before:
        return f"Factors beyond {factors.n_factors} were taken away: Ctrl+Z brings them back."
    if factors.layers:
        return "The first layer takes new factors in with weights of 0, so no prediction has changed yet."
    return "New factors begin at 0 on the movies' side, so no prediction has changed yet."
