"""A document as bytes and back, for the pipe between the program and its child processes.

A line of JSON and the raw numbers behind it: bit-exact, quick for large crosstabs, and nothing in it can run.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings

_KINDS = {"f": "<f8", "i": "<i4", "l": "<i8"}


class _Packer:
    """Collects arrays; what goes into the JSON is only their kind and shape, in order."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def add(self, array: NDArray[Any], kind: str = "f") -> dict[str, Any]:
        self.parts.append(np.ascontiguousarray(array, dtype=_KINDS[kind]).tobytes())
        return {"kind": kind, "shape": array.shape}


class _Unpacker:
    """Hands the arrays back in the order in which they were collected."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def take(self, described: dict[str, Any]) -> NDArray[Any]:
        dtype, shape = np.dtype(_KINDS[described["kind"]]), tuple(described["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(self._data, dtype, count, self._position).reshape(shape).copy()
        self._position += count * dtype.itemsize
        return array


def encode_document(document: Document) -> bytes:
    """``document`` as bytes."""
    pack, ratings = _Packer(), document.ratings
    described = {
        "user_ids": ratings.user_ids,
        "movie_ids": ratings.movie_ids,
        "titles": dict(ratings.titles),
        "users": pack.add(ratings.users, "i"),
        "movies": pack.add(ratings.movies, "i"),
        "values": pack.add(ratings.values),
        "factors": {model: _describe_factors(factors, pack) for model, factors in document.factors.items()},
        "history": {
            model: {"label": curve.label, "steps": pack.add(curve.steps, "l"), "rmses": pack.add(curve.rmses)}
            for model, curve in document.history.items()
        },
        "active": document.active,
        "remarks": document.remarks,
    }
    return b"".join([json.dumps(described).encode("ascii"), b"\n", *pack.parts])


def _describe_factors(factors: Factors, pack: _Packer) -> dict[str, Any]:
    return {"description": factors.description, "tables": [pack.add(table) for table in factors.tables]}


def decode_document(data: bytes) -> Document:
    """The document that ``encode_document`` made these bytes of."""
    end = data.index(b"\n")
    described = json.loads(data[:end])
    unpack = _Unpacker(memoryview(data)[end + 1 :])
    # In the order of encoding: the numbers lie one after another.
    users, movies, values = (unpack.take(described[name]) for name in ("users", "movies", "values"))
    user_ids, movie_ids = tuple(described["user_ids"]), tuple(described["movie_ids"])
    ratings = Ratings(user_ids, movie_ids, users, movies, values, described["titles"])
    factors = {
        model: Factors.described(it["description"], [unpack.take(table) for table in it["tables"]]).copy()
        for model, it in described["factors"].items()
    }
    history = {
        model: Curve(curve["label"], unpack.take(curve["steps"]), unpack.take(curve["rmses"]))
        for model, curve in described["history"].items()
    }
    return Document(ratings, factors, history, described["active"], tuple(described["remarks"]))
