"""Texts as two arrays, their UTF-8 bytes one after another and where each ends: exact, quick, and without a limit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 5_000
"""Texts that are handled between two looks around, in a millisecond."""


def encode_texts(texts: Sequence[str], look: Callable[[], object]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(bytes, ends): text ``i`` ends before byte ``ends[i]``. ``look()`` is called now and then and may raise."""
    parts: list[bytes] = []
    lengths = np.empty(len(texts), dtype=np.int64)
    for start in range(0, len(texts), _AT_ONCE):
        # A text from a strange file may hold half of a surrogate pair, which plain UTF-8 refuses.
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts[start : start + _AT_ONCE]]
        lengths[start : start + len(encoded)] = [len(text) for text in encoded]
        parts.append(b"".join(encoded))
        look()
    return np.frombuffer(b"".join(parts), dtype=np.uint8), np.cumsum(lengths)


def decode_texts(data: NDArray[np.uint8], ends: NDArray[np.int64], look: Callable[[], object]) -> list[str]:
    """The texts of ``encode_texts``. Raises ValueError when the ends do not fit the bytes, or they are no UTF-8."""
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])
    if starts[-1] != len(data) or (len(ends) and int(np.diff(starts).min()) < 0):
        raise ValueError("texts do not end where they should")
    texts: list[str] = []
    for first in range(0, len(ends), _AT_ONCE):
        edges = starts[first : first + _AT_ONCE + 1]
        block = data[edges[0] : edges[-1]].tobytes()
        places = (edges - edges[0]).tolist()
        texts += [block[start:end].decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(places)]
        look()
    return texts
