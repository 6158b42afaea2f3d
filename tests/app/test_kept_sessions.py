"""Sessions: kept whole, brought back bit for bit, and given up without a fuss where they cannot be kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.documents import open_document
from cfgui.app.kept_sessions import MAX_KEPT, keep_session, kept_sessions, new_session_path, sessions_folder
from cfgui.app.training import train, trained_document
from cfgui.core.document import Document
from cfgui.core.factors import random_factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.io.workbook_import import read_workbook


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that does not exist yet."""
    path = tmp_path / "state" / "cfgui"
    monkeypatch.setenv("CFGUI_STATE_DIR", str(path))
    return path


def test_without_a_folder_named_it_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CFGUI_STATE_DIR", raising=False)
    assert sessions_folder().parts[-2:] == ("cfgui", "sessions")
    assert sessions_folder().is_absolute()


def test_round_trip(sample: Document, folder: Path) -> None:
    assert kept_sessions() == []
    choices = Hyperparameters(model="bias", gradient="forward")
    trained = trained_document(sample, "bias", train(sample, choices, steps=4))
    document = replace(trained, ratings=trained.ratings.with_ratings({(0, 0): 2.5, (3, 3): None}))
    path = new_session_path()
    assert keep_session(document, path)
    assert kept_sessions() == [path]
    assert path.is_relative_to(folder)
    back = open_document(path)
    for name in ("users", "movies", "values"):
        assert np.array_equal(getattr(back.ratings, name), getattr(document.ratings, name))
    assert (back.ratings.user_ids, back.ratings.movie_ids) == (document.ratings.user_ids, document.ratings.movie_ids)
    assert back.ratings.titles == document.ratings.titles
    assert all(back.factors[model].equals(document.factors[model]) for model in ("dot", "bias"))
    assert back.history["bias"].equals(document.history["bias"])
    assert back.active == "bias"


def test_keeping_in_a_child_process_gives_the_same_file(sample: Document, folder: Path) -> None:
    path = new_session_path()
    assert keep_session(sample, path, cancelled=lambda: False)
    assert open_document(path).factors["dot"].equals(sample.factors["dot"])


def test_sessions_have_files_of_their_own_and_the_newest_comes_first(sample: Document, folder: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(new_session_path())
        assert keep_session(sample, paths[-1])
        os.utime(paths[-1], (number, number))
    assert len(set(paths)) == 3
    assert kept_sessions() == paths[::-1]


def test_the_oldest_make_room(sample: Document, folder: Path) -> None:
    for number in range(MAX_KEPT + 2):
        path = sessions_folder() / f"session-{number:02d}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        os.utime(path, (number, number))
    newest = new_session_path()
    assert keep_session(sample, newest)
    left = kept_sessions()
    assert (len(left), left[0], left[-1].name) == (MAX_KEPT, newest, "session-03.xlsx")


def test_no_folder_to_write_to(sample: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path / "file"))
    assert not keep_session(sample, new_session_path())
    assert kept_sessions() == []
    assert (tmp_path / "file").read_text() == "in the way"


def test_too_many_formulas_are_kept_as_values(folder: Path) -> None:
    n = 320
    ratings = Ratings.from_crosstab(
        [f"u{i}" for i in range(n)], [f"m{i}" for i in range(n)], np.ones((n, n)), np.eye(n) > 0
    )
    factors = {model: random_factors(n, n, 1, bias=model == "bias", seed=2) for model in ("dot", "bias")}
    path = new_session_path()
    assert keep_session(Document(ratings, factors), path)
    back = read_workbook(path)
    assert back.factors["bias"].equals(factors["bias"])
    assert np.array_equal(back.ratings.values, ratings.values)
