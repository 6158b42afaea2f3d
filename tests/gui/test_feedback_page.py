"""The page of feedback loops, driven as a person does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from cfgui.app.simulation_words import lesson, percent
from cfgui.core.feedback import simulate
from cfgui.core.feedback_options import FEEDBACK_OPTIONS, FeedbackChoices
from cfgui.core.feedback_world import planted_world
from cfgui.gui.feedback_page import INTRO, MOST_RUNS, FeedbackPage
from cfgui.gui.round_plot import RoundLine
from cfgui.gui.theme import DARK, LIGHT
from tests.gui.conftest import Driver

SMALL = FeedbackChoices(n_users=60, n_movies=40, rounds=4, enthusiasts=0.05)


@pytest.fixture
def page(driver: Driver) -> FeedbackPage:
    driver.trigger("explore.feedback")
    page = driver.window.explore.page
    assert isinstance(page, FeedbackPage)
    page.form.show_choices(SMALL)
    return page


def click(driver: Driver, button) -> None:
    assert button.isEnabled(), button.text()
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def play(driver: Driver, page: FeedbackPage, button=None) -> None:
    click(driver, button or page.simulate)
    driver.qtbot.waitUntil(lambda: not page.work.working and page.newest is not None, timeout=30_000)


def sentence(page: FeedbackPage) -> str:
    return page.sentence.text().replace("\N{NO-BREAK SPACE}", " ")


def column(page: FeedbackPage, title: str) -> list[float]:
    found = next(it for it in page.table.columns if it.title == title)
    return [float(value) for value in found.values]


def test_what_is_shown_before_anything_is_played(page):
    assert sentence(page) == INTRO
    assert page.simulate.isEnabled()
    for button in (page.stop, page.again, page.clear, page.save):
        assert not button.isEnabled()
    assert page.plots.genres.accessibleDescription() == "Nothing is drawn yet."


def test_the_numbers_of_a_simulation(driver, page):
    play(driver, page)
    reports = list(simulate(planted_world(SMALL), SMALL))
    assert column(page, "Their genre") == [it.favourite_share for it in reports]
    assert column(page, "Gini") == [it.gini for it in reports]
    assert column(page, "RMSE, truth") == [it.truth_rmse for it in reports]
    assert column(page, "Drama") == [it.genre_shares[4] for it in reports]
    main = {line.name: line.values.tolist() for plot in page.plots.all for line in plot.lines}
    assert main["Anime"] == [it.favourite_share for it in reports]
    assert main["Comedy"] == [it.genre_shares[2] for it in reports]
    assert main["coverage"] == [it.coverage for it in reports]
    assert main["truth"] == [it.truth_rmse for it in reports]
    assert sentence(page) == lesson(page.newest)
    assert "3 enthusiasts rate all 5 movies of Anime" in page.facts.text()
    first, last = (round(100 * it.favourite_share) for it in (reports[0], reports[-1]))
    assert f"Anime from {first} % to {last} %" in page.plots.genres.accessibleDescription()


def test_the_same_with_exploration_beside_it(driver, page):
    play(driver, page)
    before = column(page, "Their genre")
    assert page.again.text().replace("&", "") == "Same with exploration"
    play(driver, page, page.again)
    driver.qtbot.waitUntil(lambda: len(page.runs) == 2 and page.newest.complete)
    assert page.form.choices().exploration == 0.2
    earlier = [line for line in page.plots.genres.lines if line.role == "earlier"]
    assert [line.name for line in earlier] == ["no exploration"]
    assert earlier[0].values.tolist() == before
    ends = {label.toPlainText() for label in page.plots.genres.names if label.isVisible()}
    assert f"Anime {percent(page.newest.reports[-1].favourite_share)}" in ends
    (level,) = [line for line in page.plots.genres.lines if line.role == "level"]
    assert set(level.values.tolist()) == {page.newest.world.favourite_share}
    unequal = [line for line in page.plots.spread.lines if line.role == "earlier"]
    assert [line.like for line in unequal] == ["main", "second"]  # told apart by the colour of what they are like
    assert "Without exploration it was" in sentence(page)
    assert page.again.text().replace("&", "") == "Same without exploration"
    play(driver, page, page.again)
    assert page.form.choices() == SMALL
    assert column(page, "Their genre") == before


def test_stop_keeps_the_rounds_so_far(driver, page):
    page.form.show_choices(FeedbackChoices(rounds=200))
    click(driver, page.simulate)
    assert not page.simulate.isEnabled()
    driver.qtbot.waitUntil(lambda: page.newest is not None and len(page.newest.reports) > 1, timeout=30_000)
    click(driver, page.stop)
    n = len(page.newest.reports)
    assert 1 < n < 200
    assert page.simulate.isEnabled()
    assert not page.stop.isEnabled()
    assert len(column(page, "Gini")) >= n - 1
    assert page.save.isEnabled()


def test_old_simulations_go_and_clear_forgets_all(driver, page):
    for seed in range(MOST_RUNS + 2):
        page.form.show_choices(FeedbackChoices(n_users=20, n_movies=16, rounds=1, world_seed=seed))
        play(driver, page)
        driver.qtbot.waitUntil(lambda seed=seed: page.newest.choices.world_seed == seed)
    assert [run.choices.world_seed for run in page.runs] == list(range(2, MOST_RUNS + 2))
    assert not [line for line in page.plots.genres.lines if line.role == "earlier"]  # none is of the same world
    click(driver, page.clear)
    assert page.runs == []
    assert sentence(page) == INTRO
    assert not page.table.columns


def test_the_truth_of_the_open_sheet(driver, page):
    page.form.world.setCurrentIndex(1)
    page.form.world.activated.emit(1)
    play(driver, page)
    run = page.newest
    assert run.source == "the truth of dotprod"
    assert sentence(page).startswith("Factor ")
    assert (run.world.n_users, run.world.n_movies) == (15, 15)
    assert run.world.genres == tuple(f"factor {n}" for n in range(1, 6))
    genre = page.form.fields["genre"]
    assert [genre.itemText(row) for row in range(genre.count())] == ["few rate", *run.world.genres]


def test_a_genre_that_is_not_there_is_said(driver, page):
    page.form.fields["genre"].addItem("Western", "Western")
    page.form.fields["genre"].setCurrentText("Western")
    said = []
    page.said.connect(lambda words, problem: said.append((words, problem)))
    click(driver, page.simulate)
    driver.qtbot.waitUntil(lambda: bool(said))
    assert said[0][1]
    assert said[0][0].startswith("There is no genre 'Western'")
    assert page.simulate.isEnabled()


def test_rounds_are_saved(driver, page, tmp_path: Path):
    play(driver, page)
    said = []
    page.said.connect(lambda words, problem: said.append((words, problem)))
    page.saver.save(page.runs, tmp_path / "rounds.csv")
    driver.qtbot.waitUntil(lambda: bool(said))
    assert said == [("Saved as rounds.csv.", False)]
    assert len((tmp_path / "rounds.csv").read_text().splitlines()) == 5
    page.saver.save(page.runs, tmp_path / "nowhere" / "rounds.csv")
    driver.qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1][1]


def test_every_option_has_a_field_that_teaches_and_keeps_its_value(page):
    form = page.form
    assert set(form.fields) == {option.name for option in FEEDBACK_OPTIONS}
    for option in FEEDBACK_OPTIONS:
        assert form.fields[option.name].toolTip() == option.help
        assert form.fields[option.name].accessibleName() == option.label
    form.show_choices(FeedbackChoices())
    assert form.choices() == FeedbackChoices()
    other = FeedbackChoices(
        enthusiasts=0.025,
        genre="Drama",
        exploration_kind="thompson",
        exploration=0.35,
        debiasing="popularity",
        debiasing_strength=0.5,
        habit=0.05,
        rounds=7,
        response=0.45,
        n_users=90,
        world_seed=3,
    )
    form.show_choices(other)
    assert form.choices() == other


def test_more_choices_unfold(driver, page):
    assert not page.form.fields["noise"].isVisible()
    click(driver, page.form.more)
    assert page.form.fields["noise"].isVisible()
    assert page.form.fields["debiasing_strength"].isVisible()


def test_mnemonics_are_of_one_thing_each(driver, page):
    menus = [action.text() for action in driver.window.menuBar().actions()]
    buttons = [page.simulate, page.stop, page.again, page.clear, page.save, page.form.more]
    labels = [label.text() for label in page.form.findChildren(QLabel) if label.buddy() is not None]
    of_menus, own = (
        [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        for texts in (menus, [*(button.text() for button in buttons), *labels])
    )
    assert len(own) == len(set(own)), sorted(own)
    assert not set(own) & set(of_menus)


def test_both_looks(driver, page):
    play(driver, page)
    for theme in (LIGHT, DARK):
        page.apply_theme(theme)
        assert theme.muted.name() in page.facts.styleSheet()
        assert page.plots.genres.plot.backgroundBrush().color() == theme.plot_background
        assert column(page, "Gini") == [it.gini for it in page.newest.reports]


def test_closing_the_window_ends_a_simulation(driver, page):
    page.form.show_choices(FeedbackChoices(rounds=200))
    click(driver, page.simulate)
    driver.qtbot.waitUntil(lambda: page.newest is not None and bool(page.newest.reports), timeout=30_000)
    driver.window.close()
    assert not page.work.working


def test_names_at_the_ends_do_not_stand_on_each_other(driver, page):
    plot = page.plots.genres
    ends = {"main one": 0.3, "hidden": 0.301, "free": 0.6}
    roles = {"main one": "main", "hidden": "quiet", "free": "quiet"}
    plot.show_lines([RoundLine(name, np.array([0.1, end]), roles[name]) for name, end in ends.items()], 2)
    shown = {label.toPlainText() for label in plot.names if label.isVisible()}
    assert shown == {"main one 30 %", "free"}
    plot.show_lines([RoundLine("main one", np.array([0.1]), "main"), RoundLine("far", np.full(9, 0.1), "earlier")], 9)
    assert {label.toPlainText() for label in plot.names if label.isVisible()} == {"main one 10 %", "far 10 %"}
    (ticks,) = plot.plot.getPlotItem().getAxis("bottom")._tickLevels
    assert [words for _, words in ticks] == ["2", "4", "6", "8"]  # none under the names, behind round 9
    plot.show_lines([], 9)
    assert not [label for label in plot.names if label.isVisible()]
