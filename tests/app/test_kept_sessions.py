"""Sessions: kept whole, brought back so that the next step is the same, and never too many of them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app import kept_sessions as store
from cfgui.app.edits import SetRatings
from cfgui.app.kept_sessions import (
    MAX_KEPT,
    delete_session,
    keep_session,
    kept_sessions,
    list_sessions,
    new_session_path,
    open_kept,
    sessions_folder,
)
from cfgui.app.kept_state import RestoredSession, kept_session, restored_sentence
from cfgui.app.session import Session
from cfgui.app.training_run import Snapshot, TrainingRun
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.kept_session import KeptSession
from cfgui.core.optimizers import OPTIMIZERS
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights
from cfgui.core.view import ViewChoice
from cfgui.io import session_file, session_parts
from cfgui.io.child import Cancelled
from cfgui.io.workbook_export import write_workbook


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that does not exist yet."""
    path = tmp_path / "state" / "cfgui"
    monkeypatch.setenv("CFGUI_STATE_DIR", str(path))
    return path


@pytest.fixture
def session(sample: Document) -> Session:
    """The original 15 x 15, open."""
    return Session(sample, Hyperparameters(gradient="forward"), name="the original")


@pytest.fixture
def kept(session: Session) -> KeptSession:
    """What is kept of it."""
    return kept_session(session)


def run(session: Session, steps: int) -> Snapshot:
    """Train the active sheet as the window does; the session takes the end."""
    scope, sheet = session.scope, session.sheet(session.active)
    training = TrainingRun(scope.ratings, scope.narrowed(sheet), session.hyperparameters, steps=steps)
    training.start()
    training.join()
    snapshot = training.take()
    assert snapshot is not None
    assert not snapshot.problem
    widened = scope.widened(snapshot.sheet, sheet)
    session.restore(session.state.with_sheet(session.active, widened))
    return snapshot


def restored(path: Path) -> RestoredSession:
    back = open_kept(path)
    assert isinstance(back, RestoredSession)
    return back


def reopened(path: Path, sample: Document) -> Session:
    """A program started anew, with the session restored."""
    session = Session(sample, Hyperparameters(), name="something else")
    restored(path).put_into(session)
    return session


def test_without_a_folder_named_it_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CFGUI_STATE_DIR", raising=False)
    assert sessions_folder().parts[-2:] == ("cfgui", "sessions")
    assert sessions_folder().is_absolute()


CASES: Mapping[str, Mapping[str, object]] = {
    "SGD in the middle of an epoch": {"optimizer": "sgd", "batch_size": 7, "learning_rate": 0.02},
    "Adam": {"optimizer": "adam", "weight_decay": 0.001},
    "L-BFGS": {"optimizer": "lbfgs"},
    "momentum with numeric gradients": {"optimizer": "momentum", "gradient": "central"},
}


@pytest.mark.parametrize("visible", [False, True], ids=["all ratings", "the visible ones"])
@pytest.mark.parametrize("model", ["dot", "bias", "neural", "ordinal"])
@pytest.mark.parametrize("case", CASES)
def test_the_next_steps_are_the_same_bit_for_bit(
    session: Session, sample: Document, folder: Path, case: str, model: str, visible: bool
) -> None:
    session.activate(model)
    session.choose(**CASES[case])
    if visible:
        session.show(ViewChoice(6, 9, "ratings", "file"))
        session.train_on_visible(True)
    run(session, 5)
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    again = reopened(path, sample)
    assert (session.scope.ratings.n_ratings < 206) == visible, "else it would be no other case"
    ends = [run(each, 4).sheet for each in (session, again)]
    one, other = ends
    assert one.factors.flat().tobytes() == other.factors.flat().tobytes()
    assert (one.step, one.seen, one.run) == (other.step, other.seen, other.run)
    assert one.curve.label == other.curve.label
    assert one.curve.equals(other.curve)
    assert one.step == 9
    if case.startswith("SGD") and not visible:
        assert one.seen == 63, "nine batches of 7, far from the end of an epoch of 206"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_goes_on_where_it_was(session: Session, sample: Document, folder: Path, optimizer: str) -> None:
    session.activate("bias")
    session.choose(optimizer=optimizer, gradient="autograd", learning_rate=0.01)
    run(session, 3)
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    one, other = (run(each, 3).sheet.factors for each in (session, reopened(path, sample)))
    assert one.flat().tobytes() == other.flat().tobytes()


