"""LatestWork: of several questions the newest is answered, one after another, and nothing is left at the end."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from cfgui.gui.latest_work import LatestWork


def test_an_answer_comes_to_the_thread_of_the_window(qtbot: QtBot) -> None:
    work, got = LatestWork(), []
    busy: list[bool] = []
    work.busy.connect(busy.append)
    work.begin(lambda _: threading.current_thread(), lambda thread: got.append((thread, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(got))
    thread, here = got[0]
    assert thread is not here
    assert here is threading.main_thread()
    assert busy == [True, False]


def test_the_newest_wins_and_one_works_at_a_time(qtbot: QtBot) -> None:
    work, got, started = LatestWork(), [], []
    gate = threading.Event()

    def slow(name: str) -> str:
        started.append(name)
        gate.wait(10)
        return name

    for name in ("first", "second", "third"):
        work.begin(lambda _, name=name: slow(name), got.append)
    assert started == ["first"]
    gate.set()
    qtbot.waitUntil(lambda: bool(got))
    assert (started, got) == (["first", "third"], ["third"])
    assert not work.working


def test_old_work_is_asked_to_end(qtbot: QtBot) -> None:
    work, got, seen = LatestWork(), [], []

    def until_cancelled(cancelled) -> None:  # type: ignore[no-untyped-def]
        while not cancelled():
            threading.Event().wait(0.001)
        seen.append("cancelled")

    work.begin(until_cancelled, got.append)
    work.begin(lambda _: "new", got.append)
    qtbot.waitUntil(lambda: got == ["new"])
    assert seen == ["cancelled"]


def test_patient_news_lets_the_answer_in_hand_be_given(qtbot: QtBot) -> None:
    work, got = LatestWork(), []
    gate = threading.Event()

    def wait_and(name: str) -> str:
        gate.wait(10)
        return name

    for name in ("first", "second", "third"):
        work.begin(lambda _, name=name: wait_and(name), got.append, patient=True)
    gate.set()
    qtbot.waitUntil(lambda: not work.working)
    assert got == ["first", "third"]


def test_an_error_goes_to_whoever_asked(qtbot: QtBot) -> None:
    work, failed = LatestWork(), []

    def fail(_cancelled: object) -> None:
        raise ValueError("no such thing")

    work.begin(fail, lambda _: pytest.fail("there is no answer"), failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert str(failed[0]) == "no such thing"


def test_the_end_waits_for_the_thread_and_gives_no_answer(qtbot: QtBot) -> None:
    work, got = LatestWork(), []
    before = threading.active_count()

    def until_cancelled(cancelled) -> None:  # type: ignore[no-untyped-def]
        while not cancelled():
            threading.Event().wait(0.001)

    work.begin(until_cancelled, got.append)
    work.finish()
    assert threading.active_count() == before
    qtbot.wait(30)
    assert got == []
