"""A file that changes while it is being read gives a table that never was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cfgui.io.table_options import TableError


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise TableError at the end of the block when the file is another than at its beginning."""
    before = _state(path)
    yield
    if _state(path) != before:
        raise TableError(f"{path.name} changed while it was being read: open it again.")


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
