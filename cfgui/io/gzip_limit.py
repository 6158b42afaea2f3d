"""How much a gzip file may unpack to."""

from __future__ import annotations

from cfgui.io.table_options import TableError
from cfgui.io.zip_member import MAX_RATIO, RATIO_MATTERS_ABOVE


def check_unpacked(name: str, n_unpacked: int, n_packed: int) -> None:
    """Raise TableError, one plain sentence, where so many bytes come of a file of ``n_packed``."""
    if n_unpacked > max(RATIO_MATTERS_ABOVE, MAX_RATIO * n_packed):
        raise TableError(
            f"{name} unpacks to more than {MAX_RATIO} times its size, which no table of ratings does: it was not"
            " opened. Choose another file."
        )
