"""The dialog before values are exported: what, of whom, in which format, and what that comes to."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QSpacerItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.exports import FORMATS, FORMATS_OF, ExportSource, ValueExport, What, contents, problem
from cfgui.app.words import counted
from cfgui.gui.theme import current_theme, field_palette, tick_palette

MOST_RECOMMENDATIONS = 1000

WHAT_TIPS: dict[What, str] = {
    "factors": "Every weight of the open sheet's model, one line a user and one a movie, with ids, titles, the number"
    " of ratings and their mean.",
    "recommendations": "For each user the movies with the highest predictions among those not rated yet.",
    "ratings": "The ratings as they are now, edits included, as a table that opens here again.",
}
FORMAT_TIPS = {
    ".csv": "Text for every program. What a spreadsheet would take for a formula gets a ' in front.",
    ".xlsx": "One sheet a table, numbers without formulas. The live workbook is File > Export to Excel.",
    ".parquet": "Small and quick to read: pandas, polars, DuckDB, Spark.",
    ".npz": "Arrays for Python: numpy.load(file)['movie_factors'].",
    ".tsv": "Vectors and labels to load into the TensorFlow Embedding Projector.",
}


class ExportDialog(QDialog):
    """Accepted: write ``choice``. Shows at once what it would write, and why it cannot where that is so."""

    def __init__(self, source: ExportSource, choice: ValueExport, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source, self.choice = source, choice
        self.setWindowTitle("Export values")
        self._make_whats(model)
        self._make_scopes()
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        self.format.setPalette(field_palette(current_theme()))
        self.contents, self.problem = _sentence(), _sentence()
        self.problem.setStyleSheet(f"color: {current_theme().error.name()};")
        self._lay_out()
        self._show_choice()
        for group in (self._what_group, self._scope_group):
            group.buttonClicked.connect(self._changed)
        self.n.valueChanged.connect(self._changed)
        self.format.activated.connect(self._changed)

    # Building

    def _make_whats(self, model: str) -> None:
        weights = "factors and biases" if self.source.factors.has_bias else "factors"
        words: dict[What, str] = {
            "factors": f"All &{weights} of the sheet {model}",
            "recommendations": f"&Recommendations by the sheet {model}, for each user:",
            "ratings": "The ra&tings",
        }
        self.whats = {what: QRadioButton(text) for what, text in words.items()}
        self._what_group = QButtonGroup(self)
        for what, button in self.whats.items():
            button.setToolTip(WHAT_TIPS[what])
            button.setPalette(tick_palette(current_theme()))
            self._what_group.addButton(button)
        self.n = QSpinBox()
        self.n.setRange(1, min(MOST_RECOMMENDATIONS, max(self.source.ratings.n_movies, 1)))
        self.n.setPalette(field_palette(current_theme()))
        self.n.setSuffix(" movies")
        self.n.setToolTip("How many movies each user gets")
        self.n.setAccessibleName("Movies for each user")

    def _make_scopes(self) -> None:
        ratings, view = self.source.ratings, self.source.view
        everything = f"{counted(ratings.n_users, 'user')} and {counted(ratings.n_movies, 'movie')}"
        self.all = QRadioButton(f"&All {everything}")
        self.shown = QRadioButton("What the sheet &shows")
        self.all.setToolTip("All that is open, shown or not")
        self.shown.setToolTip("Only the users and movies on the sheet, in its order")
        if view is not None:
            shown = f"{counted(len(view.users), 'user')} and {counted(len(view.movies), 'movie')}"
            self.shown.setText(f"What the sheet &shows: {shown}")
        else:
            self.shown.setText("What the sheet &shows: everything")
            self.shown.setEnabled(False)
        self._scope_group = QButtonGroup(self)
        for button in (self.all, self.shown):
            button.setPalette(tick_palette(current_theme()))
            self._scope_group.addButton(button)

    def _lay_out(self) -> None:
        beside = QHBoxLayout()
        beside.setSpacing(8)
        beside.addWidget(self.whats["recommendations"])
        beside.addWidget(self.n)
        beside.addStretch(1)
        form = QFormLayout()
        form.setVerticalSpacing(6)
        form.setHorizontalSpacing(14)
        form.addRow("What", self.whats["factors"])
        form.addRow("", beside)
        form.addRow("", self.whats["ratings"])
        form.addItem(QSpacerItem(0, 8))
        form.addRow("Of whom", self.all)
        form.addRow("", self.shown)
        form.addItem(QSpacerItem(0, 8))
        label = QLabel("For&mat")
        label.setBuddy(self.format)
        form.addRow(label, self.format)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self.contents)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addWidget(self._buttons())
        self.resize(540, 350)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.export_button = box.addButton("&Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel_button = box.addButton("&Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.export_button.setToolTip("Choose where to write, and write while work goes on")
        self.cancel_button.setToolTip("Write nothing (Esc)")
        self.export_button.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    # Choices

    def _changed(self) -> None:
        what = next(what for what, button in self.whats.items() if button.isChecked())
        ending = str(self.format.currentData())
        if ending not in FORMATS_OF[what]:
            ending = FORMATS_OF[what][0]
        shown_only = self.shown.isChecked()
        self.choice = replace(self.choice, what=what, shown_only=shown_only, n=self.n.value(), ending=ending)
        self._show_choice()

    def _show_choice(self) -> None:
        if self.source.view is None:
            self.choice = replace(self.choice, shown_only=False)
        choice = self.choice
        self.whats[choice.what].setChecked(True)
        (self.shown if choice.shown_only else self.all).setChecked(True)
        self.n.blockSignals(True)
        self.n.setValue(choice.n)
        self.n.blockSignals(False)
        self.n.setEnabled(choice.what == "recommendations")
        self._fill_formats()
        why_not = problem(self.source, choice)
        self.contents.setText(contents(self.source, choice))
        self.problem.setText(why_not)
        self.problem.setVisible(bool(why_not))
        self.export_button.setEnabled(not why_not)

    def _fill_formats(self) -> None:
        endings = FORMATS_OF[self.choice.what]
        if [self.format.itemData(row) for row in range(self.format.count())] != list(endings):
            self.format.clear()
            for ending in endings:
                self.format.addItem(FORMATS[ending], ending)
        self.format.setCurrentIndex(endings.index(self.choice.ending))
        self.format.setToolTip(FORMAT_TIPS[self.choice.ending])


def _sentence() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return label
