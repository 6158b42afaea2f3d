"""Blocks of Cholesky factors put together are those of the whole."""

import numpy as np
import pytest

from cfgui.core.triangular import cholesky, solved_forward


@pytest.mark.parametrize("n", [1, 47, 48, 49, 96, 130])
def test_blocks_are_those_of_the_whole(n):
    rng = np.random.default_rng(n)
    root = rng.normal(size=(n, n + 5))
    matrix = root @ root.T
    lower = cholesky(matrix)
    np.testing.assert_allclose(lower, np.linalg.cholesky(matrix), rtol=1e-8, atol=1e-10)
    assert not np.triu(lower, 1).any()
    right = rng.normal(size=(n, 3))
    np.testing.assert_allclose(lower @ solved_forward(lower, right), right, rtol=1e-9, atol=1e-9)


def test_what_has_no_root_is_said_to_have_none():
    with pytest.raises(np.linalg.LinAlgError):
        cholesky(-np.eye(60))
