"""Value tables as CSV and Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.io.value_arrays import text_scalar
from cfgui.io.value_tables import Advance, ValueTable

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_CELLS = 1_000_000
"""Cells of a Parquet row group: 8 MB, written in less than a tenth of a second."""

_LIVE = r"^'*[=+\-@\t\r]"
"""What a spreadsheet would take for a formula, and what would be mistaken for such a text with its guard."""
_NUMBER = r"^-?[0-9]+([.][0-9]+)?$"


def fill_csv(table: ValueTable, path: Path, advance: Advance) -> None:
    """Write a table as CSV, UTF-8, fields separated by commas, text in quotation marks, numbers with all their digits.

    Text that begins with ``= + - @`` or a tab gets one ``'`` in front, unless it is a number, for a spreadsheet would
    calculate it; so does text that begins with ``'`` before one of these. A reader takes one away again.
    """
    import pyarrow as pa
    from pyarrow import csv

    with pa.OSFile(str(path), "wb") as sink:
        sink.write((",".join(table.schema.names) + "\n").encode())
        options = csv.WriteOptions(include_header=False)
        with csv.CSVWriter(sink, table.schema, write_options=options) as writer:
            for batch in table.batches(advance):
                writer.write_batch(guarded(batch))


def guarded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with every text that a spreadsheet would calculate behind a ``'``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    quote, nothing = text_scalar("'"), text_scalar("")

    def guard(column: pa.Array) -> pa.Array:
        if not pa.types.is_string(column.type):
            return column
        live = pc.match_substring_regex(column, _LIVE)
        live = pc.and_(live, pc.invert(pc.match_substring_regex(column, _NUMBER)))
        return pc.if_else(live, pc.binary_join_element_wise(quote, column, nothing), column)

    return pa.record_batch([guard(column) for column in batch.columns], schema=batch.schema)


def fill_parquet(table: ValueTable, path: Path, advance: Advance) -> None:
    """Write a table as Parquet (zstd), numbers as double, whole numbers and ids that are such as int64."""
    import pyarrow as pa
    from pyarrow import parquet

    size = max(ROW_GROUP_CELLS // len(table.schema), 1)
    # A dictionary of numbers that are all different only makes the file larger.
    repeated = [name for name in table.schema.names if not name.startswith(("factor_", "prediction"))]
    with parquet.ParquetWriter(str(path), table.schema, compression="zstd", use_dictionary=repeated) as writer:
        waiting: list[pa.RecordBatch] = []
        n_waiting = 0
        for batch in table.batches(advance):
            waiting.append(batch)
            n_waiting += batch.num_rows
            if n_waiting >= size:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting, n_waiting = [], 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))
