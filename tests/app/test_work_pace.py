"""How fast work gets on, in words, by a clock of the test's own."""

from __future__ import annotations

import pytest

from cfgui.app.work_pace import WorkPace, duration_words, share, short_count, size_words
from cfgui.io.table_options import Progress


class Clock:
    """A clock that stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def paced(*reports: tuple[float, Progress], n_bytes: int = 0) -> str:
    """The words after these reports at these times."""
    clock = Clock()
    pace = WorkPace(n_bytes, clock=clock)
    for when, progress in reports:
        clock.now = when
        pace.observe(progress)
    return pace.words()


def test_nothing_is_said_before_the_first_report() -> None:
    assert WorkPace().words() == ""


def test_rows_bytes_and_time_left() -> None:
    """50 MB and 2,000,000 rows in 2 s of a file of 100 MB: 25 MB/s, and as long again."""
    words = paced((0.0, Progress(0, 10**8)), (2.0, Progress(5 * 10**7, 10**8, 2_000_000)), n_bytes=10**8)
    assert words == "2,000,000 rows · 1 M rows/s · 25 MB/s · 2 s left"


def test_bytes_are_said_only_where_progress_counts_them() -> None:
    words = paced((0.0, Progress(0, 1000)), (2.0, Progress(500, 1000, 500)), n_bytes=10**8)
    assert words == "500 rows · 250 rows/s · 2 s left"


def test_no_rate_from_a_moment() -> None:
    assert paced((0.0, Progress(0, 100)), (0.1, Progress(50, 100, 7))) == "7 rows"


def test_no_time_left_where_the_whole_is_not_known() -> None:
    assert paced((0.0, Progress(0, 0)), (1.0, Progress(50, 0, 1000))) == "1,000 rows · 1,000 rows/s"


def test_the_rate_is_the_one_of_the_last_seconds() -> None:
    """A slow first minute is forgotten: 10 done in 60 s, then 10 a second."""
    late = [(60.0 + second, Progress(10 + 10 * second, 100)) for second in range(5)]
    assert paced((0.0, Progress(0, 100)), *late) == "5 s left"  # 50 left at (50 - 10) / 4 s = 10 a second


@pytest.mark.parametrize(
    ("progress", "expected"),
    [(Progress(1, 4), 0.25), (Progress(5, 4), 1.0), (Progress(3, 0), None), (Progress(0, 4), 0.0)],
)
def test_share(progress: Progress, expected: float | None) -> None:
    assert share(progress) == expected


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (2_438_266, "2.4 MB"),
        (64_000, "64 kB"),
        (999_600, "1.0 MB"),
        (678_260_987, "678 MB"),
        (1_100_000_000, "1.1 GB"),
        (2_345_000_000_000, "2,345 GB"),
    ],
)
def test_sizes(n_bytes: float, words: str) -> None:
    assert size_words(n_bytes) == words


@pytest.mark.parametrize(
    ("number", "words"), [(950, "950"), (9_876, "9,876"), (98_321, "98,000"), (3_140_000, "3.14 M"), (2.5e9, "2,500 M")]
)
def test_counts(number: float, words: str) -> None:
    assert short_count(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (80, "1 min 20 s"), (3600, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
