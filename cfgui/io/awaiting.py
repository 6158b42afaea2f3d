"""Waiting for work in another thread with signs of life."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.03
"""So often, or more, ``tick`` is called."""


def awaited(future: Future[T], tick: Callable[[], object]) -> T:
    """What the work comes to; ``tick()`` is called meanwhile, and may raise."""
    while True:
        tick()
        try:
            return future.result(POLL_SECONDS)
        except NotYet:
            if future.done():  # it was the work itself that ran out of time
                raise


def done_aside(work: Callable[[], T], tick: Callable[[], object]) -> T:
    """``work()`` in a thread of its own, which has ended by the time this returns or raises."""
    with ThreadPoolExecutor(1, "cfgui-aside") as worker:
        return awaited(worker.submit(work), tick)
