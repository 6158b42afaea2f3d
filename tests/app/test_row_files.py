"""Users and movies that came are kept in sessions and exported to workbooks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cfgui.app.kept_state import kept_session, restored_session
from cfgui.app.row_edits import AddMovie, AddUser
from cfgui.app.session import Session
from cfgui.app.sheet_state import KEPT
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.io.session_file import read_session, write_session
from cfgui.io.session_parts import Parts
from cfgui.io.workbook_export import write_workbook
from cfgui.io.workbook_import import read_workbook
from cfgui.io.workbook_verify import verify_workbook
from tests.app.rows import check, do, train


def with_new_rows(session: Session) -> Session:
    do(session, AddUser("Zoë", {0: 4.5, 3: 2.0, 7: 5.0}))
    do(session, AddUser())
    do(session, AddMovie("", "A new movie (2020)", "Comedy", {1: 3.5}))
    train(session, 3)
    return session


def test_a_session_comes_back_bit_for_bit(session: Session, tmp_path: Path) -> None:
    with_new_rows(session)
    do(session, AddUser("later"))
    path = tmp_path / "kept.cfgui"
    write_session(kept_session(session), path, Parts())
    back = restored_session(read_session(path, Parts()))
    again = Session(session.document(), Hyperparameters(), name="another")
    back.put_into(again)
    assert again.state.added_users == {"Zoë": KEPT, "new 1": "fold-in", "later": "fold-in"}
    assert list(again.state.added_users) == list(session.state.added_users)
    assert again.view_choice == session.view_choice
    for name, sheet in session.state.sheets.items():
        assert again.sheet(name).factors.equals(sheet.factors)
        assert again.sheet(name).start.equals(sheet.start)
    assert again.ratings.user_ids == session.ratings.user_ids
    assert np.array_equal(again.ratings.values, session.ratings.values)
    assert again.ratings.titles == session.ratings.titles
    train(again)
    train(session)
    assert again.sheet("dot").factors.equals(session.sheet("dot").factors)
    check(again)


def test_what_makes_no_sense_in_a_session_is_left_out(session: Session) -> None:
    do(session, AddUser())
    kept = kept_session(session)
    for added in (None, 3, {"users": ["a"]}, {"users": {"nobody": "fold-in", "new 1": 7}}):
        object.__setattr__(kept, "view", {**kept.view, "added": added})
        back = restored_session(kept)
        assert dict(back.state.added_users) == {}


@pytest.fixture
def exported(session: Session, tmp_path: Path) -> tuple[Session, Path]:
    with_new_rows(session)
    path = tmp_path / "sixteen.xlsx"
    write_workbook(session.document(), path)
    return session, path


def test_a_workbook_of_17_x_16_comes_back_bit_for_bit(exported: tuple[Session, Path]) -> None:
    session, path = exported
    back = read_workbook(path)
    assert (back.ratings.n_users, back.ratings.n_movies) == (17, 16)
    assert back.ratings.user_ids == session.ratings.user_ids
    assert back.ratings.movie_ids[-1] == "new 1"
    assert np.array_equal(back.ratings.crosstab, session.ratings.crosstab)
    for name in ("dot", "bias"):
        assert back.factors[name].equals(session.sheet(name).factors)
    again = Session(back, Hyperparameters(), name="again")
    assert again.rmse("dot") == pytest.approx(session.rmse("dot"), abs=1e-12)


def test_libreoffice_calculates_the_same_with_new_rows(soffice: str, exported: tuple[Session, Path]) -> None:
    checks = verify_workbook(exported[1])
    assert any("LibreOffice" in check.name for check in checks)
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]
