"""Weights written to an .npz and read back: the same bits; anything else is refused in one sentence."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.rating_range import RatingRange
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights
from cfgui.io.factors_export import write_factors
from cfgui.io.npz_import import read_npz
from cfgui.io.sample import sample_document
from cfgui.io.table_options import TableError

RATINGS = sample_document().ratings


def models() -> list[Factors]:
    """Weights of every model, one with a range and a mean."""
    bias = random_factors(15, 15, 3, bias=True, seed=1)
    ranged = Factors(*bias.tables[:2], bias.user_bias, bias.movie_bias, (), (), 3.5, RatingRange("sigmoid", 0.0, 5.5))
    nets = [starting_weights(RATINGS, Hyperparameters(model=name)) for name in ("neural", "ordinal")]
    return [random_factors(15, 15, 5, bias=False, seed=0), bias, ranged, *nets]


@pytest.mark.parametrize("factors", models(), ids=["dot", "bias", "ranged", "neural", "ordinal"])
def test_weights_come_back_bit_for_bit(factors: Factors, tmp_path: Path) -> None:
    write_factors(RATINGS, factors, tmp_path / "w.npz")
    kept = read_npz(tmp_path / "w.npz")
    assert (kept.user_ids, kept.movie_ids) == (RATINGS.user_ids, RATINGS.movie_ids)
    assert kept.factors.equals(factors)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("user_factors", np.zeros((14, 5))),
        ("movie_factors", np.zeros((15, 4))),
        ("movie_factors", np.zeros(15)),
        ("user_ids", np.array(["only one"])),
        ("model", np.array("bias")),
        ("range", np.array("wavy")),
        ("user_factors", np.full((15, 5), "x")),
        ("layer1.weights", np.zeros((10, 3))),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(name: str, array: np.ndarray, tmp_path: Path) -> None:
    write_factors(RATINGS, random_factors(15, 15, 5, bias=False, seed=0), tmp_path / "w.npz")
    np.savez(tmp_path / "bad.npz", **{**arrays_of(tmp_path / "w.npz"), name: array})
    with pytest.raises(TableError, match=r"bad\.npz does not hold weights as cfgui writes them"):
        read_npz(tmp_path / "bad.npz")


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "evil.npz"
    np.savez(path, user_factors=np.array([{"a": 1}], dtype=object))
    with pytest.raises(TableError, match="does not hold weights"):
        read_npz(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (text := tmp_path / "text.npz").write_text("hello")
    (empty := tmp_path / "empty.npz").write_bytes(b"")
    with zipfile.ZipFile(other := tmp_path / "other.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    for path in (text, empty, other):
        with pytest.raises(TableError, match="does not hold weights"):
            read_npz(path)
    with pytest.raises(TableError, match="cannot be read"):
        read_npz(tmp_path / "missing.npz")


def test_a_layer_of_a_net_must_fit_the_next(tmp_path: Path) -> None:
    net = starting_weights(RATINGS, Hyperparameters(model="neural"))
    write_factors(RATINGS, net, tmp_path / "w.npz")
    torn = {**arrays_of(tmp_path / "w.npz"), "layer2.weights": np.zeros((7, 1))}
    np.savez(tmp_path / "bad.npz", **torn)
    with pytest.raises(TableError):
        read_npz(tmp_path / "bad.npz")
