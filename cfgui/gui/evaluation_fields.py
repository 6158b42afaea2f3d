"""The fields of an evaluation: which ratings are held out, how long to train, how recommendations are judged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.evaluation_job import EvaluationWish
from cfgui.core.ranking_metrics import RELEVANT_SHARE
from cfgui.core.split import SplitChoice
from cfgui.gui.opening_actions import FILTERS
from cfgui.gui.small_parts import caption
from cfgui.gui.theme import Theme, field_palette

KINDS = {
    "random": (
        "A share at random",
        "Held out are so many percent of all ratings, drawn at random; the rest is learnt from.",
    ),
    "leave-k-out": (
        "Some of each user",
        "Held out are so many ratings of each user who has more, drawn at random: nobody is left out of the test.",
    ),
    "folds": (
        "Folds, in turn",
        "Cross-validation: the ratings are dealt into so many folds, and the model is trained as often, each time"
        " without one of them. Every rating is held out once, and the spread over the folds says how sure a figure is.",
    ),
    "file": (
        "A file",
        "Held out are the ratings of a file, such as u1.test of MovieLens 100k. A rating that stands here too is not"
        " learnt from.",
    ),
}
"""Ways to hold ratings out, with the sentences that teach them."""

VALUE_WIDTH, FILE_WIDTH = 130, 330
"""Of the field beside the way to hold out: a number, or the name of a file with its button."""

FIELD_HEIGHT = 24
"""Of every field, however low the window."""

EPOCHS_TIP = (
    "Passes over the ratings that are learnt from. As usual: 100 updates, of a large table in small batches 10 epochs,"
    " of Gibbs sampling as many draws as it takes."
)
SEED_TIP = "The same seed holds out the same ratings."
N_TIP = "How many movies each user is recommended, for precision, recall, NDCG, coverage and popularity."
RELEVANT_TIP = "A movie is relevant to a user who rated it so high among the held-out ratings. Usual: 4 of 5 stars."


class EvaluationFields(QWidget):
    """Fields that come to an ``EvaluationWish``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual_relevant = 0.0
        self.kind = QComboBox()
        self.kind.setAccessibleName("Held-out ratings")
        for name, (words, tip) in KINDS.items():
            self.kind.addItem(words, name)
            self.kind.setItemData(self.kind.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.percent = _spin(1, 90, 20, " %", "Percent held out")
        self.k = _spin(1, 1000, 1, " of each user", "Ratings of each user held out")
        self.folds = _spin(2, 100, 5, " folds", "Folds")
        self.path = QLineEdit()
        self.path.setPlaceholderText("a file of ratings")
        self.path.setAccessibleName("File of held-out ratings")
        self.choose = QPushButton("C&hoose…")
        self.choose.setAutoDefault(False)
        self.choose.setToolTip("Choose the file whose ratings are held out.")
        self.choose.clicked.connect(self._choose_file)
        self.seed = _spin(0, 2**31 - 1, 42, "", "Seed of the held-out ratings", SEED_TIP)
        self.epochs = _spin(0, 100_000, 0, " epochs", "Epochs", EPOCHS_TIP)
        self.epochs.setSpecialValueText("as usual")
        self.n = _spin(1, 1000, 10, " movies", "Recommendations judged", N_TIP)
        self.relevant = QDoubleSpinBox()
        self.relevant.setRange(-1e6, 1e6)
        self.relevant.setDecimals(2)
        self.relevant.setSingleStep(0.5)
        self.relevant.setAccessibleName("Relevant from")
        self.relevant.setToolTip(RELEVANT_TIP)
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self._kind_changed()

    def _lay_out(self) -> None:
        self.values = QStackedWidget()
        for field in (self.percent, self.k, self.folds, self._file_row()):
            self.values.addWidget(field)
        self.values.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        rows = (
            (("&Hold out", self.kind), ("", self.values), ("&Seed", self.seed)),
            (("&Train", self.epochs), ("&Recommend", self.n), ("Relevant &from", self.relevant)),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        first = max(self.fontMetrics().horizontalAdvance(row[0][0]) for row in rows)
        for row in rows:
            line = QHBoxLayout()
            line.setSpacing(6)
            for place, (words, field) in enumerate(row):
                if words:
                    label = caption(words, field)
                    label.setMinimumWidth(first if not place else 0)
                    line.addSpacing(8 if place else 0)
                    line.addWidget(label)
                field.setFixedHeight(FIELD_HEIGHT)
                line.addWidget(field)
            line.addStretch(1)
            column.addLayout(line)

    def _file_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        return row

    # What the dialog calls

    def follow_scale(self, highest: float) -> None:
        """The highest rating there is: relevant from 80 % of it on, unless the person chose another."""
        usual = RELEVANT_SHARE * highest
        if self.relevant.value() == self._usual_relevant:
            self.relevant.setValue(usual)
        self._usual_relevant = round(usual, 2)

    def show_split(self, choice: SplitChoice) -> None:
        """The way ratings are held out of the sheet, so that it need not be chosen twice; nothing where none are."""
        if choice.kind in KINDS:
            self.kind.setCurrentIndex(self.kind.findData(choice.kind))
            self.percent.setValue(round(100 * choice.fraction))
            self.k.setValue(choice.k)
            self.path.setText(choice.path)
            self.seed.setValue(choice.seed)

    def wish(self) -> EvaluationWish:
        """What is chosen. Raises ValueError, with a sentence for a person, where no file is named."""
        kind = str(self.kind.currentData())
        path = self.path.text().strip()
        if kind == "file" and not path:
            raise ValueError("Choose the file whose ratings are to be held out.")
        split = SplitChoice(
            kind, self.percent.value() / 100.0, self.k.value(), self.folds.value(), self.seed.value(), path
        )
        usual = self.relevant.value() == self._usual_relevant
        return EvaluationWish(
            split, self.epochs.value() or None, self.n.value(), None if usual else self.relevant.value()
        )

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out in the dark too."""
        for field in (self.kind, self.percent, self.k, self.folds, self.path, self.seed, self.epochs, self.n,
                      self.relevant):  # fmt: skip
            field.setPalette(field_palette(theme))
            for line in field.findChildren(QLineEdit):
                line.setPalette(field_palette(theme))

    # Inside

    def _kind_changed(self) -> None:
        kind = str(self.kind.currentData())
        tip = KINDS[kind][1]
        self.kind.setToolTip(tip)
        for field in (self.percent, self.k, self.folds, self.path):
            field.setToolTip(tip)
        self.values.setCurrentIndex(self.kind.currentIndex())
        self.values.setFixedWidth(FILE_WIDTH if kind == "file" else VALUE_WIDTH)
        self.seed.setEnabled(kind != "file")

    def _choose_file(self) -> None:
        folder = str(Path(self.path.text()).parent) if self.path.text() else str(Path.home())
        path, _ = QFileDialog.getOpenFileName(self, "Held-out ratings", folder, ";;".join(FILTERS))
        if path:
            self.path.setText(path)


def _spin(low: int, high: int, value: int, suffix: str, name: str, tip: str = "") -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setValue(value)
    spin.setSuffix(suffix)
    spin.setAccessibleName(name)
    spin.setToolTip(tip)
    return spin
