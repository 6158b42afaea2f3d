"""Weights as members of an archive and back; what a head says of them is checked before there is memory for them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from cfgui.core.factors import Factors
from cfgui.core.models import MODELS
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.ratings import Ratings
from cfgui.core.structure import MAX_CLASSES
from cfgui.io.archive import Archive, ArchiveError, Array
from cfgui.io.head_values import is_finite

_LARGEST_END = OPTION_BY_NAME["high"].high
"""What an end of a rating range may be."""


def factors_members(factors: Factors, prefix: str) -> dict[str, Array]:
    """The members for the weights of one model."""
    return {f"{prefix}.{name}": table for name, table in zip(factors.table_names, factors.tables, strict=True)}


def read_factors(archive: Archive, prefix: str, ratings: Ratings, model: str, described: object) -> Factors:
    """The weights of a model under ``prefix``; ``described`` is their ``Factors.description``.

    None stands for the weights of "dot" or "bias" as earlier versions kept them, without a range. Raises ArchiveError
    where they do not fit the ratings, or are of another model.
    """
    description = _plain_description(archive, prefix, ratings, model) if described is None else described
    if not isinstance(description, dict):
        raise ArchiveError("weights that are not described")
    _check(description, ratings, model)
    shapes = [tuple(shape) for shape in description["shapes"]]
    names = _names(len(shapes), has_bias=description["has_bias"])
    tables = [archive.array(f"{prefix}.{name}", "<f8", shape) for name, shape in zip(names, shapes, strict=True)]
    return Factors.described(description, tables)


def _plain_description(archive: Archive, prefix: str, ratings: Ratings, model: str) -> dict[str, Any]:
    """The description of weights that came without one; the number of factors is that of the user table."""
    if MODELS[model].net:
        raise ArchiveError("a net without a description")
    n, m = ratings.n_users, ratings.n_movies
    n_factors = archive.array(f"{prefix}.user_factors", "<f8", (n, None)).shape[1]
    bias = MODELS[model].bias
    shapes = [[n, n_factors], [m, n_factors], *([[n], [m]] if bias else [])]
    return {"shapes": shapes, "has_bias": bias, "classes": [], "global_mean": 0.0, "range": ["none", 0.0, 0.0]}


def _names(n_tables: int, *, has_bias: bool) -> list[str]:
    """The names of so many tables, as ``Factors.table_names``."""
    names = ["user_factors", "movie_factors", *(["user_bias", "movie_bias"] if has_bias else [])]
    for number in range(1, (n_tables - len(names)) // 2 + 1):
        names += [f"layer{number}.weights", f"layer{number}.bias"]
    return names


def _check(description: Mapping[str, Any], ratings: Ratings, model: str) -> None:
    """Raise ArchiveError unless these are shapes and numbers that weights of this model can have."""
    has_bias, classes, mean = (description[name] for name in ("has_bias", "classes", "global_mean"))
    if has_bias is not MODELS[model].bias or not is_finite(mean) or (mean and not has_bias):
        raise ArchiveError("weights of another model")
    _check_range(description["range"])
    _check_classes(classes, model)
    _check_shapes(description["shapes"], ratings, model, max(len(classes), 1))


def _check_range(described: object) -> None:
    if not isinstance(described, list) or len(described) != 3:
        raise ArchiveError("no range")
    kind, low, high = described
    if kind not in OPTION_BY_NAME["range"].choices or not (is_finite(low) and is_finite(high)):
        raise ArchiveError("no range")
    if kind != "none" and not -_LARGEST_END <= low < high <= _LARGEST_END:
        raise ArchiveError("a range that does not rise")


def _check_classes(classes: object, model: str) -> None:
    if not isinstance(classes, list) or bool(classes) != (model == "ordinal") or len(classes) > MAX_CLASSES:
        raise ArchiveError("no list of classes")
    if not all(map(is_finite, classes)) or any(a >= b for a, b in pairwise(classes)):
        raise ArchiveError("classes that do not rise")


def _check_shapes(shapes: object, ratings: Ratings, model: str, n_outputs: int) -> None:
    """The tables must be those of the ratings, and each layer must take in what the one before gives."""
    if not isinstance(shapes, list) or len(shapes) < 2 or not all(map(_is_shape, shapes)):
        raise ArchiveError("no shapes")
    if any(len(shape) != 2 for shape in shapes[:2]):
        raise ArchiveError("no tables of factors")
    (n, k), (m, k_movies) = shapes[:2]
    kind, bias = MODELS[model], [[ratings.n_users], [ratings.n_movies]]
    if (n, m) != (ratings.n_users, ratings.n_movies):
        raise ArchiveError("weights of other ratings")
    if kind.net:
        _check_layers(shapes[2:], k + k_movies, n_outputs)
    elif k != k_movies or shapes[2:] != (bias if kind.bias else []):
        raise ArchiveError("weights of another model")


def _check_layers(shapes: list[list[int]], width: int, n_outputs: int) -> None:
    if not shapes or len(shapes) % 2:
        raise ArchiveError("no layers")
    for weights, bias in zip(shapes[::2], shapes[1::2], strict=True):
        if len(weights) != 2 or weights[0] != width or bias != weights[1:]:
            raise ArchiveError("layers that do not fit each other")
        width = weights[1]
    if width != n_outputs:
        raise ArchiveError("another number of outputs")


def _is_shape(shape: object) -> bool:
    """Whether this is one size or two, none of them 0."""
    return isinstance(shape, list) and 1 <= len(shape) <= 2 and all(type(size) is int and size > 0 for size in shape)
