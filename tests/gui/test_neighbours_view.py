"""The list of neighbours: choices, going on and back, weights that change, and what there is to say of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cfgui.app.reading import Reading
from cfgui.core.factors import Factors
from cfgui.core.neighbours import neighbours
from cfgui.core.ratings import Ratings
from cfgui.gui.neighbours_view import NOBODY, NeighboursView
from cfgui.gui.theme import DARK, apply_theme
from tests.helpers.tables import random_table


def reading(seed: int = 0, *, bias: bool = True) -> Reading:
    rng = np.random.default_rng(seed)
    biases = (rng.normal(size=60), rng.normal(size=40)) if bias else (None, None)
    return Reading(RATINGS, Factors(rng.normal(size=(60, 4)), rng.normal(size=(40, 4)), *biases), "bias", "bias")


TABLE = random_table(60, 40, 900, seed=4)
RATINGS = replace(TABLE, titles={raw_id: f"Film {raw_id}" for raw_id in TABLE.movie_ids})


class Person:
    """Somebody before the list."""

    def __init__(self, view: NeighboursView, qtbot: QtBot) -> None:
        self.view, self.qtbot = view, qtbot
        self.said: list[tuple[str, ...]] = []
        view.sheet_wanted.connect(lambda words: self.said.append(("sheet", words)))
        view.page_wanted.connect(lambda *words: self.said.append(words))
        view.subject_shown.connect(lambda *words: self.said.append(("shown", *words)))

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.view.work.working)

    def rows(self) -> list[str]:
        """The names listed, once the list is there."""
        self.wait()
        columns = self.view.table.columns
        return [str(columns[0].values[row]) for row in self.view.table.rows] if columns else []


@pytest.fixture
def person(qtbot: QtBot, qapp: QApplication) -> Iterator[Person]:
    apply_theme(qapp)
    view = NeighboursView()
    qtbot.addWidget(view)
    view.resize(380, 380)
    view.show()
    qtbot.waitExposed(view)
    yield Person(view, qtbot)
    view.finish()
    view.close()


def expected(found: Reading, index: int, least: int, *, n: int = 10, measure: str = "cosine") -> list[str]:
    near = neighbours(found.factors, RATINGS.movie_counts, "movie", index, n, measure, least)  # type: ignore[arg-type]
    return [f"Film {place}" for place in near.indices]


def test_nobody_is_listed_before_somebody_is_chosen(person: Person) -> None:
    person.view.show_reading(reading())
    assert person.rows() == []
    assert person.view.words.text() == person.view.accessibleDescription() == NOBODY
    assert not any(action.isEnabled() for action in (person.view.bar.back, person.view.bar.sheet, person.view.bar.map))


def test_the_nearest_with_enough_ratings_are_listed(person: Person) -> None:
    person.view.show_reading(reading())
    person.view.show_subject("movie", "7")
    assert person.rows() == expected(reading(), 7, 20)
    assert [column.title for column in person.view.table.columns] == ["movie", "cosine", "ratings", "mean", "bias"]
    assert person.view.bar.title.rest == "to Film 7"
    n_enough = np.count_nonzero(RATINGS.movie_counts >= 20) - (RATINGS.movie_counts[7] >= 20)
    assert person.view.words.text().startswith(f"Among {n_enough} movies with 20 ratings or more. A movie with few")
    assert person.view.accessibleDescription().startswith("The 10 nearest to movie 7 · Film 7 (")
    assert person.said == [("shown", "movie", "7")]


def test_choices_change_the_list(person: Person) -> None:
    view = person.view
    view.show_reading(reading())
    view.show_subject("movie", "7")
    view.bar.least.setValue(0)
    assert person.rows() == expected(reading(), 7, 0)
    assert "20 or more are usually asked for" in view.words.text()
    view.bar.many.setValue(3)
    assert person.rows() == expected(reading(), 7, 0, n=3)
    view.bar.measure.setCurrentIndex(1)
    view.bar.measure.activated.emit(1)
    assert person.rows() == expected(reading(), 7, 0, n=3, measure="distance")
    assert view.table.columns[1].title == "distance"
    view.bar.least.setValue(10_000)
    assert person.rows() == []
    assert "No other movie has 10,000 ratings or more: ask for fewer." in view.words.text()


def test_a_row_leads_on_and_back_returns(person: Person) -> None:
    view = person.view
    view.show_reading(reading())
    view.show_subject("movie", "7")
    first = person.rows()
    view.table.select_row(2)
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    third = first[2].removeprefix("Film ")
    assert person.rows() == expected(reading(), int(third), 20)
    assert view.subject == ("movie", third)
    assert view.bar.back.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert person.rows() == first
    assert not view.bar.back.isEnabled()
    assert person.said == [("shown", "movie", it) for it in ("7", third, "7")]


def test_it_asks_for_the_sheet_and_the_map(person: Person) -> None:
    person.view.show_reading(reading())
    person.view.show_subject("user", "3")
    person.view.bar.sheet.trigger()
    person.view.bar.map.trigger()
    assert person.said[1:] == [("sheet", "user 3"), ("map", "user", "3")]
    person.wait()


def test_users_have_ids_for_names_and_their_own_minimum(person: Person) -> None:
    view = person.view
    view.show_reading(reading(bias=False))
    view.show_subject("user", "3")
    rows = person.rows()
    assert view.bar.least.value() == (20 if np.count_nonzero(RATINGS.user_counts >= 20) >= 10 else 1)
    assert rows[0] in RATINGS.user_ids
    assert [column.title for column in view.table.columns] == ["user", "cosine", "ratings", "mean"]


def test_the_list_follows_the_weights(person: Person) -> None:
    view = person.view
    view.show_reading(reading())
    view.show_subject("movie", "7")
    for seed in range(1, 6):
        view.show_reading(reading(seed))
    last = reading(5)
    person.qtbot.waitUntil(lambda: person.rows() == expected(last, 7, 20))


def test_whoever_is_gone_is_not_listed(person: Person) -> None:
    view = person.view
    view.show_reading(reading())
    view.show_subject("movie", "7")
    person.wait()
    ids = tuple(f"m{place}" for place in range(40))
    other = Ratings(RATINGS.user_ids, ids, RATINGS.users, RATINGS.movies, RATINGS.values)
    view.show_reading(Reading(other, reading().factors, "bias", "bias"))
    assert person.rows() == []
    assert view.words.text() == NOBODY


def test_it_takes_the_colours_of_a_look(person: Person) -> None:
    person.view.apply_theme(DARK)
    assert DARK.muted.name() in person.view.words.styleSheet()
