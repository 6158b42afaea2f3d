"""The turnstile: background work waits while the window holds it, and never for ever."""

from __future__ import annotations

import threading
import time

from cfgui.app.turnstile import Turnstile


def passing(turnstile: Turnstile) -> tuple[threading.Thread, threading.Event]:
    """A thread that passes through once, and the event it then sets."""
    passed = threading.Event()

    def work() -> None:
        turnstile.pass_through()
        passed.set()

    thread = threading.Thread(target=work)
    thread.start()
    return thread, passed


def test_open_it_lets_through_at_once() -> None:
    began = time.perf_counter()
    turnstile = Turnstile()
    for _ in range(10_000):
        turnstile.pass_through()
    assert time.perf_counter() - began < 0.5


def test_held_it_makes_all_wait_until_it_is_let_go() -> None:
    turnstile = Turnstile()
    with turnstile.held():
        waiting = [passing(turnstile) for _ in range(3)]
        assert not any(passed.wait(0.05) for _, passed in waiting)
    assert all(passed.wait(5.0) for _, passed in waiting)
    for thread, _ in waiting:
        thread.join()


def test_held_twice_it_opens_with_the_last() -> None:
    turnstile = Turnstile()
    with turnstile.held():
        with turnstile.held():
            pass
        thread, passed = passing(turnstile)
        assert not passed.wait(0.05)
    assert passed.wait(5.0)
    thread.join()


def test_an_error_lets_it_go() -> None:
    turnstile = Turnstile()
    try:
        with turnstile.held():
            raise KeyError
    except KeyError:
        began = time.perf_counter()
        turnstile.pass_through()
    assert time.perf_counter() - began < 0.5


def test_nobody_waits_for_ever() -> None:
    turnstile = Turnstile()
    with turnstile.held():
        began = time.perf_counter()
        turnstile.pass_through()
        assert 0.9 < time.perf_counter() - began < 5.0
