"""What an export of values says of a net, before it is written and after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cfgui.app.exports import ExportSource, ValueExport, contents, export_values, problem, target_paths
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.structure import starting_weights


def net_source(hidden: str) -> ExportSource:
    """60 users, 80 movies and a net with 7 and 4 factors."""
    rng = np.random.default_rng(1)
    rated = rng.random((60, 80)) < 0.2
    values = rng.integers(1, 11, rated.shape) / 2
    ratings = Ratings.from_crosstab([str(i) for i in range(60)], [str(i) for i in range(80)], values, rated)
    choices = Hyperparameters(model="neural", n_factors=7, n_movie_factors=4, hidden=hidden, range="sigmoid")
    return ExportSource(ratings, starting_weights(ratings, choices))


def test_the_sentence_tells_of_the_layers() -> None:
    said = contents(net_source("10"), ValueExport())
    wanted = "Writes 60 users with 7 factors and 80 movies with 4, and 131 weights of 2 layers in 3 files, about "
    assert said.startswith(wanted)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".npz", ".tsv"])
def test_the_size_said_is_about_the_size_written(tmp_path: Path, ending: str) -> None:
    source, choice = net_source("500,60"), ValueExport(ending=ending)
    written = export_values(source, choice, tmp_path / f"out{ending}")
    assert written == target_paths(choice, tmp_path / f"out{ending}", source.factors)
    said = contents(source, choice).replace("\N{NO-BREAK SPACE}", " ").rsplit("about ", 1)[1].rstrip(".").split()
    guess = float(said[0]) * {"kB": 1e3, "MB": 1e6}[said[1]]
    assert 0.6 < guess / sum(path.stat().st_size for path in written) < 1.6


def test_layers_too_large_for_a_sheet_are_said_before() -> None:
    source = net_source("1100,1000")
    wanted = "The layers have 1,115,201 weights and a sheet of Excel 1,048,576 rows: choose CSV or Parquet."
    assert problem(source, ValueExport(ending=".xlsx")) == wanted
    assert problem(source, ValueExport(ending=".csv")) == ""
