"""Reading the weights that ``npz_export`` wrote: arrays only, never pickle, and every size checked before use."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors, Layer
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.io.table_options import TableError

MAX_BYTES = 8 << 30
"""Bytes the arrays may unpack to."""

RANGES = ("clip", "sigmoid", "tanh")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class KeptWeights:
    """The weights of one model with the ids of their rows."""

    user_ids: tuple[str, ...]
    movie_ids: tuple[str, ...]
    factors: Factors


def read_npz(path: Path) -> KeptWeights:
    """The weights in a file that ``write_factors`` wrote. Raises TableError, one plain sentence."""
    try:
        return _weights(_arrays(path))
    except OSError as error:
        raise TableError(
            f"{path.name} cannot be read: {error.strerror or error}. Check that you may open it."
        ) from error
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
        NotImplementedError,
    ) as error:
        raise TableError(
            f"{path.name} does not hold weights as cfgui writes them: choose an .npz file that was exported here."
        ) from error
    except MemoryError:
        raise TableError(f"{path.name} needs more memory than there is.") from None


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise ValueError("too large")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _weights(arrays: Arrays) -> KeptWeights:
    """Raises KeyError, ValueError or TypeError for arrays that do not belong together."""
    users, movies = _table(arrays, "user_factors", 2), _table(arrays, "movie_factors", 2)
    biased = "user_bias" in arrays or "movie_bias" in arrays
    user_bias = _table(arrays, "user_bias", 1) if biased else None
    movie_bias = _table(arrays, "movie_bias", 1) if biased else None
    layers: list[Layer] = []
    while f"layer{len(layers) + 1}.weights" in arrays:
        name = f"layer{len(layers) + 1}"
        layers.append(Layer(_table(arrays, f"{name}.weights", 2), _table(arrays, f"{name}.bias", 1)))
    classes = tuple(_table(arrays, "classes", 1).tolist()) if "classes" in arrays else ()
    factors = Factors(
        users, movies, user_bias, movie_bias, tuple(layers), classes, float(arrays["global_mean"]), _range(arrays)
    )
    user_ids, movie_ids = (tuple(str(raw_id) for raw_id in arrays[name]) for name in ("user_ids", "movie_ids"))
    _check(factors, len(user_ids), len(movie_ids), str(arrays["model"]))
    return KeptWeights(user_ids, movie_ids, factors.copy())


def _table(arrays: Arrays, name: str, n_dimensions: int) -> NDArray[np.float64]:
    table = np.asarray(arrays[name], dtype=np.float64)
    if table.ndim != n_dimensions:
        raise ValueError(name)
    return table


def _range(arrays: Arrays) -> RatingRange:
    kind, low, high = str(arrays["range"]), float(arrays["low"]), float(arrays["high"])
    if kind == "none":
        return NO_RANGE
    if kind not in RANGES or not low < high:
        raise ValueError(kind)
    return RatingRange(kind, low, high)


def _check(factors: Factors, n_user_ids: int, n_movie_ids: int, model: str) -> None:
    """Raise ValueError unless all sizes agree."""
    agree = [
        factors.model == model,
        factors.n_users == n_user_ids > 0,
        factors.n_movies == n_movie_ids > 0,
        min(factors.n_factors, factors.n_movie_factors) > 0,
        factors.user_bias is None or len(factors.user_bias) == n_user_ids,
        factors.movie_bias is None or len(factors.movie_bias) == n_movie_ids,
        bool(factors.layers) or factors.n_factors == factors.n_movie_factors,
    ]
    width = factors.n_factors + factors.n_movie_factors
    for layer in factors.layers:
        agree += [layer.weights.shape[0] == width, layer.weights.shape[1] == layer.bias.size]
        width = int(layer.bias.size)
    if factors.layers:
        agree.append(width == max(1, len(factors.classes)))
    if not all(agree):
        raise ValueError("sizes")
