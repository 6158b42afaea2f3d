"""The numbers behind the formulas of the sheet ``movielens_emb``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.models import predict
from cfgui.core.ratings import Floats, Ratings
from cfgui.io.cell_text import id_as_number
from cfgui.io.workbook_layout import EmbeddingLayout

_MATCHABLE = re.compile(r"[A-Za-z0-9 ._+/:;,@#%&()=-]{1,200}")


def needs_exact(raw_ids: Sequence[str]) -> tuple[bool, ...]:
    """For each id, whether MATCH could take another id of the list for it.

    MATCH compares numbers as numbers, but text without regard to case and with wildcards; one doubtful text id makes
    every text id of the list doubtful.
    """
    texts = [raw_id for raw_id in raw_ids if id_as_number(raw_id) is None]
    safe = all(_MATCHABLE.fullmatch(text) for text in texts) and len({text.casefold() for text in texts}) == len(texts)
    return tuple(not safe and id_as_number(raw_id) is None for raw_id in raw_ids)


def line_values(layout: EmbeddingLayout, ratings: Ratings, factors: Factors) -> dict[str, Floats]:
    """The program's own value of every formula column, (n_ratings,) each."""
    users, movies = ratings.users, ratings.movies
    with np.errstate(all="ignore"):
        predictions = predict(factors, users, movies)
        squares = np.square(ratings.values - predictions)
    values: dict[str, Floats] = {}
    values["user idx"], values["movie idx"] = (users + 1).astype(np.float64), (movies + 1).astype(np.float64)
    for factor in range(layout.n_factors):
        values[f"user {factor + 1}"] = factors.user_factors[users, factor]
        values[f"movie {factor + 1}"] = factors.movie_factors[movies, factor]
    return values | {"predict": predictions, "error^2": squares}


def end_values(layout: EmbeddingLayout, factors: Factors) -> dict[str, float]:
    """What the cells ``low`` and ``high`` show; empty without a range."""
    return {"low": factors.range.low, "high": factors.range.high} if "low" in layout.blocks else {}
