"""The rounds of simulations as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cfgui.core.ratings import Floats
from cfgui.io.atomic import atomic_write
from cfgui.io.table_options import TableError, never, no_report
from cfgui.io.value_arrays import number_array, text_array, whole_array
from cfgui.io.value_files import fill_csv, fill_parquet
from cfgui.io.value_progress import ExportProgress
from cfgui.io.value_tables import Advance, ValueTable
from cfgui.io.value_workbook import fill_value_workbook, workbook_steps

if TYPE_CHECKING:
    import pyarrow as pa

ROUND_FORMATS = (".csv", ".xlsx", ".parquet")
"""The endings ``write_rounds`` understands."""

WHOLE = ("round", "n_ratings", "n_new")
"""Columns of whole numbers."""


def write_rounds(columns: Mapping[str, Floats | list[str]], path: Path) -> None:
    """Write columns of equal length: texts, whole numbers (``WHOLE``) and numbers, empty where not finite.

    Names are the program's own. The file is whole or untouched. Raises TableError for another ending than
    ``ROUND_FORMATS``, and SaveError.
    """
    kind = path.suffix.lower()
    if kind not in ROUND_FORMATS:
        raise TableError(f"{path.name} cannot be written: its name must end in {', '.join(ROUND_FORMATS)}.")
    table = round_table(columns)
    with atomic_write(path) as temporary:
        if kind == ".xlsx":
            progress = ExportProgress(workbook_steps([table]), no_report, never)
            fill_value_workbook([table], temporary, progress, name=path.name)
        else:
            (fill_csv if kind == ".csv" else fill_parquet)(table, temporary, lambda _n: None)


def round_table(columns: Mapping[str, Floats | list[str]]) -> ValueTable:
    """The columns as a table of values."""
    import pyarrow as pa

    batch = pa.record_batch({name: _array(name, values) for name, values in columns.items()})

    def batches(advance: Advance) -> Iterator[pa.RecordBatch]:
        yield batch
        advance(batch.num_rows)

    return ValueTable("rounds", batch.schema, batch.num_rows, batch.num_rows, batches)


def _array(name: str, values: Floats | list[str]) -> pa.Array:
    if isinstance(values, list):
        return text_array(values)
    return whole_array(values.astype(np.int64)) if name in WHOLE else number_array(values)