def test_what_belongs_to_a_sheet_comes_back(session: Session, sample: Document, folder: Path) -> None:
    """Range, mean, layers, other numbers of factors: all that the weights carry, on every sheet."""
    net = starting_weights(
        session.ratings, Hyperparameters(model="neural", n_movie_factors=3, hidden="4,2", range="sigmoid", high=5.5)
    )
    ranged = replace(session.sheet("bias").factors, range=RatingRange("tanh", 0.5, 5.0), global_mean=3.5)
    state = session.state
    for model, factors in (("neural", net), ("bias", ranged)):
        state = state.with_sheet(model, replace(state.sheets[model], factors=factors, start=factors))
    session.restore(state)
    session.activate("neural")
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    again = reopened(path, sample)
    for model in ("dot", "bias", "neural", "ordinal"):
        assert again.sheet(model).factors.equals(session.sheet(model).factors)
    choices = again.hyperparameters
    assert (choices.model, choices.hidden, choices.n_movie_factors) == ("neural", "4,2", 3)
    assert (choices.range, choices.low, choices.high) == ("sigmoid", 1.0, 5.5)


def test_all_that_a_person_chose_comes_back(session: Session, sample: Document, folder: Path) -> None:
    session.activate("bias")
    session.choose(optimizer="adam", learning_rate=0.125, batch_size=11, seed=7)
    session.show(ViewChoice(4, None, "mean", "ratings"))
    session.restore(SetRatings({(0, 0): 2.5, (3, 3): None}).apply(session.state))
    path = new_session_path()
    assert keep_session(kept_session(session, {"zoom": 1.5}), path)
    assert path.is_relative_to(folder)
    back = restored(path)
    assert back.window == {"zoom": 1.5}
    again = reopened(path, sample)
    assert (again.name, again.active, again.remarks) == ("the original", "bias", session.remarks)
    assert again.hyperparameters == session.hyperparameters
    assert again.view_choice == ViewChoice(4, None, "mean", "ratings")
    assert again.view.users.tolist() == session.view.users.tolist()
    assert again.visible.values.tolist() == session.visible.values.tolist()
    assert not again.trains_visible
    assert not again.modified
    assert again.ratings.rating(0, 0) == 2.5
    assert again.ratings.rating(3, 3) is None
    assert again.rmse("bias") == session.rmse("bias")
    assert restored_sentence(back) == ("Restored the original: 205 ratings of 15 users and 15 movies, after 0 steps.")


def test_a_session_of_an_earlier_version_is_still_restored(sample: Document, folder: Path, kept: KeptSession) -> None:
    path = sessions_folder() / "session-20250101-120000-77-1.xlsx"
    path.parent.mkdir(parents=True)
    write_workbook(sample, path)
    os.utime(path, (1.0, 1.0))
    assert keep_session(kept, new_session_path())
    assert kept_sessions()[-1] == path
    assert [entry.summary is None for entry in list_sessions()] == [False, True]
    back = open_kept(path)
    assert isinstance(back, Document)
    assert back.factors["bias"].equals(sample.factors["bias"])


def test_the_list_says_what_is_in_each(session: Session, folder: Path) -> None:
    run(session, 3)
    path = new_session_path()
    before = time.time()
    assert keep_session(kept_session(session), path)
    damaged = sessions_folder() / "session-1.cfgui"
    damaged.write_bytes(b"no session")
    os.utime(damaged, (1.0, 1.0))
    first, second = list_sessions()
    assert (first.path, first.problem) == (path, "")
    assert first.written == pytest.approx(before, abs=60)
    assert first.summary is not None
    assert (first.summary.n_users, first.summary.n_movies, first.summary.n_ratings) == (15, 15, 206)
    assert (first.summary.step, first.summary.rmse) == (3, session.rmse("dot"))
    assert (second.summary, second.problem) == (
        None,
        "session-1.cfgui is damaged and cannot be restored. Choose another session.",
    )


def test_sessions_have_files_of_their_own_and_the_newest_comes_first(folder: Path, kept: KeptSession) -> None:
    assert kept_sessions() == []
    paths = []
    for number in range(3):
        paths.append(new_session_path())
        assert keep_session(kept, paths[-1])
        os.utime(paths[-1], (number, number))
    assert len(set(paths)) == 3
    assert kept_sessions() == paths[::-1]


def test_the_oldest_make_room(folder: Path, kept: KeptSession) -> None:
    for number in range(MAX_KEPT + 2):
        path = sessions_folder() / f"session-{number:02d}.{'xlsx' if number % 2 else 'cfgui'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        os.utime(path, (number, number))
    newest = new_session_path()
    assert keep_session(kept, newest)
    left = kept_sessions()
    assert (len(left), left[0], left[-1].name) == (MAX_KEPT, newest, "session-03.xlsx")


def test_no_folder_to_write_to(kept: KeptSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path / "file"))
    assert not keep_session(kept, new_session_path())
    assert kept_sessions() == []
    assert (tmp_path / "file").read_text() == "in the way"


def test_keeping_can_be_cancelled(folder: Path, kept: KeptSession) -> None:
    with pytest.raises(Cancelled):
        keep_session(kept, new_session_path(), cancelled=lambda: True)
    assert list(sessions_folder().iterdir()) == []


