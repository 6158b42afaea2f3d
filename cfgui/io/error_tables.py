"""Errors by user and by movie as CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfgui.core.metrics import GroupErrors
from cfgui.core.split import Split
from cfgui.io.atomic import atomic_write
from cfgui.io.value_arrays import id_array, number_array, taken, text_array, whole_array
from cfgui.io.value_files import fill_csv
from cfgui.io.value_tables import Advance, ValueTable

if TYPE_CHECKING:
    import pyarrow as pa


def write_user_errors(split: Split, errors: GroupErrors, path: Path) -> None:
    """user, n_ratings, n_held_out (of these), mse, rmse, mae, mean_residual of each user with a held-out rating.

    Atomic; raises SaveError where the file cannot be written.
    """
    counts = split.train.user_counts + split.held_out.user_counts
    _write("user", {"user": id_array(split.train.user_ids)}, counts, errors, path)


def write_movie_errors(split: Split, errors: GroupErrors, path: Path) -> None:
    """The same for movies, with the title after the id."""
    train, counts = split.train, split.train.movie_counts + split.held_out.movie_counts
    titles = text_array([train.titles.get(raw_id) or None for raw_id in train.movie_ids])
    _write("movie", {"movie": id_array(train.movie_ids), "title": titles}, counts, errors, path)


def _write(
    name: str, labels: dict[str, pa.Array], n_ratings: NDArray[np.int64], errors: GroupErrors, path: Path
) -> None:
    import pyarrow as pa

    chosen = np.flatnonzero(errors.counts > 0)
    columns = {column: taken(array, chosen) for column, array in labels.items()}
    columns |= {"n_ratings": whole_array(n_ratings[chosen]), "n_held_out": whole_array(errors.counts[chosen])}
    numbers = {"mse": errors.mse, "rmse": errors.rmse, "mae": errors.mae, "mean_residual": errors.mean}
    columns |= {column: number_array(values[chosen]) for column, values in numbers.items()}
    batch = pa.record_batch(columns)

    def batches(_advance: Advance) -> Iterator[pa.RecordBatch]:
        yield batch

    with atomic_write(path) as temporary:
        fill_csv(ValueTable(name, batch.schema, len(chosen), 1, batches), temporary, lambda _n: None)
