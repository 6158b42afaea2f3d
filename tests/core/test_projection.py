"""Principal axes against numpy's singular value decomposition of the rows themselves, and a case done by hand."""

import numpy as np
import pytest

from cfgui.core.projection import (
    PIECE,
    NotFiniteError,
    continued,
    factor_axes,
    principal_axes,
    project,
)

RNG = np.random.default_rng(5)


def by_svd(rows):
    """(axes, variances) from the decomposition of the centred rows, signs by the documented rule."""
    _, singular, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    signs = [np.sign(axis[np.abs(axis).argmax()]) for axis in axes]
    axes = axes * np.array(signs)[:, None]
    return axes, singular**2 / len(rows)


@pytest.mark.parametrize("shape", [(7, 3), (40, 5), (500, 12)])
def test_axes_and_places_are_those_of_the_singular_value_decomposition(shape):
    rows = RNG.normal(size=shape) @ np.diag(RNG.uniform(0.2, 3.0, shape[1])) + 4.0
    axes, variances = by_svd(rows)
    found = principal_axes(rows)
    np.testing.assert_allclose(found.axes, axes, atol=1e-10)
    np.testing.assert_allclose(found.variances, variances, rtol=1e-10)
    np.testing.assert_allclose(found.shares, variances / variances.sum(), rtol=1e-10)
    expected = (rows - rows.mean(axis=0)) @ axes[[2, 0]].T
    np.testing.assert_allclose(project(found, rows, (2, 0)), expected, atol=1e-10)


def test_four_points_by_hand():
    # A cross with arms 2 along (1, 1)/sqrt 2 and 1 along (-1, 1)/sqrt 2, its middle at (10, 0).
    root = np.sqrt(0.5)
    arms = np.array([[2 * root, 2 * root], [-2 * root, -2 * root], [-root, root], [root, -root]])
    rows = arms + np.array([10.0, 0.0])
    found = principal_axes(rows)
    np.testing.assert_allclose(found.centre, [10.0, 0.0], atol=1e-14)
    np.testing.assert_allclose(found.axes[0], [root, root], atol=1e-14)
    np.testing.assert_allclose(np.abs(found.axes[1]), [root, root], atol=1e-14)
    np.testing.assert_allclose(found.variances, [2.0, 0.5], atol=1e-14)
    np.testing.assert_allclose(found.shares, [0.8, 0.2], atol=1e-14)
    np.testing.assert_allclose(project(found, np.array([[11.0, 1.0]]))[0, 0], 2 * root, atol=1e-14)


def test_the_largest_loading_is_positive():
    for seed in range(20):
        rows = np.random.default_rng(seed).normal(size=(30, 6))
        for axis in principal_axes(rows).axes:
            assert axis[np.abs(axis).argmax()] > 0


def test_many_rows_are_taken_piece_by_piece():
    rows = RNG.normal(size=(2 * PIECE + 77, 4)) * [1.0, 2.0, 3.0, 4.0] + 100.0
    centred = rows - rows.mean(axis=0)
    values = np.linalg.eigvalsh(centred.T @ centred / len(rows))[::-1]
    np.testing.assert_allclose(principal_axes(rows).variances, values, rtol=1e-9)


def test_rows_it_was_not_fitted_to_are_projected_alike():
    rows = RNG.normal(size=(50, 4))
    found = principal_axes(rows[:20])
    expected = (rows - rows[:20].mean(axis=0)) @ found.axes[:2].T
    np.testing.assert_allclose(project(found, rows), expected, atol=1e-12)


def test_one_factor_has_one_axis_and_stands_at_height_zero():
    rows = np.array([[1.0], [2.0], [6.0]])
    found = principal_axes(rows)
    assert project(found, rows).tolist() == [[-2.0, 0.0], [-1.0, 0.0], [3.0, 0.0]]
    assert found.shares.tolist() == [1.0]


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), np.zeros((1, 3)), np.full((5, 3), 2.5)])
def test_nothing_that_differs_has_no_spread(rows):
    found = principal_axes(rows)
    assert found.shares.tolist() == [0.0, 0.0, 0.0]
    assert np.isfinite(project(found, rows)).all()


@pytest.mark.parametrize("scale", [1e-200, 1e150])
def test_very_small_and_large_numbers_keep_their_axes(scale):
    rows = RNG.normal(size=(30, 3)) * [1.0, 2.0, 4.0]
    np.testing.assert_allclose(principal_axes(rows * scale).axes, principal_axes(rows).axes, atol=1e-9)


def test_numbers_that_are_not_finite_are_refused():
    rows = np.ones((4, 2))
    rows[1, 1] = np.nan
    for make in (principal_axes, factor_axes):
        with pytest.raises(NotFiniteError, match="not finite"):
            make(rows)


def test_factors_as_axes_are_the_numbers_themselves():
    rows = RNG.normal(size=(9, 4))
    found = factor_axes(rows)
    np.testing.assert_array_equal(project(found, rows, (3, 1)), rows[:, [3, 1]])
    np.testing.assert_allclose(found.shares, rows.var(axis=0) / rows.var(axis=0).sum())


def test_signs_go_on_from_before():
    rows = RNG.normal(size=(60, 3)) * [3.0, 2.0, 1.0]
    first = principal_axes(rows)
    turned = continued(principal_axes(rows), type(first)(first.centre, -first.axes, first.variances, first.total))
    np.testing.assert_array_equal(turned.axes, -first.axes)
    moved = continued(principal_axes(rows + 0.01 * RNG.normal(size=rows.shape)), turned)
    assert ((moved.axes * turned.axes).sum(axis=1) > 0.9).all()
    assert continued(first, None) is first
    assert continued(first, principal_axes(rows[:, :2])) is first
