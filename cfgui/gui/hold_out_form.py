"""The form that holds ratings out, beside the sheet: how many, which, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cfgui.core.split import SplitChoice
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.opening_actions import FILTERS
from cfgui.gui.theme import Theme, field_palette

KINDS = {
    "none": "Nothing: every rating trains",
    "random": "A share of all ratings",
    "leave-k-out": "Some ratings of each user",
    "file": "The ratings of a file",
}
WHY = (
    "A model with enough factors can learn its ratings by heart. Ratings that it never trains on show how well it"
    " predicts: where their RMSE rises while the other still falls, it overfits."
)
TIPS = {
    "kind": "Which ratings are not trained on. They are hatched in the sheet.",
    "fraction": "How many of all ratings are held out, chosen at random.",
    "k": "How many ratings of each user are held out, chosen at random. Users with no more than these keep all.",
    "file": "A file of ratings, such as one fold's test part. Users and movies are found by their ids.",
    "seed": "The same seed holds the same ratings out.",
}
WIDTH, FIELD_HEIGHT = 380, 24


class HoldOutForm(QDialog):
    """A window of its own that leaves the sheet usable, its shortcuts included.

    ``chosen`` (SplitChoice) follows what the person does; ``restore_wanted`` asks for the best weights so far.
    """

    chosen = Signal(object)
    restore_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        # A tool window: Qt lets the shortcuts of its parent work while it is in front.
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Hold ratings out")
        self._choice, self._filling = SplitChoice(), False
        self._make_fields()
        self.words, self.best = QLabel(), QLabel()
        self.restore = QPushButton("Restore")
        self.restore.setToolTip("Bring back the weights with the lowest held-out RMSE; undo brings the last ones back.")
        self.restore.setAutoDefault(False)
        self.restore.clicked.connect(self.restore_wanted)
        self._lay_out()

    def _make_fields(self) -> None:
        self.kind, self.fraction, self.k, self.seed = QComboBox(), QDoubleSpinBox(), QSpinBox(), QSpinBox()
        for name, words in KINDS.items():
            self.kind.addItem(words, name)
        self.fraction.setRange(0.5, 50.0)
        self.fraction.setDecimals(1)
        self.fraction.setSingleStep(5.0)
        self.fraction.setSuffix(" %")
        self.k.setRange(1, 1000)
        self.seed.setRange(0, 2**31 - 1)
        self.path, self.browse = ElidedLabel("", self), QPushButton("Choose…")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        self.kind.activated.connect(self._kind_chosen)
        for spin in (self.fraction, self.k, self.seed):
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self._number_chosen)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(5)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(self.browse)
        rows: tuple[tuple[str, QWidget | QHBoxLayout, QWidget, str], ...] = (
            ("&Hold out", self.kind, self.kind, "kind"),
            ("Sha&re", self.fraction, self.fraction, "fraction"),
            ("Of each &user", self.k, self.k, "k"),
            ("&File", file_row, self.browse, "file"),
            ("S&eed", self.seed, self.seed, "seed"),
        )
        self._labels: dict[str, QLabel] = {}
        for words, field, buddy, name in rows:
            label = self._labels[name] = QLabel(words)
            label.setBuddy(buddy)
            for widget in (label, buddy):
                widget.setToolTip(TIPS[name])
            buddy.setAccessibleName(words.replace("&", ""))
            buddy.setFixedHeight(FIELD_HEIGHT)
            form.addRow(label, field)
        why = QLabel(WHY)
        why.setForegroundRole(why.foregroundRole())
        for label in (why, self.words, self.best):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        foot = QHBoxLayout()
        foot.addWidget(self.best, 1)
        foot.addWidget(self.restore)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 10, 10, 10)
        whole.addWidget(why)
        whole.addSpacing(4)
        whole.addLayout(form)
        whole.addSpacing(4)
        whole.addWidget(self.words)
        whole.addLayout(foot)
        whole.addStretch(1)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 2)
        self.setMinimumWidth(WIDTH)

    # Showing

    def show_choice(self, choice: SplitChoice, words: str) -> None:
        """The choice in force, or about to be, and a sentence about it."""
        self._choice, self._filling = choice, True
        self.kind.setCurrentIndex(self.kind.findData(choice.kind))
        self.fraction.setValue(100 * choice.fraction)
        self.k.setValue(choice.k)
        self.seed.setValue(choice.seed)
        self.path.set_rest(Path(choice.path).name if choice.path else "none yet")
        self._filling = False
        kind = choice.kind
        for name, widgets, on in (
            ("fraction", (self.fraction,), kind == "random"),
            ("k", (self.k,), kind == "leave-k-out"),
            ("file", (self.path, self.browse), kind == "file"),
            ("seed", (self.seed,), kind in ("random", "leave-k-out")),
        ):
            for widget in (self._labels[name], *widgets):
                widget.setEnabled(on)
        self.words.setText(words)

    def show_best(self, sentence: str, *, can_restore: bool) -> None:
        """Where the held-out RMSE was lowest; "" where nobody has looked yet."""
        self.best.setText(sentence)
        self.restore.setVisible(bool(sentence))
        self.restore.setEnabled(can_restore)

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out, in the dark too."""
        for field in (self.kind, self.fraction, self.k, self.seed):
            field.setPalette(field_palette(theme))
        self.path.apply_theme(theme)

    # What the person does

    def _kind_chosen(self) -> None:
        kind = self.kind.currentData()
        if kind == "file" and not self._choice.path:
            self._browse()
        else:
            self.chosen.emit(replace(self._choice, kind=kind))

    def _number_chosen(self) -> None:
        if not self._filling:
            self.chosen.emit(
                replace(self._choice, fraction=self.fraction.value() / 100, k=self.k.value(), seed=self.seed.value())
            )

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Ratings to hold out", self._choice.path, ";;".join(FILTERS))
        if path:
            self.chosen.emit(replace(self._choice, kind="file", path=path))
        else:
            self.show_choice(self._choice, self.words.text())  # the list goes back to what is in force

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter ends typing in a field; it presses no button and closes nothing."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            return
        super().keyPressEvent(event)
