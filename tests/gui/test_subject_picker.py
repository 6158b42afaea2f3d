"""SubjectPicker: a person types an id or words of a title and gets one user or movie."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cfgui.core.ratings import Ratings
from cfgui.gui.subject_picker import SubjectPicker

TITLES = {"27": "Heat (1995)", "1198": "Raiders of the Lost Ark (1981)", "49": "Ark of Heat (2001)"}


@pytest.fixture
def picker(qtbot: QtBot) -> SubjectPicker:
    made = SubjectPicker("movie")
    qtbot.addWidget(made)
    nothing = np.zeros(0, dtype=np.int32)
    users, movies = ("7", "14", "140"), ("27", "49", "1198", "271")
    made.show_ratings(Ratings(users, movies, nothing, nothing, np.zeros(0), TITLES))
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.edit.setFocus()
    return made


def type_(picker: SubjectPicker, text: str) -> list[str]:
    picker.edit.setFocus()
    picker.edit.clear()
    QTest.keyClicks(picker.edit, text)
    completer = picker.edit.completer()
    model = completer.completionModel()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_titles_by_any_of_their_words_and_ids_by_their_beginning(picker: SubjectPicker) -> None:
    assert type_(picker, "ark") == ["49 · Ark of Heat (2001)", "1198 · Raiders of the Lost Ark (1981)"]
    assert type_(picker, "lost raid") == ["1198 · Raiders of the Lost Ark (1981)"]
    assert type_(picker, "27") == ["27 · Heat (1995)", "271"]
    assert type_(picker, "nothing like it") == []


def test_enter_takes_the_first_once(picker: SubjectPicker) -> None:
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    type_(picker, "heat")
    QTest.keyClick(picker.edit.completer().popup(), Qt.Key.Key_Return)
    assert chosen == ["27"]
    assert (picker.raw_id, picker.edit.text()) == ("27", "27 · Heat (1995)")


def test_another_of_the_list_is_taken(picker: SubjectPicker) -> None:
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    type_(picker, "ark")
    popup = picker.edit.completer().popup()
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert chosen == ["1198"]


def test_showing_somebody_is_no_choice(picker: SubjectPicker) -> None:
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    picker.show_id("49")
    assert (picker.edit.text(), chosen) == ("49 · Ark of Heat (2001)", [])
    picker.set_side("user")
    assert (picker.raw_id, picker.edit.text()) == ("", "")
    assert type_(picker, "14") == ["14", "140"]
