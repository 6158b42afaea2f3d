"""Holding ratings out in the window: making the split behind it where that takes long, and pausing a run for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from cfgui.app.changes import Changes
from cfgui.app.holding import PreparedHolding, prepare_holding
from cfgui.app.holding_words import best_sentence, cold_words, held_sentence
from cfgui.app.session import Session
from cfgui.app.tasks import Task
from cfgui.core.chunks import Stop, never
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.ratings import Ratings
from cfgui.core.split import SplitChoice
from cfgui.core.view import View
from cfgui.gui.bridge import Bridge
from cfgui.gui.theme import Theme, current_theme

if TYPE_CHECKING:
    from cfgui.gui.hold_out_form import HoldOutForm

AT_ONCE = 100_000
"""Up to so many ratings are split at once, in some 10 ms; more, or those of a file, behind the window."""

LOOK_MS, BUSY_MS = 15, 150


@dataclass(frozen=True, eq=False)
class _Asked:
    """What somebody wants held out of ``ratings``, of which ``view`` shows ``visible``."""

    choice: SplitChoice
    ratings: Ratings
    view: View
    visible: Ratings

    @property
    def base(self) -> Ratings:
        """The table as it was read."""
        return base_of(self.ratings)

    def made(self, cancelled: Stop = never) -> PreparedHolding:
        """The split of the choice. Raises ValueError."""
        return prepare_holding(self.ratings, self.choice, self.view, self.visible, cancelled)


def base_of(ratings: Ratings) -> Ratings:
    """A table as it was read."""
    return ratings.base if isinstance(ratings, EditedRatings) else ratings


class HoldingOut(QObject):
    """The form of held-out ratings, and what its choices do.

    ``said`` (sentence, is a problem) speaks; ``busy`` (words, "" at the end) tells of a split being made; ``settled``
    follows each choice, whether it went into force or not; ``restore_wanted`` asks for the best weights so far.
    """

    said = Signal(str, bool)
    busy = Signal(str)
    settled = Signal()
    restore_wanted = Signal()

    def __init__(self, session: Session, bridge: Bridge, window: QWidget) -> None:
        super().__init__()
        self._session, self._bridge, self._window = session, bridge, window
        self._last = SplitChoice()
        self.form: HoldOutForm | None = None
        self._task: Task[PreparedHolding] | None = None
        self._asked: _Asked | None = None
        self._making: _Asked | None = None
        self._timer, self._patience = QTimer(self), QTimer(self)
        self._timer.timeout.connect(self._look)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(lambda: self.busy.emit("Holding ratings out…"))
        session.subscribe(self._changed)
        self.settled.connect(self._show)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind the command."""
        return {"train.hold_out": self.open_or_close}

    @property
    def working(self) -> bool:
        """Whether a split is being made now."""
        return self._task is not None

    @property
    def wanted(self) -> SplitChoice:
        """The newest choice, in force already or not."""
        if self._asked is not None:
            return self._asked.choice
        choice = self._session.split_choice
        return choice if choice.kind != "none" else replace(self._last, kind="none")

    def choose(self, choice: SplitChoice) -> None:
        """Hold ratings out as chosen; a later choice takes the place of one whose split is being made."""
        session, self._last = self._session, choice
        if choice.kind == "none":
            self._asked = None
            self._put(None)
            return
        self._asked = asked = _Asked(choice, session.ratings, session.view, session.shown_base)
        if session.ratings.n_ratings <= AT_ONCE and choice.kind != "file":
            try:
                made, problem = asked.made(), None
            except ValueError as error:
                made, problem = None, error
            self._take(asked, made, problem)
        elif self._task is None:
            self._begin(asked)

    def cancel(self) -> None:
        """Leave what is held out as it is."""
        if self._task is not None:
            self._task.cancel()
            self._asked = None
            self.settled.emit()

    def finish(self) -> None:
        """Before the window closes: wait for the split that is being made."""
        self._asked = None
        if self._task is not None:
            self._task.cancel()
            self._task.join()
            self._end()

    # The form

    def open_or_close(self) -> None:
        """Show the form and give it the keyboard; close it where it is open."""
        if self.form is not None and self.form.isVisible():
            self.form.close()
            return
        form = self._made()
        form.show()
        self._show()
        form.activateWindow()
        form.kind.setFocus()

    def _made(self) -> HoldOutForm:
        if self.form is None:
            from cfgui.gui.hold_out_form import HoldOutForm

            self.form = HoldOutForm(self._window)
            self.form.apply_theme(current_theme())
            self.form.chosen.connect(self.choose)
            self.form.restore_wanted.connect(self.restore_wanted)
        return self.form

    def _changed(self, changes: Changes) -> None:
        if changes != Changes(choices=True):
            self._show()

    def _show(self) -> None:
        if self.form is None or not self.form.isVisible():
            return
        session = self._session
        words = "Being worked out…" if self.working else _sentences(session)
        self.form.show_choice(self.wanted, words)
        best = session.best(session.active)
        can_restore = best is not None and not session.sheet(session.active).is_at_best
        self.form.show_best(best_sentence(session, session.active), can_restore=can_restore)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        if self.form is not None:
            self.form.apply_theme(theme)

    # Inside

    def _begin(self, asked: _Asked) -> None:
        self._making = asked
        self._task = Task("Holding ratings out", asked.made)
        self._task.start()
        self._timer.start(LOOK_MS)
        self._patience.start(BUSY_MS)

    def _look(self) -> None:
        task, asked, made = self._task, self._asked, self._making
        if task is None or not task.done:
            return
        self._end()
        if asked is None or asked.base is not base_of(self._session.ratings):
            self._asked = None  # cancelled, or another table was opened meanwhile
            self.settled.emit()
        elif asked is not made:
            self._begin(asked)
        else:
            self._take(asked, task.result, task.error)

    def _end(self) -> None:
        self._timer.stop()
        self._patience.stop()
        self._task = self._making = None
        self.busy.emit("")

    def _take(self, asked: _Asked, made: PreparedHolding | None, error: Exception | None) -> None:
        self._asked = None
        if made is not None:
            self._put(made)
            return
        self.said.emit(f"{str(error).rstrip('.')}.", True)
        self.settled.emit()

    def _put(self, made: PreparedHolding | None) -> None:
        session = self._session
        if made is not None or session.holding is not None:
            if self._bridge.running:
                self._bridge.stop_and_wait()
            session.hold_out(made)
            self.said.emit(held_sentence(session), False)
        self.settled.emit()


def _sentences(session: Session) -> str:
    held = session.held_out
    if held is None:
        return "Every rating trains."
    return " ".join(filter(None, (held_sentence(session), cold_words(session))))
