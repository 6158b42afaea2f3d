"""The controls of the map: whose factors, how many, which axes, what the colours mean, and a line to search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from cfgui.app.map_points import MapChoice
from cfgui.app.reading import Reading
from cfgui.core.one_side import SideName, one_side
from cfgui.gui.small_parts import caption, fill_row, let_wheel_pass, plain_spin
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, field_palette

TIPS = {
    "side": "Whose factors make the map: movies that people rate alike, or users who rate alike, come to lie near"
    " each other.",
    "most": "How many are drawn: those with the most ratings, whose factors are known best. The axes are fitted to"
    " these. 0 takes all.",
    "axes": "Principal axes: the directions in which the factors differ the most, the widest first; each is a mix of"
    " all factors. Factors: the numbers of the sheet themselves.  (Alt+S)",
    "x": "The axis that goes to the right.",
    "y": "The axis that goes up.",
    "colour": "What the colours mean. The bias is what a movie gets beyond what tastes explain; the mean is over its"
    " ratings; the number of ratings is on a logarithmic scale.  (Alt+C)",
    "genre": "Colour each movie by its first genre, or pick one genre out.",
}

COLOURS = {"bias": "bias", "mean": "mean rating", "count": "ratings", "genre": "genre"}
"""What points can be coloured by, with the words for it."""

NARROWEST = 70
"""Pixels of a list, its words cut short, before the page has to be scrolled in a narrow window."""

GENRE_WIDTH = 104
"""Pixels: the longest name of a genre must not push the rest of the window aside."""


class MapBar(QWidget):
    """``chosen`` (MapChoice) follows each choice of the person, ``searched`` (raw id) that of somebody to be found."""

    chosen = Signal(object)
    searched = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = MapChoice()
        self._filling = False
        self.side = self._combo("side", (("movies", "movie"), ("users", "user")), "Whose factors make the map")
        self.most = self._spin("most", "How many are drawn, the most rated")
        self.most.setSpecialValueText("all")
        self.axes = self._combo("axes", (("principal axes", "principal"), ("factors", "factors")), "Axes of the map")
        self.across, self.up = self._spin("x", "The axis to the right"), self._spin("y", "The axis upwards")
        self.colour = self._combo("colour", [(words, name) for name, words in COLOURS.items()], "Colour of the points")
        self.genre = self._combo("genre", (("first genre", ""),), "Which genre is picked out")
        self.genre.setMaximumWidth(GENRE_WIDTH)
        self.genre.hide()
        self.picker = SubjectPicker("movie")
        self.picker.chosen.connect(self.searched)
        self._connect()
        self._lay_out()

    def _connect(self) -> None:
        self.side.currentIndexChanged.connect(lambda: self._choose(side=self.side.currentData()))
        self.most.valueChanged.connect(self._choose_most)
        self.axes.currentIndexChanged.connect(lambda: self._choose(axes=self.axes.currentData()))
        for spin in (self.across, self.up):
            spin.valueChanged.connect(lambda: self._choose(components=(self.across.value() - 1, self.up.value() - 1)))
        self.colour.currentIndexChanged.connect(lambda: self._choose(colour=self.colour.currentData()))
        self.genre.currentIndexChanged.connect(lambda: self._choose(genre=self.genre.currentData()))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        parts: tuple[QWidget | int, ...] = (
            *(caption("Show", self.most), self.most, caption("most rated", self.side), self.side, 6),
            *(caption("axe&s", self.axes), self.axes, self.across, QLabel("×"), self.up, 6),
            *(caption("&colour", self.colour), self.colour, self.genre, 6),
        )
        fill_row(row, parts)
        row.addWidget(self.picker, 1)

    def _combo(self, name: str, entries: Sequence[tuple[str, str]], words: str) -> QComboBox:
        combo = QComboBox()
        for text, data in entries:
            combo.addItem(text, data)
        combo.setToolTip(TIPS[name])
        combo.setAccessibleName(words)
        combo.setMinimumWidth(NARROWEST)
        return let_wheel_pass(combo)

    def _spin(self, name: str, words: str) -> QSpinBox:
        spin = plain_spin(0 if name == "most" else 1)
        spin.setFixedWidth(62 if name == "most" else 32)
        spin.setToolTip(TIPS[name])
        spin.setAccessibleName(words)
        return let_wheel_pass(spin)

    # What the page tells it

    def show_reading(self, reading: Reading) -> None:
        """Offer what there is to choose of this; what was chosen stays chosen, and comes back where it is possible."""
        self.picker.show_ratings(reading.ratings)
        choice, owners = self.choice, one_side(reading.ratings, reading.factors, self.choice.side)
        n_owners, n_axes = len(owners.ids), owners.factors.shape[1]
        possible = {"bias": owners.bias is not None, "genre": choice.side == "movie" and bool(reading.ratings.genres)}
        fallback = "mean" if choice.colour == "bias" else "count"
        colour = choice.colour if possible.get(choice.colour, True) else fallback
        self._filling = True
        try:
            self.side.setCurrentIndex(self.side.findData(choice.side))
            self.most.setValue(0 if choice.most is None or choice.most >= n_owners else choice.most)
            for spin, component in zip((self.across, self.up), choice.components, strict=True):
                spin.setRange(1, max(n_axes, 1))
                spin.setValue(component + 1)
            for name in COLOURS:
                _set_enabled(self.colour, name, on=possible.get(name, True))
            self.colour.setCurrentIndex(self.colour.findData(colour))
            self.genre.setVisible(colour == "genre")
        finally:
            self._filling = False

    def offer_genres(self, genres: Sequence[str]) -> None:
        """Offer these to be picked out; the one that is stays so if it is among them."""
        if [self.genre.itemData(place) for place in range(1, self.genre.count())] == list(genres):
            return
        self._filling = True
        try:
            while self.genre.count() > 1:
                self.genre.removeItem(1)
            for genre in genres:
                self.genre.addItem(genre, genre)
            self.genre.setCurrentIndex(max(self.genre.findData(self.choice.genre), 0))
        finally:
            self._filling = False

    def show_side(self, side: SideName) -> None:
        """Turn to movies or users, as if the person had."""
        self.side.setCurrentIndex(self.side.findData(side))

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out, in the dark too."""
        for field in (self.side, self.most, self.axes, self.across, self.up, self.colour, self.genre, self.picker.edit):
            for part in (field, *field.findChildren(QLineEdit)):  # a field with arrows does not hand its palette on
                part.setPalette(field_palette(theme))

    # What the person chooses

    def _choose_most(self, most: int) -> None:
        self._choose(most=most or None)

    def _choose(self, **changes: Any) -> None:  # noqa: ANN401 - fields of MapChoice
        if self._filling:
            return
        self.choice = replace(self.choice, **changes)
        if "side" in changes:
            self.picker.set_side(self.choice.side)
        self.chosen.emit(self.choice)


def _set_enabled(combo: QComboBox, data: str, *, on: bool) -> None:
    """Let an entry of a list be chosen, or not."""
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    model.item(combo.findData(data)).setEnabled(on)
