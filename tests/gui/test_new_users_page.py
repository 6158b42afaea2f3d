"""The page of new users and movies, driven as a person does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cfgui.app.sheet_state import KEPT
from cfgui.core.row_slopes import predict_row
from cfgui.gui.new_users_page import NewUsersPage
from cfgui.gui.question_panel import QuestionPanel, keys_of
from tests.gui.conftest import Driver


@pytest.fixture
def page(driver: Driver) -> NewUsersPage:
    """The page over the original sheet, its first answer there."""
    driver.trigger("explore.new_users")
    found = driver.window.explore.page
    assert isinstance(found, NewUsersPage)
    settle(driver, found)
    return found


def settle(driver: Driver, page: NewUsersPage) -> None:
    tabs = (page.user, page.movie, page.works)
    driver.qtbot.waitUntil(
        lambda: page.user.answer is not None and not any(tab.work.working for tab in tabs), timeout=20_000
    )


def type_rating(driver: Driver, page: NewUsersPage, movie: str, rating: str) -> None:
    ratings = page.user.list
    ratings.picker.setFocus()
    QTest.keyClicks(ratings.picker.edit, movie)
    QTest.keyClick(ratings.picker.edit, Qt.Key.Key_Return)
    ratings.rating.selectAll()
    QTest.keyClicks(ratings.rating, rating)
    QTest.keyClick(ratings.rating, Qt.Key.Key_Return)
    settle(driver, page)


def values(page: NewUsersPage, title: str) -> np.ndarray:
    return next(np.asarray(column.values) for column in page.user.table.columns if column.title == title)


def test_ratings_are_typed_and_predictions_follow(driver: Driver, page: NewUsersPage) -> None:
    session, user = driver.window.session, page.user
    factors = session.sheet("dot").factors
    assert len(user.table.rows) == 15
    assert values(page, "fold-in") == pytest.approx(values(page, "mean"))
    type_rating(driver, page, "27", "5")
    type_rating(driver, page, "matrix", "1,5")
    assert user.list.given == {"27": 5.0, "402": 1.5}
    assert len(user.table.rows) == 13
    assert user.answer is not None
    weights = user.answer.guesses["fold-in"].weights
    assert values(page, "fold-in") == pytest.approx(predict_row(factors, "user", weights))
    assert values(page, "mean") == pytest.approx(factors.movie_factors @ factors.user_factors.mean(axis=0))
    assert "After 2 ratings" in user.sentence.text()
    xs, spreads = user.plot.curve.getData()
    assert list(xs) == [0, 1, 2]
    assert spreads[2] < spreads[1] < spreads[0]
    assert session.ratings.n_users == 15  # nothing of the sheet has changed
    assert driver.window.edits.stack.count() == 0


def test_pasted_lines_and_removing(driver: Driver, page: NewUsersPage) -> None:
    said: list[str] = []
    page.said.connect(lambda words, _problem: said.append(words))
    QGuiApplication.clipboard().setText("27\t4\nFargo (1996), 2.5\nSolaris\t3\n")
    page.user.list.paste_button.click()
    settle(driver, page)
    assert page.user.list.given == {"27": 4.0, "505": 2.5}
    assert "Solaris" in said[-1]
    page.user.list.table.select_row(0)
    QTest.keyClick(page.user.list.table, Qt.Key.Key_Delete)
    assert page.user.list.given == {"505": 2.5}
    page.user.list.clear_button.click()
    settle(driver, page)
    assert page.user.list.given == {}
    assert "Without a rating" in page.user.sentence.text()


def test_the_questionnaire_by_keys(driver: Driver, page: NewUsersPage) -> None:
    user = page.user
    user.questionnaire.ask.click()
    settle(driver, page)
    first = user.questionnaire.panel.title.text()
    assert "How do you rate" in first
    assert len(user.questionnaire.panel.buttons) == 8  # 1 to 5 in halves, without 1.5
    QTest.keyClick(user.questionnaire.panel, Qt.Key.Key_D)
    settle(driver, page)
    second = user.questionnaire.panel.title.text()
    assert second != first
    assert user.list.given == {}
    QTest.keyClick(user.questionnaire.panel, Qt.Key.Key_1)
    settle(driver, page)
    assert list(user.list.given.values()) == [1.0]
    user.questionnaire.panel.buttons[-1].click()
    settle(driver, page)
    assert list(user.list.given.values()) == [1.0, 5.0]
    assert first not in (second, user.questionnaire.panel.title.text())
    user.questionnaire.ask.click()
    assert not user.questionnaire.panel.isVisible()


def test_a_user_is_kept_undone_and_trained_on(driver: Driver, page: NewUsersPage) -> None:
    window, session = driver.window, driver.window.session
    type_rating(driver, page, "27", "5")
    assert page.user.answer is not None
    weights = page.user.answer.guesses["fold-in"].weights
    page.user.keeping.name.setText("Ada")
    page.user.keeping.keep.click()
    assert session.ratings.user_ids[-1] == "Ada"
    assert session.ratings.rating(15, 0) == 5.0
    assert session.sheet("dot").factors.user_factors[15] == pytest.approx(weights, abs=1e-9)
    assert page.user.list.given == {}
    assert "Ada stands at the end" in window.messages.label.text()
    driver.trigger("edit.undo")
    assert session.ratings.n_users == 15
    settle(driver, page)
    type_rating(driver, page, "49", "2")
    page.user.keeping.train.click()
    driver.qtbot.waitUntil(lambda: session.state.added_users == {"new 1": KEPT}, timeout=20_000)
    driver.trigger("train.run")
    driver.idle()
    settle(driver, page)
    assert session.ratings.n_users == 16


def test_kept_as_mean_or_average_user(driver: Driver, page: NewUsersPage) -> None:
    session = driver.window.session
    old = session.sheet("bias").factors
    page.user.pick_average("508")
    settle(driver, page)
    page.user.keeping.method.setCurrentIndex(2)
    page.user.keeping.keep.click()
    row = session.ratings.user_ids.index("508")
    assert np.array_equal(session.sheet("bias").factors.user_factors[15], old.user_factors[row])
    page.user.keeping.method.setCurrentIndex(1)
    page.user.keeping.keep.click()
    assert session.sheet("bias").factors.user_factors[16] == pytest.approx(old.user_factors.mean(axis=0))
    page.user.keeping.name.setText("508")
    page.user.keeping.keep.click()
    assert "already" in driver.window.messages.label.text()
    assert session.ratings.n_users == 17


def test_a_new_movie(driver: Driver, page: NewUsersPage) -> None:
    session, movie = driver.window.session, page.movie
    page.tabs.setCurrentWidget(movie)
    QTest.keyClicks(movie.title, "Solaris (1972)")
    driver.qtbot.waitUntil(lambda: movie.answer is not None and not movie.work.working, timeout=20_000)
    assert movie.year.text() == "The year is 1972."
    assert movie.sentence.text()
    assert len(movie.table.rows) == 15
    weights = movie.answer.weights
    movie.keep.click()
    assert session.ratings.movie_name(15) == "Solaris (1972)"
    assert session.sheet("dot").factors.movie_factors[15] == pytest.approx(weights, abs=1e-12)
    driver.trigger("edit.undo")
    assert session.ratings.n_movies == 15


def test_how_well_it_works(driver: Driver, page: NewUsersPage) -> None:
    works = page.works
    page.tabs.setCurrentWidget(works)
    works.epochs.setValue(5)
    works.start.click()
    assert not works.idle
    driver.qtbot.waitUntil(lambda: works.idle, timeout=60_000)
    assert works.found is not None
    assert len(works.table.rows) == 5
    assert "fold-in" in works.sentence.text()
    xs, errors = works.plot.lines["fold-in"].getData()
    assert tuple(xs) == works.found.given
    assert tuple(errors) == works.found.mse["fold-in"]
    works.least.setValue(40)
    works.start.click()
    driver.qtbot.waitUntil(lambda: works.idle, timeout=60_000)
    assert "Nobody has 40 ratings" in works.words.text()
    works.least.setValue(14)
    works.epochs.setValue(10_000)
    works.start.click()
    works.start.click()
    assert works.idle
    assert "Cancelled" in works.words.text()


def test_news_of_a_run_reach_the_page(driver: Driver, page: NewUsersPage) -> None:
    before = values(page, "mean").copy()
    driver.train("train.steps5")
    driver.qtbot.waitUntil(
        lambda: not page.user.work.working and not np.allclose(values(page, "mean"), before), timeout=20_000
    )
    factors = driver.window.session.sheet("dot").factors
    assert values(page, "mean") == pytest.approx(factors.movie_factors @ factors.user_factors.mean(axis=0))


def test_search_copy_and_the_way_to_the_sheet(driver: Driver, page: NewUsersPage) -> None:
    window = driver.window
    driver.trigger("edit.find")
    page.user.search.setText("star wars")
    assert len(page.user.table.rows) == 2
    page.user.table.select_row(int(page.user.table.rows[0]))
    driver.trigger("edit.copy")
    assert "Star Wars" in QGuiApplication.clipboard().text()
    page.user.table.row_activated.emit(0)
    assert not window.sheets.covered
    assert driver.view.currentIndex().column() == 0


def test_a_user_from_elsewhere_stands_for_the_average(driver: Driver, page: NewUsersPage) -> None:
    page.page_wanted.emit("new_users", "user", "508")
    settle(driver, page)
    assert page.user.average.raw_id == "508"
    assert page.user.answer is not None
    assert page.user.answer.average_id == "508"


def test_without_facts_there_is_no_field_for_them(page: NewUsersPage) -> None:
    assert not page.user.about.isVisible()
    assert not page.user.about_label.isVisible()


def test_what_else_is_known_is_completed_counts_and_is_kept(driver: Driver, page: NewUsersPage) -> None:
    session, user = driver.window.session, page.user
    facts = {
        raw_id: "sex M|age 18-24" if place % 2 else "sex F" for place, raw_id in enumerate(session.ratings.user_ids)
    }
    session.restore(replace(session.state, ratings=replace(session.ratings, user_facts=facts)))
    driver.qtbot.waitUntil(user.about.isVisible, timeout=20_000)
    settle(driver, page)
    user.about.setFocus()
    QTest.keyClicks(user.about, "sex m, AGE")
    popup = user.about.completer_popup
    assert [popup.model().index(row, 0).data() for row in range(popup.model().rowCount())] == ["age 18-24"]
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert user.about.text() == "sex m, age 18-24"
    assert user.about.facts == "sex M|age 18-24"
    driver.qtbot.waitUntil(lambda: user.answer is not None and user.answer.question.facts == user.about.facts)
    settle(driver, page)
    assert user.answer is not None
    assert user.answer.told.known == ("sex M", "age 18-24")
    assert user.answer.told.sentence in user.sentence.text()
    user.keeping.keep.click()
    assert session.ratings.user_facts["new 1"] == "sex M|age 18-24"
    assert user.about.text() == ""
    driver.trigger("edit.undo")
    assert "new 1" not in session.ratings.user_facts


def test_another_document_begins_with_an_empty_list(driver: Driver, page: NewUsersPage) -> None:
    """Its movie 27 may be another one: no rating goes to a movie that nobody rated."""
    session, user = driver.window.session, page.user
    type_rating(driver, page, "27", "5")
    user.pick_average("14")
    user.least.setValue(3)
    settle(driver, page)
    assert user.average.raw_id == "14"
    document = session.document()
    session.open(replace(document, ratings=replace(document.ratings, titles={"27": "Another film"})), "another")
    driver.trigger("explore.new_users") if driver.window.explore.page is None else None
    driver.qtbot.waitUntil(lambda: user.reading is not None and user.reading.ratings is session.ratings)
    settle(driver, page)
    assert user.list.given == {}
    assert user.average.raw_id == ""
    assert user.answer is not None
    assert user.answer.places == ()
    assert user.least.value() == 1


def test_the_key_of_a_question_is_the_rating(qtbot) -> None:
    """On a scale with a gap too: 4 gives 4 stars and a point before 3 gives three and a half."""
    panel, given = QuestionPanel(), []
    qtbot.addWidget(panel)
    panel.answered.connect(given.append)
    panel.show_question("A film", "", [1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0])
    for keys in ("4", ".3", ",2", "5", ".1", "1", "7"):
        QTest.keyClicks(panel, keys)
    assert given == [4.0, 3.5, 2.5, 5.0, 1.0]  # there is no 1.5, and no 7
    assert "(keys . 3)" in panel.buttons[4].toolTip()
    assert keys_of([0.5, 1.0]) == [".0", "1"]
    assert keys_of([1.0, 9.0, 10.0]) == ["1", "9", "0"]
    assert keys_of([0.0, 9.0, 10.0]) == ["0", "9", "-"]
    assert keys_of([10.0, 20.0, 30.0]) == ["1", "2", "3"]
