"""RecommendBar: for whom, how many, which movies come into question, and how different they are to be."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from cfgui.app.recommending import Wish
from cfgui.core.movie_facts import MovieFacts
from cfgui.core.movie_filter import MovieFilter
from cfgui.core.ratings import Ratings
from cfgui.gui.genre_button import GenreButton
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, field_palette

MOST = 1000
DIVERSITY_STEPS = 20

TIPS = {
    "user": "For whom: a user by id. Enter takes the first that fits.  (Alt+Shift+U, Ctrl+F)",
    "n": "How many movies are listed.  (Alt+Shift+T)",
    "least": "Only movies with at least so many ratings: predictions of the others rest on little.  (Alt+Shift+L)",
    "years": "Only movies of these years, both included, by the year in brackets in the title.  (Alt+Shift+Y)",
    "diversity": "Maximal marginal relevance: at 0 the highest predictions; further right each next movie also has to"
    " be unlike those chosen before, by the cosine of their factors.  (Alt+Shift+D)",
}


class RecommendBar(QWidget):
    """``asked`` follows each choice of the person, ``user_chosen`` (raw id) another user."""

    asked = Signal()
    user_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.user, self.genres = SubjectPicker("user"), GenreButton()
        self.n, self.least, self.first, self.last = (QSpinBox() for _ in range(4))
        self.diversity, self.shown_diversity = QSlider(Qt.Orientation.Horizontal), QLabel("0")
        self._prepare()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self._add(row, "User", self.user, "", stretch=1)
        self._add(row, "Top", self.n, "n")
        row.addSpacing(6)
        row.addWidget(self.genres)
        self._add(row, "At least", self.least, "least")
        row.addWidget(QLabel("ratings"))
        self._add(row, "Years", self.first, "years")
        row.addWidget(QLabel("–"))
        row.addWidget(self.last)
        self._add(row, "Diversity", self.diversity, "diversity")
        row.addWidget(self.shown_diversity)

    def _add(self, row: QHBoxLayout, words: str, field: QWidget, tip: str, stretch: int = 0) -> None:
        label = QLabel(words)
        if tip:
            label.setToolTip(TIPS[tip])
        row.addSpacing(6)
        row.addWidget(label)
        row.addWidget(field, stretch)

    def _prepare(self) -> None:
        self.user.edit.setToolTip(TIPS["user"])
        self.user.chosen.connect(self.user_chosen)
        self.genres.chosen.connect(self.asked)
        self._spin(self.n, 1, MOST, 10, "888", "n", "Movies listed")
        self._spin(self.least, 0, 1_000_000, 0, "8,888", "least", "Least number of ratings")
        self._spin(self.first, 0, 9999, 0, "8888", "years", "First year")
        self._spin(self.last, 0, 9999, 0, "8888", "years", "Last year")
        for year, words in ((self.first, "first"), (self.last, "last")):
            year.setSpecialValueText(words)
            year.setGroupSeparatorShown(False)
        self.diversity.setRange(0, DIVERSITY_STEPS)
        self.diversity.setFixedWidth(70)
        self.diversity.setToolTip(TIPS["diversity"])
        self.diversity.setAccessibleName("Diversity, from 0 to 1")
        self.diversity.valueChanged.connect(self._slide)
        self.shown_diversity.setFixedWidth(self.fontMetrics().horizontalAdvance("0.88"))

    @property
    def keys(self) -> dict[str, QWidget]:
        """The field that each key leads to. Letters alone are taken: the window's menus and bars have them."""
        return {"T": self.n, "L": self.least, "Y": self.first, "D": self.diversity, "U": self.user}

    def _spin(self, spin: QSpinBox, low: int, high: int, value: int, widest: str, tip: str, name: str) -> None:
        spin.setRange(low, high)
        spin.setValue(value)
        spin.setKeyboardTracking(False)
        spin.setGroupSeparatorShown(True)
        spin.setFixedWidth(spin.fontMetrics().horizontalAdvance(widest) + 32)
        spin.setToolTip(TIPS[tip])
        spin.setAccessibleName(name)
        spin.valueChanged.connect(self.asked)

    def _slide(self, _place: int) -> None:
        self.shown_diversity.setText(f"{self.wish().diversity:g}")
        self.asked.emit()

    def wish(self) -> Wish:
        """What is chosen."""
        # the ends of the fields stand for no limit
        first, last = self.first.value(), self.last.value()
        years = first if first > self.first.minimum() else None, last if last > self.last.minimum() else None
        only = MovieFilter(self.genres.wanted, self.genres.unwanted, self.least.value(), *years)
        return Wish(self.n.value(), only, self.diversity.value() / DIVERSITY_STEPS)

    def show_ratings(self, ratings: Ratings) -> None:
        """Pick among the users of this table."""
        self.user.show_ratings(ratings)

    def show_facts(self, facts: MovieFacts) -> None:
        """Offer the genres and years there are."""
        self.genres.show_genres(facts.genres)
        span = facts.span
        for field in (self.first, self.last):
            field.setEnabled(span is not None)
            if span is not None and field.value() == field.minimum():
                field.blockSignals(True)
                field.setRange(span[0] - 1, max(span[1], field.value()))
                field.setValue(field.minimum())
                field.blockSignals(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        for field in (self.user.edit, self.n, self.least, self.first, self.last):
            field.setPalette(field_palette(theme))
