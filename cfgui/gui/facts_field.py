"""FactsField: a line for what is known of a new user, with the facts that the table knows offered below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit

SETTLED_MS = 150
"""A pause in typing after which the facts count."""


class FactsField(QLineEdit):
    """Facts with commas between; ``told`` follows when the person told others and paused, or pressed Enter."""

    told = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[str, ...] = ()
        self._last = ""
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setWidget(self)  # not as the line's own: that would complete the whole of it
        self._completer.activated.connect(self._take)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._tell)
        self.setClearButtonEnabled(True)
        self.textEdited.connect(self._offer)
        self.textChanged.connect(lambda _text: self._timer.start())
        self.returnPressed.connect(self._tell)

    @property
    def completer_popup(self) -> QAbstractItemView:
        """The list of the facts offered."""
        popup = self._completer.popup()
        assert popup is not None
        return popup

    @property
    def facts(self) -> str:
        """What was told, joined by "|" as ratings have it; in the table's own spelling where it knows a fact."""
        own = {fact.casefold(): fact for fact in self._facts}
        parts = filter(None, map(str.strip, self.text().replace("|", ",").split(",")))
        return "|".join(own.get(part.casefold(), part) for part in parts)

    def show_facts(self, facts: Sequence[str]) -> None:
        """Offer these facts."""
        if tuple(facts) != self._facts:
            self._facts = tuple(facts)
            self._words.setStringList(list(facts))

    def finish(self) -> None:
        """Before the window closes."""
        self._timer.stop()

    def _start_of_part(self) -> int:
        """Where the fact begins that the cursor is in or after."""
        return self.text().rfind(",", 0, self.cursorPosition()) + 1

    def _offer(self) -> None:
        """Show below the line which facts the one being typed may become."""
        part = self.text()[self._start_of_part() : self.cursorPosition()].strip()
        self._completer.setCompletionPrefix(part)
        if part and self._completer.completionCount() and self._completer.currentCompletion() != part:
            self._completer.complete()
        else:
            self.completer_popup.hide()

    def _take(self, fact: str) -> None:
        start, end = self._start_of_part(), self.cursorPosition()
        before = self.text()[:start]
        lead = " " if before else ""
        self.setText(f"{before}{lead}{fact}{self.text()[end:]}")
        self.setCursorPosition(len(before) + len(lead) + len(fact))
        self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        if self.facts != self._last:
            self._last = self.facts
            self.told.emit()
