"""All factors of a model as numpy arrays in one .npz file, which loads without pickle."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Indices, Ratings
from cfgui.io.cell_text import writable
from cfgui.io.table_options import TableError
from cfgui.io.value_tables import Advance

BYTES_A_WRITE = 1 << 22
"""Written in one go: some 5 ms."""

MAX_ID_BYTES = 1 << 30
"""numpy gives every text of an array the room of the longest, 4 bytes a character."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def npz_arrays(
    ratings: Ratings, factors: Factors, *, users: Indices | None = None, movies: Indices | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays of the file by name.

    ``user_ids`` (n_users,) and ``movie_ids`` (n_movies,) unicode; ``user_factors`` (n_users, n_factors) and
    ``movie_factors`` (n_movies, n_movie_factors) float64; ``user_bias`` (n_users,) and ``movie_bias`` (n_movies,) in
    the bias model only; of a net ``layer1.weights`` (n_in, n_out), ``layer1.bias`` (n_out,) and so on, and of an
    ordinal net ``classes``, the rating of each output; and single values: ``model``, ``n_ratings`` and ``rating_mean``
    of all the ratings, ``global_mean``, which the bias model adds (0: none), ``range`` ("none", "clip", "sigmoid" or
    "tanh") and its ends ``low`` and ``high``. ``users`` and ``movies`` choose rows, in their order. Raises TableError
    for ids of a length that no such array can hold.
    """
    arrays: dict[str, NDArray[Any]] = {
        "model": np.array(factors.model),
        "n_ratings": np.array(ratings.n_ratings),
        "rating_mean": np.array(np.sum(ratings.values, dtype=np.float64) / max(ratings.n_ratings, 1)),
        "global_mean": np.array(factors.global_mean),
        "range": np.array(factors.range.kind),
        "low": np.array(factors.range.low),
        "high": np.array(factors.range.high),
        "user_ids": _id_array(ratings.user_ids, users),
        "movie_ids": _id_array(ratings.movie_ids, movies),
    }
    chosen_users: Indices | slice = slice(None) if users is None else users
    chosen_movies: Indices | slice = slice(None) if movies is None else movies
    part = factors.part(chosen_users, chosen_movies)
    arrays |= dict(zip(part.table_names, part.tables, strict=True))
    return arrays | ({"classes": np.array(factors.classes)} if factors.classes else {})


def fill_npz(arrays: dict[str, NDArray[Any]], path: Path, advance: Advance) -> None:
    """Write the arrays as ``np.savez`` does, telling ``advance`` of every few bytes; the same arrays, the same file."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            contiguous = np.ascontiguousarray(array).reshape(array.shape)
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _EPOCH), "w", force_zip64=True) as file:
                np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(contiguous))
                data = contiguous.reshape(-1).view(np.uint8).data
                for start in range(0, len(data), BYTES_A_WRITE):
                    part = data[start : start + BYTES_A_WRITE]
                    file.write(part)
                    advance(len(part))


def _id_array(ids: Sequence[str], chosen: Indices | None) -> NDArray[np.str_]:
    texts = [writable(text) for text in (ids if chosen is None else [ids[index] for index in chosen])]
    longest = max(map(len, texts), default=0)
    if 4 * longest * len(texts) > MAX_ID_BYTES:
        raise TableError(
            f"One id has {longest:,} characters, and an .npz file gives that much room to every id: choose Parquet."
        )
    return np.array(texts, dtype=f"<U{max(longest, 1)}")
