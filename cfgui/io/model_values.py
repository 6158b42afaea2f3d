"""What a prediction needs besides the tables of users and movies, as a table of values: layers, range, mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats
from cfgui.io.value_arrays import number_array, text_array, whole_array
from cfgui.io.value_tables import BATCH_CELLS, Advance, ValueTable

if TYPE_CHECKING:
    import pyarrow as pa


def has_model_table(factors: Factors) -> bool:
    """Whether there is anything to say besides the tables of users and movies."""
    return bool(factors.layers or factors.global_mean) or factors.range.kind != "none"


def model_table(factors: Factors) -> ValueTable:
    """name, row, column, value: one line for each number, rows and columns counted from 1, null where it has none.

    Names are ``global_mean``, ``range.sigmoid.low`` and ``range.sigmoid.high`` (or clip, tanh), ``class`` (column: the
    output that stands for this rating), ``layer1.weights`` (row: the input, column: the unit), ``layer1.bias`` and so
    on.
    """
    import pyarrow as pa

    schema = pa.schema({"name": pa.string(), "row": pa.int64(), "column": pa.int64(), "value": pa.float64()})
    tables = list(_named_tables(factors))
    n_rows = sum(table.size for _, table in tables)

    def batches(advance: Advance) -> Iterator[pa.RecordBatch]:
        for name, table in tables:
            for start in range(0, table.size, BATCH_CELLS // len(schema)):
                places = np.arange(start, min(start + BATCH_CELLS // len(schema), table.size))
                yield pa.record_batch(_columns(name, table, places), schema=schema)
                advance(len(places))

    return ValueTable("model", schema, n_rows, n_rows, batches)


def _named_tables(factors: Factors) -> Iterator[tuple[str, Floats]]:
    """Each name with its numbers: (), (columns,) or (rows, columns)."""
    if factors.global_mean:
        yield "global_mean", np.array(factors.global_mean)
    if factors.range.kind != "none":
        yield f"range.{factors.range.kind}.low", np.array(factors.range.low)
        yield f"range.{factors.range.kind}.high", np.array(factors.range.high)
    if factors.classes:
        yield "class", np.array(factors.classes)
    for number, layer in enumerate(factors.layers, start=1):
        yield f"layer{number}.weights", layer.weights
        yield f"layer{number}.bias", layer.bias


def _columns(name: str, table: Floats, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[pa.Array]:
    """The four columns for the numbers at ``places`` of a table, counted row by row."""
    width = table.shape[-1] if table.ndim else 1
    has = [np.full(len(places), table.ndim >= n) for n in (2, 1)]
    return [
        text_array([name] * len(places)),
        whole_array(places // width + 1, has[0]),
        whole_array(places % width + 1, has[1]),
        number_array(table.reshape(-1)[places]),
    ]
