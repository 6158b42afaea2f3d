"""Principal axes of a table of factors: a few directions that spread its rows the most, for a map of two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.products import product, sum_of_products
from cfgui.core.ratings import Floats

PIECE = 16_384
"""Rows that are centred at once, so that a large table is never copied whole."""


class NotFiniteError(ValueError):
    """Some number of a table is not finite, so that nothing can be said of its spread."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Directions in the space of k factors, and the point they go through.

    ``centre`` is (k,); ``axes`` (n_axes, k), each row of length 1 and at right angles to the others; ``variances``
    (n_axes,) is the mean squared distance from the centre along each, over the rows it was fitted to; ``total`` their
    variance along all k factors together.
    """

    centre: Floats
    axes: Floats
    variances: Floats
    total: float

    @property
    def n_axes(self) -> int:
        """How many directions there are."""
        return len(self.axes)

    @property
    def shares(self) -> Floats:
        """(n_axes,) the part of the total variance along each axis, 0 to 1; zeros where no row differs."""
        return self.variances / self.total if self.total > 0.0 else np.zeros(self.n_axes)


def principal_axes(rows: Floats) -> Projection:
    """The principal axes of (n, k) rows, the widest first.

    They are the eigenvectors of the k x k covariance (``numpy.linalg.eigh``; Pearson 1901, Hotelling 1933), which for
    many rows takes a small part of the time of a singular value decomposition of the rows themselves and finds the
    same. An eigenvector has no sign of its own: each axis points to where its largest loading, the first of equally
    large ones, is positive. Raises NotFiniteError where a number is not finite.
    """
    if not np.isfinite(rows).all():
        raise NotFiniteError("Some factors are not finite numbers: reset the weights, or correct those typed.")
    scale = float(np.abs(rows).max(initial=0.0)) or 1.0  # squares of very large or small numbers would not be finite
    centre = (rows / scale).mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
    values, vectors = np.linalg.eigh(_covariance(rows, centre, scale))
    axes = np.ascontiguousarray(vectors[:, ::-1].T)
    loadings = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    axes *= np.where(loadings < 0.0, -1.0, 1.0)[:, None]
    with np.errstate(over="ignore", under="ignore"):
        variances = np.maximum(values[::-1], 0.0) * scale**2
    return Projection(centre * scale, axes, variances, float(variances.sum()))


def factor_axes(rows: Floats) -> Projection:
    """The factors themselves as axes: axis f is column f of (n, k) rows as it is, around 0.

    The variances are the columns' own, around their means. Raises NotFiniteError where a number is not finite.
    """
    if not np.isfinite(rows).all():
        raise NotFiniteError("Some factors are not finite numbers: reset the weights, or correct those typed.")
    k = rows.shape[1]
    with np.errstate(over="ignore"):
        variances = rows.var(axis=0) if len(rows) else np.zeros(k)
    return Projection(np.zeros(k), np.eye(k), variances, float(variances.sum()))


def project(projection: Projection, rows: Floats, components: tuple[int, int] = (0, 1)) -> Floats:
    """(n, 2) where (n, k) rows stand along two of the axes; 0 along an axis that there is not.

    Any rows will do, also those the axes were not fitted to.
    """
    places = np.zeros((len(rows), 2))
    for column, component in enumerate(components):
        if component < projection.n_axes:
            axis = projection.axes[component]
            places[:, column] = product(rows, axis[:, None])[:, 0] - float(projection.centre @ axis)
    return places


def continued(projection: Projection, before: Projection | None) -> Projection:
    """The same axes with the signs that turn each the least from the axis of the same number ``before``.

    So a map drawn again and again while a model is trained does not flip. As it is where there is nothing before it,
    or something of another shape.
    """
    if before is None or before.axes.shape != projection.axes.shape:
        return projection
    cosines = (projection.axes * before.axes).sum(axis=1)
    return replace(projection, axes=projection.axes * np.where(cosines < 0.0, -1.0, 1.0)[:, None])


def _covariance(rows: Floats, centre: Floats, scale: float) -> Floats:
    """(k, k) mean product of two columns of rows / scale around the centre."""
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), PIECE):
        piece = rows[start : start + PIECE] / scale - centre
        total += sum_of_products(piece, piece)
    return total / max(len(rows), 1)
