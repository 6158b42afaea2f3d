"""numpy arrays from pyarrow's and back, without a copy.

pyarrow's own ``to_numpy`` and ``pa.array`` import pandas on first use, a third of a second that nothing here needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def numbers_of(array: pa.Array, dtype: type[np.generic]) -> NDArray[Any]:
    """The numbers of a pyarrow array whose type is just ``dtype``, read-only; anything may stand where it is null."""
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.empty(0, dtype=dtype)
    return np.frombuffer(data, dtype=dtype)[array.offset : array.offset + len(array)]


def flags_of(array: pa.Array) -> NDArray[np.bool_]:
    """The truth values of a pyarrow array without nulls."""
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.zeros(0, dtype=np.bool_)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=array.offset + len(array), bitorder="little")
    return bits[array.offset :].astype(np.bool_)


def whole_numbers(numbers: NDArray[np.int64]) -> pa.Array:
    """A pyarrow array of these numbers."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers))])


def flags(values: NDArray[np.bool_]) -> pa.Array:
    """A pyarrow array of these truth values."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(np.packbits(values, bitorder="little"))])
