"""Columns and rows of the tables: orders, search and what is written, by hand on a few rows."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.app.number_columns import Column
from cfgui.app.number_rows import NumberRows

IDS = ["9", "10", "100", "2", "30"]
TITLES = ["Heat (1995)", "alien", "Alien", "Se7en", "The Thing"]
COUNTS = np.array([4, 1234, 4, 0, 7])
MEANS = np.array([3.5, np.nan, -1.25, 3.5, 1 / 3])


def columns() -> list[Column]:
    return [
        Column("id", IDS, None, "Its id."),
        Column("title", TITLES, None, "Its title."),
        Column("ratings", COUNTS, 0, "How many."),
        Column("mean", MEANS, 2, "Their mean."),
    ]


@pytest.fixture
def rows() -> NumberRows:
    made = NumberRows()
    made.take(columns())
    return made


def test_a_cell_is_short_and_its_copy_is_whole() -> None:
    _, title, counts, means = columns()
    assert [title.shown(1), counts.shown(1), means.shown(4)] == ["alien", "1,234", "0.33"]
    assert [title.full(1), counts.full(1), means.full(4)] == ["alien", "1234", "0.3333333333333333"]
    assert means.shown(1) == means.full(1) == ""


def test_ids_go_by_size_and_titles_without_capitals(rows: NumberRows) -> None:
    rows.sort(0, descending=False)
    assert [IDS[row] for row in rows.shown] == ["2", "9", "10", "30", "100"]
    rows.sort(1, descending=False)
    assert rows.shown.tolist() == [1, 2, 0, 3, 4], "equals stay as they stand"
    rows.sort(1, descending=True)
    assert rows.shown.tolist() == [4, 3, 0, 1, 2]


def test_numbers_sort_stably_and_nan_comes_last_either_way(rows: NumberRows) -> None:
    rows.sort(3, descending=False)
    assert rows.shown.tolist() == [2, 4, 0, 3, 1]
    rows.sort(3, descending=True)
    assert rows.shown.tolist() == [0, 3, 4, 2, 1]
    rows.sort(-1, descending=False)
    assert rows.shown.tolist() == [0, 1, 2, 3, 4]


def test_search_wants_every_word_and_keeps_the_order(rows: NumberRows) -> None:
    rows.sort(2, descending=True)
    rows.search("ALIEN")
    assert rows.shown.tolist() == [1, 2]
    rows.search("100 ali")
    assert rows.shown.tolist() == [2]
    rows.keep(COUNTS >= 5)
    assert rows.shown.tolist() == []
    rows.search("")
    assert rows.shown.tolist() == [1, 4]
    assert (rows.place_of(4), rows.place_of(0)) == (1, None)


def test_other_numbers_keep_order_and_search_and_texts_are_not_read_again(rows: NumberRows) -> None:
    rows.sort(3, descending=False)
    rows.search("a")
    known = rows.columns[1]
    rows.take([*columns()[:3], Column("mean", -MEANS, 2, "")])
    assert rows.columns[1] is known
    assert rows.shown.tolist() == [0, 2, 1]
    rows.take([Column("other", COUNTS, 0, "")])
    assert len(rows) == 5


def test_columns_must_be_of_one_length(rows: NumberRows) -> None:
    with pytest.raises(ValueError, match="one length"):
        rows.take([Column("a", ["x"], None, ""), Column("b", COUNTS, 0, "")])


@pytest.mark.parametrize("n", [0, 1])
def test_tables_of_nothing_and_of_one_row(n: int) -> None:
    rows = NumberRows()
    rows.take([Column("id", IDS[:n], None, ""), Column("mean", MEANS[:n], 2, "")])
    rows.sort(0, descending=True)
    rows.search("9")
    assert rows.shown.tolist() == list(range(n))


def test_what_is_rounded_to_zero_has_no_sign() -> None:
    column = Column("x", np.array([-0.001, -0.0, -0.005001, -0.4]), 2, "")
    assert [column.shown(row) for row in range(4)] == ["0.00", "0.00", "−0.01", "−0.40"], "a true minus"
    assert Column("n", np.array([-0.3]), 0, "").shown(0) == "0"
    assert column.full(0) == "-0.001", "for spreadsheets"
    assert column.told(0) == "−0.001"
    assert Column("n", np.array([-12345.0]), 0, "").shown(0) == "−12,345"


def test_search_finds_either_minus_and_texts_stay_as_they_are(rows: NumberRows) -> None:
    column = Column("title", ["−40 (2001)", "-40 (1999)", "X-Men"], None, "")
    assert [column.shown(row) for row in range(3)] == [column.told(row) for row in range(3)] == list(column.values)
    rows.take([column])
    for text in ("-40", "−40"):
        rows.search(text)
        assert rows.shown.tolist() == [0, 1]
