"""Find rate on the real window: the sweep, the suggestion, choosing another rate, and why there is none."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cfgui.app.rate_job import RateJob
from cfgui.app.turnstile import TURNSTILE
from cfgui.core.lr_finder import RateFinding, find_rate
from cfgui.gui.rate_finder_dialog import STALE, RateFinderDialog
from cfgui.gui.theme import DARK, LIGHT
from tests.gui.conftest import Driver


def opened(driver: Driver) -> RateFinderDialog:
    """The dialog, at work."""
    driver.trigger("train.find_rate")
    dialog = driver.window.trials.rates
    assert dialog is not None
    return dialog


def found(driver: Driver) -> RateFinderDialog:
    """The dialog, done."""
    dialog = opened(driver)
    driver.qtbot.waitUntil(lambda: not dialog.working, timeout=20_000)
    return dialog


def test_it_finds_marks_and_offers_a_rate(driver: Driver) -> None:
    session = driver.window.session
    before = session.state
    dialog = found(driver)
    expected = find_rate(session.ratings, session.sheet("dot").factors, session.hyperparameters)
    assert dialog.words.text() == expected.sentence
    assert dialog.title.text() == "Gradient descent on dotprod"
    assert dialog.plot.rate == expected.suggestion
    assert dialog.plot.mark.isVisible()
    assert len(dialog.plot.curve.xData) == len(expected.rates)
    assert dialog.use_button.text() == f"&Use {expected.suggestion:g}"
    assert session.state is before
    dialog.use_button.click()
    assert session.hyperparameters.rate == expected.suggestion
    assert driver.window.choices.fields["learning_rate"].value() == expected.suggestion
    assert not dialog.isVisible()
    assert session.state is before


@pytest.mark.parametrize("model", ["bias", "neural", "ordinal"])
def test_it_works_for_every_model(driver: Driver, model: str) -> None:
    driver.trigger(f"view.sheet_{model}")
    dialog = found(driver)
    assert dialog.title.text() == f"Gradient descent on {model}"
    assert dialog.use_button.isEnabled()


@pytest.mark.parametrize("optimizer", ["als", "gibbs"])
def test_optimizers_without_a_rate_say_why(driver: Driver, optimizer: str) -> None:
    driver.window.training.choose("optimizer", optimizer)
    dialog = found(driver)
    assert "finds out by itself how far to move" in dialog.words.text()
    assert not dialog.use_button.isEnabled()
    assert not dialog.plot.mark.isVisible()


def test_another_rate_can_be_chosen(driver: Driver) -> None:
    dialog = found(driver)
    suggested = dialog.plot.rate
    assert suggested is not None
    dialog.plot.setFocus()
    QTest.keyClick(dialog.plot, Qt.Key.Key_Left)
    smaller = dialog.plot.rate
    assert smaller is not None
    assert suggested / 1.5 < smaller < suggested
    assert dialog.use_button.text() == f"&Use {smaller:g}"
    for _ in range(200):
        QTest.keyClick(dialog.plot, Qt.Key.Key_Left)
    assert dialog.plot.rate == 1e-7
    QTest.keyClick(dialog.plot, Qt.Key.Key_Right)
    dialog.use_button.click()
    assert driver.window.session.hyperparameters.rate == 1.2e-7


def test_a_click_chooses_the_rate_below_it(driver: Driver) -> None:
    dialog = found(driver)
    box = dialog.plot.plot.getViewBox()
    place = box.mapViewToScene(box.viewRect().center())
    QTest.mouseClick(dialog.plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    driver.qtbot.waitUntil(lambda: dialog.plot.rate is not None and 1e-4 < dialog.plot.rate < 1e-2)


def test_a_run_is_paused_for_it(driver: Driver) -> None:
    driver.trigger("train.run")
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > 3, timeout=10_000)
    dialog = opened(driver)
    assert not driver.window.bridge.running
    assert "paused to look for a rate" in driver.window.messages.label.text()
    driver.qtbot.waitUntil(lambda: not dialog.working, timeout=20_000)


def test_what_was_found_is_not_for_other_choices(driver: Driver) -> None:
    dialog = found(driver)
    driver.window.training.choose("weight_decay", 0.01)
    assert dialog.use_button.isEnabled()
    driver.window.training.choose("optimizer", "adam")
    assert dialog.words.text() == STALE
    assert not dialog.use_button.isEnabled()
    dialog.again_button.click()
    driver.qtbot.waitUntil(lambda: not dialog.working, timeout=20_000)
    assert dialog.title.text() == "Adam on dotprod"
    assert dialog.use_button.isEnabled()


class SlowJob(RateJob):
    """Waits until it is let go or cancelled."""

    go = threading.Event()

    def work(self, report, cancelled) -> RateFinding:
        while not self.go.wait(0.005) and not cancelled():
            TURNSTILE.pass_through()
        return super().work(report, cancelled)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    SlowJob.go.clear()
    monkeypatch.setattr("cfgui.app.rate_job.RateJob", SlowJob)
    return SlowJob.go


def test_it_can_be_cancelled(driver: Driver, slow: threading.Event) -> None:
    dialog = opened(driver)
    assert dialog.working
    assert dialog.close_button.text() == "&Cancel"
    assert not dialog.again_button.isEnabled()
    dialog.close_button.click()
    driver.qtbot.waitUntil(lambda: not dialog.working)
    assert dialog.isVisible()
    assert dialog.words.text() == "Stopped."
    assert dialog.close_button.text() == "&Close"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_asked_again_it_begins_again(driver: Driver, slow: threading.Event) -> None:
    dialog = opened(driver)
    driver.window.training.choose("optimizer", "adam")
    driver.trigger("train.find_rate")
    slow.set()
    driver.qtbot.waitUntil(lambda: not dialog.working and dialog.plot.rate is not None, timeout=20_000)
    assert dialog.title.text() == "Adam on dotprod"


def test_closing_ends_the_work(driver: Driver, slow: threading.Event) -> None:
    dialog = opened(driver)
    dialog.close()
    driver.qtbot.waitUntil(lambda: not dialog.working)
    driver.trigger("train.find_rate")
    assert dialog.working
    driver.window.close()
    assert not dialog.working


def test_without_ratings_it_says_so(driver: Driver) -> None:
    driver.select("H19")
    view = driver.window.page.views["ratings"]
    view.selectAll()
    view.setFocus()
    driver.trigger("edit.clear")
    driver.trigger("train.find_rate")
    assert driver.window.trials.rates is None
    assert "no ratings to train on" in driver.window.messages.label.text()


def test_it_takes_both_looks(driver: Driver) -> None:
    dialog = found(driver)
    for theme in (LIGHT, DARK):
        dialog.apply_theme(theme)
        image = dialog.plot.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(60, image.width(), 3) for y in range(image.height())}
        assert theme.plot_background.name() in colours
        assert theme.edit_text.name() in colours
