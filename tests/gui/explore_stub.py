"""A page that writes down what the window tells it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.gui.bridge import Bridge
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.number_table import Column, NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme


class StubPage(ExplorePage):
    """A line to search in and a table, and lists of what was told."""

    title: ClassVar[str] = "Stub"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.readings: list[Reading] = []
        self.subjects: list[tuple[str, str]] = []
        self.themes: list[str] = []
        self.finished = False
        self.line, self.table = QLineEdit(), NumberTable(name="Stub")
        self.table.show_columns([Column("n", np.array([1.5, 2.5]), 1, "A number.")])
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.table)
        self.setFocusProxy(self.table)

    def show_reading(self, reading: Reading) -> None:
        """Keep it."""
        self.readings.append(reading)

    def show_subject(self, side: str, raw_id: str) -> None:
        """Keep them."""
        self.subjects.append((side, raw_id))

    def apply_theme(self, theme: Theme) -> None:
        """Keep its name."""
        self.themes.append(theme.name)

    def finish(self) -> None:
        """Remember it."""
        self.finished = True

    @property
    def search_line(self) -> QLineEdit:
        """The line."""
        return self.line

    @property
    def copied_table(self) -> NumberTable:
        """The table."""
        return self.table
