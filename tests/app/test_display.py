"""Whether an X server answers, against a real one and against none."""

from __future__ import annotations

import socket

import pytest

from cfgui.app import display
from cfgui.app.display import has_display


def test_a_running_server_answers(xvfb: str) -> None:
    assert has_display(xvfb)
    assert has_display(f"{xvfb}.0")
    assert has_display(f"unix{xvfb}")


@pytest.mark.parametrize("name", ["", ":", ":54321", "nonsense", "localhost:59999", ":1x"])
def test_nothing_answers_where_nothing_is(name: str) -> None:
    assert not has_display(name)


def test_a_forwarded_display_is_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(display, "X11_PORT", port - 10)
        assert has_display("127.0.0.1:10.0")
        assert not has_display("127.0.0.1:11.0")
