"""Products in stacks: the numbers of a plain product, whatever the shapes."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cfgui.core import products
from cfgui.core.products import inner, product, sum_of_products


@pytest.mark.parametrize("small", [1, 12, 100, 10**6])
@pytest.mark.parametrize(("n", "n_in", "n_out"), [(0, 3, 2), (1, 3, 2), (7, 3, 2), (50, 4, 1), (50, 1, 4), (23, 5, 5)])
def test_they_are_plain_products(n, n_in, n_out, small, monkeypatch):
    rng = np.random.default_rng(1)
    monkeypatch.setattr(products, "SMALL", small)
    monkeypatch.setattr(products, "SMALL_VECTOR", small)
    monkeypatch.setattr(products, "STACKED", 10)
    left, weights, right = rng.normal(size=(n, n_in)), rng.normal(size=(n_in, n_out)), rng.normal(size=(n, n_out))
    np.testing.assert_allclose(product(left, weights), left @ weights, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(product(right, weights.T), right @ weights.T, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(sum_of_products(left, right), left.T @ right, rtol=1e-12, atol=1e-13)
    reordered = np.asfortranarray(left)[::-1]
    np.testing.assert_allclose(product(reordered, weights), left[::-1] @ weights, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 9_215, 9_216, 9_217, 30_000])
def test_inner_is_the_plain_product_of_vectors(n):
    left, right = np.random.default_rng(2).normal(size=(2, n))
    assert inner(left, right) == pytest.approx(float(left @ right), rel=1e-11, abs=1e-11)


def test_inner_has_the_same_bits_on_any_number_of_threads():
    code = (
        "import numpy as np; from cfgui.core.products import inner;"
        "print(inner(*np.random.default_rng(2).normal(size=(2, 500_000))).hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_NUM_THREADS": n_threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n_threads in ("1", "2")
    }
    assert len(found) == 1
