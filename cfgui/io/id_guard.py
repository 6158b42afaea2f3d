"""The mark that keeps a spreadsheet from calculating an id, taken away again."""

from __future__ import annotations

import re

_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def unguarded(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Ids without the one ``'`` that ``value_files.fill_csv`` puts before ``= + - @`` and before that mark itself.

    All stay as they are where two of them would become one.
    """
    if not any(_GUARDED.match(raw_id) for raw_id in ids):
        return ids
    plain = tuple(raw_id[1:] if _GUARDED.match(raw_id) else raw_id for raw_id in ids)
    return plain if len(set(plain)) == len(set(ids)) else ids
