"""Factors for the Embedding Projector: a .tsv of vectors without a header, and a .tsv about them with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cfgui.io.table_options import TableError
from cfgui.io.value_arrays import text_scalar
from cfgui.io.value_files import guarded
from cfgui.io.value_tables import Advance, ValueTable

if TYPE_CHECKING:
    import pyarrow as pa

LABELS = ("title", "id", "genres", "facts", "n_ratings", "mean_rating", "bias")
"""Columns about a vector, in this order; the Projector labels points by the first one there is."""


def fill_projector(table: ValueTable, vectors: Path, labels: Path, advance: Advance) -> None:
    """Write the factors of a user or movie table as vectors, and the rest of it as labels, row beside row.

    A movie without a title is labelled by its id; tabs and line ends in text become blanks, and text is guarded as in
    CSV. Raises TableError where a factor is not a finite number: the Projector knows no empty one.
    """
    import pyarrow as pa
    from pyarrow import csv

    names = table.schema.names
    factors = [name for name in names if name.startswith("factor_")]
    about = [name for name in LABELS if name in names]
    schema = pa.schema([table.schema.field(name) for name in factors])
    options = csv.WriteOptions(include_header=False, delimiter="\t")
    with (
        pa.OSFile(str(vectors), "wb") as vector_sink,
        pa.OSFile(str(labels), "wb") as label_sink,
        csv.CSVWriter(vector_sink, schema, write_options=options) as writer,
    ):
        label_sink.write(("\t".join(about) + "\n").encode())
        for batch in table.batches(advance):
            part = batch.select(factors)
            if any(column.null_count for column in part.columns):
                raise TableError(
                    f"Some factors of the {table.name} are not finite numbers, which the Embedding Projector cannot"
                    " show: reset the weights, or choose CSV."
                )
            writer.write_batch(part)
            label_sink.write(_label_lines(batch, about))


def _label_lines(batch: pa.RecordBatch, about: list[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for name in about:
        column = batch.column(name)
        if name == "title":
            column = pc.coalesce(column, batch.column("id").cast(pa.string()))
        columns.append(pc.fill_null(column.cast(pa.string()), text_scalar("")))
    texts = guarded(pa.record_batch(columns, names=about))
    clean = [pc.replace_substring_regex(column, r"[\t\r\n]+", " ") for column in texts.columns]
    lines = pc.binary_join_element_wise(*clean, text_scalar("\t")).to_pylist()
    return "".join(f"{line}\n" for line in lines).encode()
