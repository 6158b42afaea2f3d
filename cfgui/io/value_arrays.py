"""Numbers and texts as pyarrow arrays, made of their bytes: ``pyarrow.array`` would load pandas, only to ask it.

Loading pandas takes a quarter of a second, some of it with Python's lock held, and nothing here needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfgui.io.cell_text import MAX_EXACT_INTEGER
from cfgui.io.table_options import TableError

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 5_000
"""Texts encoded between two chances for the window's thread, in a millisecond."""

_CANONICAL = r"^(0|-?[1-9][0-9]{0,15})$"
"""Whole numbers that come back as the same text."""

_UNWRITABLE = "[\\x00-\\x08\\x0b-\\x1f\\x7f\\x{fffe}\\x{ffff}]"
"""As in ``cell_text``, in the words of pyarrow's expressions; lone surrogates go with the encoding."""


def number_array(numbers: NDArray[Any]) -> pa.Array:
    """Numbers as double, null where they are not finite."""
    import pyarrow as pa

    wide = np.ascontiguousarray(numbers, dtype=np.float64)
    return _from_buffers(pa.float64(), wide, np.isfinite(wide))


def whole_array(numbers: NDArray[Any], there: NDArray[np.bool_] | None = None) -> pa.Array:
    """Whole numbers as int64, null where ``there`` says so."""
    import pyarrow as pa

    return _from_buffers(pa.int64(), np.ascontiguousarray(numbers, dtype=np.int64), there)


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Texts without the characters that files cannot hold (``cell_text.writable``); None stays null.

    Raises TableError beyond 2 GB.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    parts: list[bytes] = []
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    for start in range(0, len(texts), _AT_ONCE):
        encoded = [(text or "").encode("utf-8", "ignore") for text in texts[start : start + _AT_ONCE]]
        offsets[start + 1 : start + 1 + len(encoded)] = [len(text) for text in encoded]
        parts.append(b"".join(encoded))
    np.cumsum(offsets, out=offsets)
    if offsets[-1] >= 2**31:
        raise TableError(
            "The ids or titles are more than 2 GB of text, too much for one export: export a part of them."
        )
    there = np.array([text is not None for text in texts], dtype=np.bool_)
    places, data = pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(b"".join(parts))
    array = pa.Array.from_buffers(pa.string(), len(texts), [_bits(there), places, data])
    return pc.replace_substring_regex(array, _UNWRITABLE, "")


def text_scalar(text: str) -> pa.Scalar:
    """One text for a pyarrow function, which would make one of plain text by ``pyarrow.scalar`` and load pandas too."""
    return text_array([text])[0]


def id_array(ids: Sequence[str]) -> pa.Array:
    """Ids as int64 where every one is a whole number up to 2**53 that comes back as the same text, else text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = text_array(ids)
    if len(texts) and pc.all(pc.match_substring_regex(texts, _CANONICAL)).as_py():
        numbers = texts.cast(pa.int64())
        if pc.max(pc.abs(numbers)).as_py() <= MAX_EXACT_INTEGER:
            return numbers
    return texts


def taken(array: pa.Array, indices: NDArray[Any]) -> pa.Array:
    """The elements of ``array`` at ``indices``."""
    return array.take(whole_array(indices))


def _from_buffers(kind: pa.DataType, numbers: NDArray[Any], there: NDArray[np.bool_] | None = None) -> pa.Array:
    import pyarrow as pa

    validity = None if there is None else _bits(there)
    return pa.Array.from_buffers(kind, len(numbers), [validity, pa.py_buffer(numbers)])


def _bits(there: NDArray[np.bool_]) -> pa.Buffer | None:
    """A bitmap of what is not null, None where nothing is."""
    import pyarrow as pa

    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
