"""The columns of the lines on a net's sheet: what is calculated for one rating, from left to right."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name, unlike any other's, what kind of number it holds, and of which layer and number.

    ``kind`` is "id", "rating", "index" (``number`` 0 of the user, 1 of the movie), "user", "movie" (factor ``number``,
    0-based), "unit" (unit ``number`` of layer ``layer``, 1-based), "max", "sum", "p" (class ``number``), "predict" or
    "error^2".
    """

    name: str
    kind: str
    layer: int = 0
    number: int = 0


def line_columns(n_factors: int, n_movie_factors: int, sizes: tuple[int, ...], *, ordinal: bool) -> tuple[Column, ...]:
    """The columns for a net of these layer sizes, the output last.

    The embeddings stand side by side, as the first layer takes them in. Of an ordinal net the outputs are logits: their
    largest, the sum of exp(logit - largest) and the probability of each class follow.
    """
    columns = [Column("userId", "id"), Column("movieId", "id", number=1), Column("rating", "rating")]
    columns += [Column("user idx", "index"), Column("movie idx", "index", number=1)]
    columns += [Column(f"user {factor + 1}", "user", number=factor) for factor in range(n_factors)]
    columns += [Column(f"movie {factor + 1}", "movie", number=factor) for factor in range(n_movie_factors)]
    for layer, size in enumerate(sizes, start=1):
        columns += [Column(f"layer {layer} unit {unit + 1}", "unit", layer, unit) for unit in range(size)]
    if ordinal:
        columns += [Column("max", "max"), Column("sum", "sum")]
        columns += [Column(f"p {number + 1}", "p", number=number) for number in range(sizes[-1])]
    return (*columns, Column("predict", "predict"), Column("error^2", "error^2"))
