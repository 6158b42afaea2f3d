"""The built-in sample: the spreadsheet's own 15 x 15 crosstab and starting factors."""

from __future__ import annotations

import csv

import numpy as np

from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Ratings
from cfgui.io.resources import resource_path


def _rows(name: str) -> tuple[list[str], list[list[str]]]:
    with resource_path("sample", name).open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def _weights(name: str) -> tuple[Floats, Floats]:
    """(rows, k) factors and (rows,) biases: the columns after the id, bias last."""
    table = np.array([[float(text) for text in row[1:]] for row in _rows(name)[1]])
    return table[:, :-1], table[:, -1]


def sample_ratings() -> Ratings:
    """206 ratings, 1 to 5 in half stars, of 15 movies by 15 users, with titles; ids as on the sheets."""
    header, rows = _rows("crosstab.csv")
    cells = [row[1:] for row in rows]
    rated = np.array([[text != "" for text in row] for row in cells])
    values = np.array([[float(text or 0) for text in row] for row in cells])
    titles = {row[0]: row[1] for row in _rows("titles.csv")[1]}
    return Ratings.from_crosstab([row[0] for row in rows], header[1:], values, rated, titles)


def sample_document() -> Document:
    """The original crosstab with the starting factors of both models, 5 latent factors; the sheet dotprod is open.

    RMSE 2.8060620616483134 on dotprod, 2.018003803304626 on bias. Both models start from the same factors, as on the
    sheets.
    """
    user_factors, user_bias = _weights("user_factors.csv")
    movie_factors, movie_bias = _weights("movie_factors.csv")
    factors = {
        "dot": Factors(user_factors, movie_factors).copy(),
        "bias": Factors(user_factors, movie_factors, user_bias, movie_bias).copy(),
    }
    return Document(sample_ratings(), factors)


def is_sample_data(ratings: Ratings) -> bool:
    """Whether these are the sample's users and movies, so that the MovieLens notice must go with them."""
    header, rows = _rows("crosstab.csv")
    return ratings.movie_ids == tuple(header[1:]) and ratings.user_ids == tuple(row[0] for row in rows)
