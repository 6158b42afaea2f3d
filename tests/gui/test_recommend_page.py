"""The page Recommend, driven as a person does: what it lists is what the core recommends."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from cfgui.core.document import Document
from cfgui.core.movie_filter import MovieFilter
from cfgui.core.ratings import Ratings
from cfgui.core.recommend import recommend
from cfgui.core.starts import random_factors
from cfgui.gui.recommend_page import RecommendPage
from cfgui.gui.theme import DARK, LIGHT, apply_theme, set_theme_override
from tests.gui.conftest import Driver
from tests.helpers.colours import count


def made_document() -> Document:
    """30 x 80 with titles and genres; user 0 has rated everything."""
    rng = np.random.default_rng(1)
    rated = rng.random((30, 80)) < 0.3
    rated[0] = True
    movie_ids = [str(100 + i) for i in range(80)]
    ratings = Ratings.from_crosstab(
        [str(i) for i in range(30)], movie_ids, rng.integers(1, 6, rated.shape) * 1.0, rated
    )
    titles = {raw_id: f"Film {raw_id} ({1930 + i})" for i, raw_id in enumerate(movie_ids)}
    genres = {raw_id: ("Comedy", "Drama", "Film-Noir")[i % 3] for i, raw_id in enumerate(movie_ids)}
    factors = {name: random_factors(30, 80, 4, bias=name == "bias", init="normal", seed=2) for name in ("dot", "bias")}
    return Document(replace(ratings, titles=titles, genres=genres), factors, active="bias")


class Reader:
    """A person at the page."""

    def __init__(self, driver: Driver) -> None:
        self.driver, self.window = driver, driver.window
        self.window.session.open(made_document(), "made.csv")
        self.window.tabs.setCurrentIndex(1)
        driver.trigger("explore.recommend")
        page = self.window.explore.page
        assert isinstance(page, RecommendPage)
        self.page = page
        self.settle()

    def settle(self) -> None:
        """Wait until the answer stands."""
        self.driver.qtbot.waitUntil(lambda: self.page.answer is not None and not self.page.work.working)

    def column(self, title: str) -> list[object]:
        """A column of the list, from top to bottom."""
        (found,) = [column for column in self.page.table.columns if column.title == title]
        return [found.values[row] for row in self.page.table.rows]

    def expected(self, user: int, n: int, only: MovieFilter | None = None) -> list[str]:
        """The titles that the core recommends."""
        session = self.window.session
        ratings, mask = session.ratings, None
        if only is not None:
            assert self.page.answer is not None
            mask = only.candidates(self.page.answer.recommender.facts)
        movies, _ = recommend(
            session.sheet(session.active).factors, ratings, np.array([user], dtype=np.int32), n, candidates=mask
        )
        return [ratings.movie_name(int(movie)) for movie in movies[0] if movie >= 0]


@pytest.fixture
def reader(driver: Driver) -> Reader:
    return Reader(driver)


def test_it_begins_with_somebody_to_recommend_to(reader: Reader) -> None:
    assert reader.page.bar.user.raw_id == "1", "user 0 has rated everything"
    assert reader.column("Title") == reader.expected(1, 10)
    assert reader.page.user.rest.startswith("user 1 has rated")
    assert reader.page.figures.text().startswith("from ")
    assert reader.page.table.current_row == 0


def test_a_user_is_picked_by_typing(reader: Reader) -> None:
    edit = reader.page.bar.user.edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "17")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    reader.settle()
    assert reader.column("Title") == reader.expected(17, 10)
    reader.page.show_subject("user", "0")
    reader.settle()
    assert reader.page.figures.text() == "Nothing to recommend: every movie is rated."
    assert reader.page.reasons.explanation is None


def test_every_choice_changes_the_list(reader: Reader) -> None:
    bar = reader.page.bar
    bar.n.setValue(4)
    reader.settle()
    assert reader.column("Title") == reader.expected(1, 4)
    bar.least.setValue(11)
    bar.first.setValue(1940)
    bar.last.setValue(1990)
    reader.settle()
    only = MovieFilter(min_ratings=11, from_year=1940, to_year=1990)
    assert reader.column("Title") == reader.expected(1, 4, only)
    actions = bar.genres.menu().actions()
    assert [action.text() for action in actions[:3]] == ["Comedy", "Drama", "Film-Noir"]
    actions[1].trigger()
    reader.settle()
    assert bar.genres.text() == "Drama"
    assert reader.column("Title") == reader.expected(1, 4, replace(only, genres=("Drama",)))
    assert set(reader.column("Genres")) == {"Drama"}
    bar.genres.clear()
    bar.diversity.setValue(20)
    reader.settle()
    assert bar.shown_diversity.text() == "1"
    assert reader.column("Title") != reader.expected(1, 4, only)


def test_the_selected_movie_has_its_reasons(reader: Reader) -> None:
    page = reader.page
    page.table.select_row(2)
    explanation = page.reasons.explanation
    assert explanation is not None
    assert page.answer is not None
    assert explanation.movie == page.answer.listed.movies[2]
    assert explanation.prediction == page.answer.listed.predictions[2]
    near = page.answer.listed.reasons[2].near
    assert [column.title for column in page.near.columns] == ["Rated movie", "Cosine", "Rating"]
    assert list(page.near.columns[2].values) == [each.rating for each in near]
    assert page.near_caption.text() == "Nearest of what user 1 has rated"


def test_why_not_is_answered_and_kept_up_to_date(reader: Reader) -> None:
    page = reader.page
    page.show_subject("movie", "150")
    reader.settle()
    assert page.why.text().startswith("Film 150 (1980): predicted ")
    page.bar.least.setValue(70)
    reader.settle()
    assert "The filter rules it out: it has" in page.why.text() or "has rated it already" in page.why.text()


def test_it_follows_training(reader: Reader) -> None:
    before = list(reader.column("Prediction"))
    reader.driver.train("train.steps5")
    reader.settle()
    reader.driver.qtbot.waitUntil(
        lambda: (
            reader.page.answer is not None
            and reader.page.answer.question.reading.factors
            is reader.window.session.sheet(reader.window.session.active).factors
        )
    )
    assert reader.column("Title") == reader.expected(1, 10)
    assert reader.column("Prediction") != before


def test_a_double_click_leads_to_the_sheet(reader: Reader) -> None:
    movie = int(reader.page.answer.listed.movies[1])  # type: ignore[union-attr]
    reader.page.table.row_activated.emit(1)
    assert reader.window.explore.current == ""
    assert reader.window.explore.pages["recommend"] is reader.page
    view = reader.driver.view
    block = view.block
    assert block.movie(view.currentIndex().column()) == movie


def test_the_list_is_copied(reader: Reader) -> None:
    reader.driver.trigger("edit.copy")
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:3] == ["#", "Title", "Prediction"]


def test_evaluating_lists_opens_the_window_that_evaluates(reader: Reader) -> None:
    QTest.mouseClick(reader.page.evaluate, Qt.MouseButton.LeftButton)
    dialog = reader.window.trials.evaluation
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()


def test_everyone_gets_a_file(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(tmp_path / "all"), "CSV (*.csv)"))
    said: list[tuple[str, bool]] = []
    reader.page.said.connect(lambda words, problem: said.append((words, problem)))
    reader.page.bar.n.setValue(3)
    reader.page.bar.least.setValue(8)
    QTest.mouseClick(reader.page.everyone.button, Qt.MouseButton.LeftButton)
    assert reader.page.everyone.button.text() == "Cancel"
    reader.driver.qtbot.waitUntil(lambda: not reader.page.everyone.work.working)
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows if row["user"] == "5"] == reader.expected(5, 3, MovieFilter(min_ratings=8))
    assert said[-1][0].startswith("all.csv: 30 lists: coverage ")
    assert reader.page.everyone.button.text() == "For everyone…"
    assert not reader.page.everyone.bar.isVisible()


def test_writing_for_everyone_can_be_cancelled(reader: Reader, tmp_path: Path) -> None:
    page = reader.page
    assert page.answer is not None
    said: list[str] = []
    page.said.connect(lambda words, _problem: said.append(words))
    page.everyone.write(tmp_path / "r.xlsx", "", page.answer.question.reading, page.answer.recommender, page.bar.wish())
    QTest.mouseClick(page.everyone.button, Qt.MouseButton.LeftButton)
    reader.driver.qtbot.waitUntil(lambda: bool(said))
    assert said[-1] in ("Cancelled: no file was written.",) or (tmp_path / "r.xlsx").exists()
    assert len(list(tmp_path.glob("*r.xlsx*"))) <= 1


def test_all_can_be_reached_by_key_and_is_named(reader: Reader) -> None:
    page = reader.page
    for field in (page.bar.n, page.bar.least, page.bar.first, page.bar.diversity, page.table, page.near, page.reasons):
        assert field.accessibleName()
    for widget in (page.bar.n, page.bar.least, page.bar.first, page.bar.diversity, page.bar.genres, page.evaluate):
        assert widget.toolTip()
    for key, field in (
        (Qt.Key.Key_T, page.bar.n),
        (Qt.Key.Key_L, page.bar.least),
        (Qt.Key.Key_Y, page.bar.first),
        (Qt.Key.Key_D, page.bar.diversity),
        (Qt.Key.Key_U, page.bar.user.edit),
        (Qt.Key.Key_W, page.asked.edit),
    ):
        QTest.keyClick(page.table, key, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
        assert focused() is field, field.accessibleName()


def focused() -> QWidget | None:
    return QApplication.focusWidget()


def test_it_fits_beside_the_loss_plot(reader: Reader) -> None:
    assert reader.page.minimumSizeHint().width() <= 890
    assert reader.page.minimumSizeHint().height() <= 600


def test_both_looks(reader: Reader, qapp: QApplication, qtbot: QtBot) -> None:
    for name, theme in (("dark", DARK), ("light", LIGHT)):
        set_theme_override(name)
        apply_theme(qapp)
        reader.page.apply_theme(theme)
        picture = reader.page.grab().toImage()
        assert count(picture, theme.accent) > 300
        assert count(picture, theme.text) > 300
