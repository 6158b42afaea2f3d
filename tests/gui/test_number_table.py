"""NumberTable: sorting by a click, searching, selecting, and copying with every digit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cfgui.gui.number_table import MOST_COPIED, Column, NumberTable

NAMES = ["b", "a", "d", "c"]
VALUES = np.array([1 / 3, np.nan, -2.0, 7.5])
COUNTS = np.array([3, 1, 4, 1000])


def columns(values: np.ndarray = VALUES) -> list[Column]:
    return [
        Column("name", NAMES, None, "Its name.", wide=True),
        Column("count", COUNTS, 0, "How many."),
        Column("value", values, 2, "What it is worth."),
    ]


@pytest.fixture
def table(qtbot: QtBot) -> NumberTable:
    made = NumberTable(name="Things")
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show_columns(columns())
    made.show()
    return made


def click_header(table: NumberTable, place: int) -> None:
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(place) + 5, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def shown(table: NumberTable) -> list[str]:
    model = table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_a_click_sorts_and_another_turns_it_round(table: NumberTable) -> None:
    assert shown(table) == ["b", "a", "d", "c"], "as given until somebody sorts"
    click_header(table, 2)
    assert shown(table) == ["d", "b", "c", "a"]
    click_header(table, 2)
    assert shown(table) == ["c", "b", "d", "a"], "what has no number stays last"
    assert table.selected_rows() == []
    table.sort_by("name")
    assert table.rows.tolist() == [1, 0, 3, 2]


def test_a_row_stays_selected_wherever_it_goes(table: NumberTable) -> None:
    told: list[int] = []
    table.row_selected.connect(told.append)
    assert table.select_row(3)
    table.sort_by("value", descending=True)
    table.show_columns(columns(np.array([9.0, 1.0, 0.0, -5.0])))
    assert shown(table) == ["b", "a", "d", "c"]
    assert (table.current_row, table.selected_rows(), told) == (3, [3], [3])
    table.search("a")
    assert (table.current_row, table.selected_rows(), shown(table)) == (None, [], ["a"])
    assert not table.select_row(3)


def test_rows_are_cut_down_and_come_back(table: NumberTable) -> None:
    assert table.keep_rows(COUNTS >= 3) == 3
    assert table.search("b") == 1
    assert table.search("") == 3
    assert table.keep_rows(None) == 4


def test_the_selected_rows_are_copied_with_every_digit(table: NumberTable) -> None:
    table.sort_by("name")
    table.select_row(1)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "name\tcount\tvalue\na\t1\t\nb\t3\t0.3333333333333333\n"
    table.clearSelection()
    assert table.tsv().splitlines()[4] == "d\t4\t-2.0", "all rows where none is selected"
    cell = table.model().index(shown(table).index("d"), 2)
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    assert [cell.data(role) for role in roles] == ["−2.00", "−2.0", "value: −2.00"]


def test_too_many_rows_are_not_copied(table: NumberTable, qtbot: QtBot) -> None:
    table.show_columns([Column("n", np.arange(MOST_COPIED + 1), 0, "A number.")])
    with qtbot.waitSignal(table.said) as said:
        assert not table.copy()
    assert said.args == [f"{MOST_COPIED + 1:,} rows are too many to copy: select at most {MOST_COPIED:,}.", True]


def test_enter_and_double_click_name_the_row(table: NumberTable) -> None:
    told: list[int] = []
    table.row_activated.connect(told.append)
    table.sort_by("count", descending=True)
    table.select_row(2)
    QTest.keyClick(table, Qt.Key.Key_Return)
    at = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told == [2, 3]


def test_a_cell_says_what_it_is(table: NumberTable) -> None:
    index = table.model().index(0, 2)
    assert index.data() == "0.33"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "0.3333333333333333"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "value: 0.33"


def test_other_columns_begin_unsorted(table: NumberTable) -> None:
    table.sort_by("value")
    table.show_columns([Column("other", VALUES, 2, ""), Column("name", NAMES, None, "")])
    assert table.rows.tolist() == [0, 1, 2, 3]
    assert table.horizontalHeader().sortIndicatorSection() == -1


def test_a_column_is_as_wide_as_its_smallest_and_largest_number(qtbot: QtBot) -> None:
    table = NumberTable(name="Numbers")
    qtbot.addWidget(table)
    values = np.zeros(5000)
    values[4000], values[4500], values[4700] = -1234567.25, np.nan, 12.5
    table.show_columns([Column("n", values, 2, "A number."), Column("none", np.full(5000, np.nan), 2, "Nothing.")])
    assert table.columnWidth(0) >= table.fontMetrics().horizontalAdvance("-1234567.25")
    assert table.columnWidth(1) >= table.fontMetrics().horizontalAdvance("none")
