"""Work in the background: its result, its error, its end when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cfgui.app.tasks import Task
from cfgui.io.table_options import Progress


def test_a_result_comes_back() -> None:
    release = threading.Event()

    def work(_cancelled: Callable[[], bool]) -> int:
        release.wait(5.0)
        return 42

    task = Task("counting", work)
    assert not task.done
    task.start()
    assert (task.done, task.result) == (False, None)
    release.set()
    task.join()
    assert (task.done, task.result, task.error, task.cancelled) == (True, 42, None, False)


def test_an_error_is_kept_for_the_window() -> None:
    def work(_cancelled: Callable[[], bool]) -> None:
        raise OSError("the disk is full")

    task = Task("saving", work)
    task.start()
    task.join()
    assert task.done
    assert isinstance(task.error, OSError)
    assert str(task.error) == "the disk is full"
    assert task.result is None


def test_asked_to_end_it_ends() -> None:
    started = threading.Event()

    def work(cancelled: Callable[[], bool]) -> str:
        started.set()
        while not cancelled():
            threading.Event().wait(0.001)
        return "cancelled"

    task = Task("long", work)
    task.start()
    assert started.wait(5.0)
    assert not task.done
    task.cancel()
    task.join()
    assert (task.done, task.cancelled, task.result) == (True, True, "cancelled")
    assert "long" not in {thread.name for thread in threading.enumerate()}


def test_the_newest_progress_is_there_to_be_looked_at() -> None:
    """A thousand reports leave one: the last."""

    def work(_cancelled: Callable[[], bool]) -> None:
        for done in range(1, 1001):
            task.report(Progress(done, 1000, 10 * done))

    task = Task("reading", work)
    assert task.progress is None
    task.start()
    task.join()
    assert task.progress == Progress(1000, 1000, 10_000)
