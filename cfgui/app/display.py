"""Whether there is an X server to open a window on: Qt aborts the process where there is none."""

from __future__ import annotations

import re
import socket

X11_PORT = 6000
"""TCP port of display 0 of an X server."""

_SECONDS = 3.0


def has_display(name: str) -> bool:
    """Whether an X server answers at ``name``, the value of DISPLAY, such as ":0" or "localhost:10.0"."""
    match = re.fullmatch(r"(?P<host>[^:]*(?:/unix)?):(?P<number>\d+)(?:\.\d+)?", name.strip())
    if match is None:
        return name.startswith("/")  # macOS gives a socket's path; let Qt find out
    host, number = match["host"].removesuffix("/unix"), int(match["number"])
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, path) or _answers(socket.AF_UNIX, f"\0{path}")
    return _answers(socket.AF_INET, (host, X11_PORT + number))


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(address)
    except (OSError, OverflowError):
        return False
    return True
