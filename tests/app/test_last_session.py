"""The last session: kept whole, brought back bit for bit, and refused without a fuss where it cannot be kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.documents import open_document
from cfgui.app.last_session import has_last_session, keep_session, last_session_path
from cfgui.app.training import train, trained_document
from cfgui.core.document import Document
from cfgui.core.factors import random_factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that does not exist yet."""
    path = tmp_path / "state" / "cfgui"
    monkeypatch.setenv("CFGUI_STATE_DIR", str(path))
    return path


def test_without_a_folder_named_it_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CFGUI_STATE_DIR", raising=False)
    assert last_session_path().parts[-2:] == ("cfgui", "last-session.xlsx")
    assert last_session_path().is_absolute()


def test_round_trip(sample: Document, folder: Path) -> None:
    assert not has_last_session()
    choices = Hyperparameters(model="bias", gradient="forward")
    trained = trained_document(sample, "bias", train(sample, choices, steps=4))
    document = replace(trained, ratings=trained.ratings.with_ratings({(0, 0): 2.5, (3, 3): None}))
    assert keep_session(document)
    assert has_last_session()
    assert last_session_path().parent == folder
    back = open_document(last_session_path())
    for name in ("users", "movies", "values"):
        assert np.array_equal(getattr(back.ratings, name), getattr(document.ratings, name))
    assert (back.ratings.user_ids, back.ratings.movie_ids) == (document.ratings.user_ids, document.ratings.movie_ids)
    assert back.ratings.titles == document.ratings.titles
    assert all(back.factors[model].equals(document.factors[model]) for model in ("dot", "bias"))
    assert back.history["bias"].equals(document.history["bias"])
    assert back.active == "bias"


def test_a_newer_session_takes_the_place_of_the_older(sample: Document, folder: Path) -> None:
    assert keep_session(sample)
    first = last_session_path().read_bytes()
    factors = {**sample.factors, "dot": random_factors(15, 15, 3, bias=False, seed=1)}
    assert keep_session(replace(sample, factors=factors))
    assert last_session_path().read_bytes() != first
    assert [path.name for path in folder.iterdir()] == ["last-session.xlsx"]


def test_no_folder_to_write_to(sample: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path / "file"))
    assert not keep_session(sample)
    assert not has_last_session()
    assert (tmp_path / "file").read_text() == "in the way"


def test_too_large_for_excel_keeps_the_older(sample: Document, folder: Path) -> None:
    assert keep_session(sample)
    first = last_session_path().read_bytes()
    n, m = 500, 500
    table = np.ones((n, m))
    ratings = Ratings.from_crosstab([f"u{i}" for i in range(n)], [f"m{i}" for i in range(m)], table, table > 0.0)
    factors = {model: random_factors(n, m, 1, bias=model == "bias") for model in ("dot", "bias")}
    assert not keep_session(Document(ratings, factors))
    assert last_session_path().read_bytes() == first
    assert [path.name for path in folder.iterdir()] == ["last-session.xlsx"]