# What lies beside the sessions


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ratings and starting weights of any size lie beside the session, and no other window is about to name them."""
    monkeypatch.setattr(session_file, "BESIDE_BYTES", 0)
    monkeypatch.setattr(store, "GRACE_SECONDS", -1.0)
    parts = session_parts.Parts()
    monkeypatch.setattr(store, "_parts", lambda: parts)


def beside_names() -> list[str]:
    return sorted(path.name for path in sessions_folder().iterdir() if path.suffix in (".ratings", ".weights"))


@pytest.mark.usefixtures("beside")
def test_ratings_go_with_the_last_session_that_needs_them(session: Session, folder: Path) -> None:
    first, second = new_session_path(), new_session_path()
    assert keep_session(kept_session(session), first)
    shared = beside_names()
    assert [name.rpartition(".")[2] for name in shared] == ["ratings", *["weights"] * 4]
    assert keep_session(kept_session(session), second)
    assert beside_names() == shared, "the second needs the same"
    delete_session(first)
    assert beside_names() == shared
    assert restored(second).state.ratings.values.tolist() == session.ratings.values.tolist()
    delete_session(second)
    assert list(sessions_folder().iterdir()) == []


@pytest.mark.usefixtures("beside")
def test_ratings_that_are_no_longer_needed_go(session: Session, folder: Path) -> None:
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    (old,) = (name for name in beside_names() if name.endswith("ratings"))
    session.restore(SetRatings({(0, 0): 2.5}).apply(session.state))
    assert keep_session(kept_session(session), path)
    (new,) = (name for name in beside_names() if name.endswith("ratings"))
    assert new != old
    assert restored(path).state.ratings.rating(0, 0) == 2.5


@pytest.mark.usefixtures("beside")
def test_what_another_window_wrote_a_moment_ago_stays(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "GRACE_SECONDS", 600.0)
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    strangers = sessions_folder() / "session-2-1.ratings", sessions_folder() / "session-3-1.ratings"
    for stranger, age in zip(strangers, (0, 601), strict=True):
        stranger.write_bytes(b"")
        os.utime(stranger, (time.time() - age,) * 2)
    assert keep_session(kept_session(session), path)
    assert [stranger.exists() for stranger in strangers] == [True, False]


@pytest.mark.usefixtures("beside")
def test_nothing_goes_while_a_session_cannot_be_read(session: Session, folder: Path) -> None:
    """Nobody knows what it needs: it may be of a newer version."""
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    (sessions_folder() / "session-1.cfgui").write_bytes(b"not now")
    stranger = sessions_folder() / "session-2-1.ratings"
    stranger.write_bytes(b"")
    assert keep_session(kept_session(session), path)
    assert stranger.exists()
    delete_session(sessions_folder() / "session-1.cfgui")
    assert not stranger.exists()


@pytest.mark.usefixtures("beside")
def test_all_together_they_stay_below_a_size(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [new_session_path() for _ in range(4)]
    for number, path in enumerate(paths):
        assert keep_session(kept_session(session), path)
        os.utime(path, (number, number))
    size = paths[0].stat().st_size
    shared = sum((sessions_folder() / name).stat().st_size for name in beside_names())
    monkeypatch.setattr(store, "MAX_BYTES", shared + 2 * size + size // 2)
    store.make_room(paths[3])
    assert kept_sessions() == [paths[3], paths[2]], "what two share counts once"
    monkeypatch.setattr(store, "MAX_BYTES", 1)
    store.make_room(paths[2])
    assert kept_sessions() == [paths[2]], "the newest stays, however large"
    assert len(beside_names()) == 5


@pytest.mark.usefixtures("beside")
def test_a_table_too_large_for_excel_is_kept(folder: Path, sample: Document) -> None:
    """Sixty thousand movies: more than a worksheet has columns."""
    n_movies, rng = 60_000, np.random.default_rng(5)
    movies = np.sort(rng.choice(n_movies, 5000, replace=False)).astype(np.int32)
    users = np.repeat(np.arange(2, dtype=np.int32), 2500)
    values = (rng.integers(1, 11, 5000) / 2).astype(np.float32)
    ratings = Ratings(("a", "b"), tuple(f"m{i}" for i in range(n_movies)), users, movies, values, {"m7": "Seven"})
    factors = {name: random_factors(2, n_movies, 3, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    session = Session(Document(ratings, factors), Hyperparameters(gradient="forward"), name="wide.csv")
    path = new_session_path()
    assert keep_session(kept_session(session), path)
    back = reopened(path, sample)
    assert back.ratings.values.dtype == np.float32
    assert back.ratings.values.tolist() == values.tolist()
    assert back.ratings.user_starts.tolist() == [0, 2500, 5000]
    assert back.ratings.movie_name(7) == "Seven"
    assert back.sheet("bias").factors.equals(factors["bias"])
    changed = replace(session.sheet("dot"), factors=factors["dot"].copy())
    session.restore(session.state.with_sheet("dot", changed))
    names = beside_names()
    assert keep_session(kept_session(session), path)
    assert beside_names() == names, "new weights do not write the ratings again"
