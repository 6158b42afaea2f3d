"""The bar of reading and writing: drawn on a terminal, silent elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from cfgui.app.work_pace import WorkPace
from cfgui.cli import progress
from cfgui.io.table_options import Progress, no_report


class Terminal(io.StringIO):
    """Text to somebody who watches."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = [100.0], Terminal()
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setattr(progress, "REDRAW_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with progress.shown_work("reading", WorkPace(100_000_000, clock=lambda: now[0])) as report:
        report(Progress(0, 100_000_000, 0))
        now[0] += 2.0
        report(Progress(40_000_000, 100_000_000, 1_000_000))
    assert "reading" in said.getvalue()
    assert "1,000,000 rows · 500,000 rows/s · 20 MB/s · 3 s left" in said.getvalue()


def test_elsewhere_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown_work("reading", WorkPace()) as report:
        assert report is no_report
    assert capsys.readouterr().err == ""
