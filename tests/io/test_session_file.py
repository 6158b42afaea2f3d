"""Session files: everything comes back bit for bit, and a damaged or hostile file is one plain sentence."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfgui.app.kept_state import restored_session
from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.early_stopping import Best
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.edited_ratings import edited as changed
from cfgui.core.factors import Factors, Layer
from cfgui.core.gibbs_posterior import BURN_IN, PosteriorMean
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.core.kept_session import KeptSession, KeptSheet
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from cfgui.core.view import View
from cfgui.io import session_file
from cfgui.io.child import Cancelled
from cfgui.io.session_file import SessionError, read_session, read_summary, write_session
from cfgui.io.session_parts import Parts
from cfgui.io.table_options import Progress

BOOK = RatingRange("sigmoid", 0.0, 5.5)


def other_start(factors: Factors) -> Factors:
    """Weights of the same shape."""
    return Factors(factors.user_factors * 0.25, factors.movie_factors + 0.5).copy()


def some_samples(newest: Factors) -> Samples:
    """Three draws after burn-in, and what they say of two held-out ratings."""
    users, movies = np.array([0, 2], dtype=np.int32), np.array([1, 0], dtype=np.int32)
    mean = PosteriorMean(users, movies, scale=(0.5, 5.0), burn_in=BURN_IN)
    for number in range(BURN_IN + 3):
        mean.add(newest.view_of(newest.flat() * (1.0 + number / 7.0)))
    held_out = Ratings(("007", "7", "x"), ("1", ""), users, movies, np.array([3.0, 1 / 3]))
    return Samples(newest, mean, (0.5, 5.0), 0.1 + 0.7, held_out)


def small_session() -> KeptSession:
    """Three users, two movies, four ratings, and one of everything else."""
    ratings = Ratings(
        ("007", "7", "\ud83d é"),
        ("9007199254740993", ""),
        np.array([0, 0, 1, 2], dtype=np.int32),
        np.array([0, 1, 1, 0], dtype=np.int32),
        np.array([0.5, 3.0, 5.0, 1 / 3]),
        {"": "Heat, \x00 (1995)"},
        {"": "Action|Crime"},
    )
    start = Factors(np.arange(6.0).reshape(3, 2), np.array([[0.1, 0.2], [0.3, 1e-300]])).copy()
    now = Factors(start.user_factors + 0.1, start.movie_factors * 0.5).copy()
    tables = (np.ones(shape) for shape in ((3, 2), (2, 2), 3, 2))
    biased = Factors(*tables, global_mean=2.2, range=RatingRange("tanh", 0.1 + 0.2, 5.0)).copy()
    shown = View(np.array([2, 0], dtype=np.int32), np.array([1], dtype=np.int32), 3, 2)
    adam = OptimizerState("adam", (np.linspace(-1.0, 1.0, 10), np.linspace(0.0, 2.0, 10)), 4)
    dot = KeptSheet(
        now,
        start,
        "seed 3's",
        step=4,
        seen=7,
        run=2,
        curve=Curve("run 2", [0, 4], [2.0, 0.1]),
        earlier=(Curve("run 1", [0, 1, 2], [3.0, 2.0, 1.5]),),
        optimizer_state=adam,
        trained_on=shown,
        held_out=Curve("run 2, held out", [0, 2, 4], [2.5, 0.5, 0.75]),
        best=Best(2, 0.5, other_start(start), 3, replace(adam, count=2)),
    )
    net = replace(starting_weights(ratings, Hyperparameters(model="neural", hidden="3,2")), range=BOOK).copy()
    other = Factors(
        np.ones((3, 2)), np.zeros((2, 4)), layers=(Layer(np.ones((6, 2)), np.zeros(2)),), classes=(1.0, 2.5)
    )
    report = ImportReport(
        "a.csv", "CSV", "cp1252", 6, 1, "mean", (RejectedRows("missing_user", 2, np.array([3, 9]), "x"),), ("a remark",)
    )
    return KeptSession(
        ratings,
        {
            "dot": dot,
            "bias": KeptSheet(biased, biased, "the sheet's", samples=some_samples(biased)),
            "neural": KeptSheet(net, net.copy(), "seed 42's", step=1),
            "ordinal": KeptSheet(other.copy(), other.copy(), "seed 42's"),
        },
        "a.csv",
        "dot",
        Hyperparameters(optimizer="adam", learning_rate=0.1, batch_size=2, n_factors=2),
        ("one", "two"),
        report,
        shown,
        {"window": {"zoom": 1.5, "tab": "dotprod"}},
        0.1 + 0.2,
    )


def same_factors(one: Factors, other: Factors) -> bool:
    return one.description == other.description and one.flat().tobytes() == other.flat().tobytes()


def assert_same(back: KeptSession, kept: KeptSession) -> None:
    """Everything, to the last bit."""
    for name in ("user_ids", "movie_ids", "titles", "genres"):
        assert getattr(back.ratings, name) == getattr(kept.ratings, name)
    for name in ("users", "movies", "values"):
        one, other = getattr(back.ratings, name), getattr(kept.ratings, name)
        assert (one.dtype, one.tobytes()) == (other.dtype, other.tobytes())
    for model, sheet in kept.sheets.items():
        found = back.sheets[model]
        assert same_factors(found.factors, sheet.factors)
        assert same_factors(found.start, sheet.start)
        for name in ("start_name", "step", "seen", "run"):
            assert getattr(found, name) == getattr(sheet, name)
        assert [curve.label for curve in (*found.earlier, found.curve)] == [
            c.label for c in (*sheet.earlier, sheet.curve)
        ]
        pairs = zip((*found.earlier, found.curve), (*sheet.earlier, sheet.curve), strict=True)
        assert all(one.equals(other) for one, other in pairs)
        state = sheet.optimizer_state
        assert (found.optimizer_state is None) == (state is None)
        if state is not None and found.optimizer_state is not None:
            assert (found.optimizer_state.optimizer, found.optimizer_state.count) == (state.optimizer, state.count)
            memories = zip(found.optimizer_state.memory, state.memory, strict=True)
            assert all((a.shape, a.tobytes()) == (b.shape, b.tobytes()) for a, b in memories)
        assert (found.held_out.label, len(found.held_out)) == (sheet.held_out.label, len(sheet.held_out))
        assert found.held_out.equals(sheet.held_out)
        assert_same_best(found.best, sheet.best)
        assert_same_samples(found.samples, sheet.samples)
        assert found.samples is None or found.samples.factors is found.factors
    for name in ("name", "active", "hyperparameters", "remarks", "view", "rmse"):
        assert getattr(back, name) == getattr(kept, name)


def assert_same_best(found: Best | None, best: Best | None) -> None:
    """The lowest point of a held-out curve."""
    assert (found is None) == (best is None)
    if found is None or best is None:
        return
    assert (found.step, found.rmse, found.seen) == (best.step, best.rmse, best.seen)
    assert same_factors(found.factors, best.factors)
    state, other = found.optimizer_state, best.optimizer_state
    assert isinstance(state, OptimizerState)
    assert isinstance(other, OptimizerState)
    assert (state.optimizer, state.count) == (other.optimizer, other.count)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(state.memory, other.memory, strict=True))


def assert_same_samples(found: Samples | None, samples: Samples | None) -> None:
    """The draws and all that is known of held-out ratings."""
    assert (found is None) == (samples is None)
    if found is None or samples is None:
        return
    assert (found.scale, found.rmse) == (samples.scale, samples.rmse)
    assert found.tells_of(samples.held_out)
    one, other = found.mean.moments, samples.mean.moments
    assert (one.n_seen, one.stride) == (other.n_seen, other.stride)
    assert (one.mean.tobytes(), one.squares.tobytes()) == (other.mean.tobytes(), other.squares.tobytes())
    draws = zip(found.draws, samples.draws, strict=True)
    assert all(same_factors(a, b) and a.user_factors.dtype == np.float32 for a, b in draws)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The small session in a file."""
    path = tmp_path / "session-1.cfgui"
    write_session(small_session(), path, Parts())
    return path


def test_everything_comes_back(written: Path) -> None:
    kept, back = small_session(), read_session(written, Parts())
    assert_same(back, kept)
    assert kept.report is not None
    assert back.report is not None
    for name in ("file", "format", "encoding", "n_rows", "n_duplicates", "duplicates", "remarks"):
        assert getattr(back.report, name) == getattr(kept.report, name)
    (rows,) = back.report.rejected
    assert (rows.reason, rows.count, rows.lines.tolist(), rows.example) == ("missing_user", 2, [3, 9], "x")
    assert back.shown is not None
    assert (back.shown.users.tolist(), back.shown.movies.tolist()) == ([2, 0], [1])
    assert [path.name for path in written.parent.iterdir()] == [written.name], "small sessions are one file"


def test_what_was_one_object_is_one_again(written: Path) -> None:
    """Training goes on where it was only on the very view it was on; equal weights are written once."""
    back = read_session(written, Parts())
    assert back.sheets["dot"].trained_on is back.shown
    assert back.sheets["bias"].factors is back.sheets["bias"].start
    assert back.sheets["dot"].factors is not back.sheets["dot"].start
    assert back.sheets["bias"].trained_on is None


def test_the_summary(written: Path) -> None:
    summary = read_summary(written)
    assert (summary.name, summary.n_users, summary.n_movies, summary.n_ratings) == ("a.csv", 3, 2, 4)
    assert (summary.step, summary.rmse, summary.parts) == (4, 0.1 + 0.2, ())


def test_only_values_that_stay_the_same_are_narrowed(tmp_path: Path) -> None:
    """Half stars take four bytes each; a third of a star takes eight; in memory they are what they were."""
    for values, stored in ((np.array([0.5, 3.0, 5.0, 1.0]), 4), (np.array([0.5, 3.0, 5.0, 1 / 3]), 8)):
        kept = small_session()
        ratings = Ratings(*(getattr(kept.ratings, n) for n in ("user_ids", "movie_ids", "users", "movies")), values)
        path = tmp_path / "session-2.cfgui"
        write_session(KeptSession(ratings, kept.sheets, "x"), path, Parts())
        with zipfile.ZipFile(path) as archive:
            assert archive.getinfo("ratings.values.npy").file_size % 64 == 4 * stored % 64
        back = read_session(path, Parts()).ratings.values
        assert (back.dtype, back.tolist()) == (np.float64, values.tolist())


def test_edits_of_a_large_table_are_kept_as_differences(
    tmp_path: Path, sample: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cfgui.core.edited_ratings.COPIED_RATINGS", 100)
    edited = changed(sample.ratings, {(0, 0): 1.25, (3, 3): None, (14, 14): 1 / 3})
    assert isinstance(edited, EditedRatings)
    sheets = {model: KeptSheet(factors, factors, "") for model, factors in sample.factors.items()}
    path = tmp_path / "session-1.cfgui"
    write_session(KeptSession(edited, sheets, "x"), path, Parts())
    back = read_session(path, Parts()).ratings
    assert isinstance(back, EditedRatings)
    assert back.changes == edited.changes
    assert back.n_ratings == edited.n_ratings
    assert (back.rating(0, 0), back.rating(3, 3), back.rating(14, 14)) == (1.25, None, 1 / 3)
    assert back.base.values.tolist() == sample.ratings.values.tolist()


# What lies beside


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that may lie beside a session does."""
    monkeypatch.setattr(session_file, "BESIDE_BYTES", 0)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("beside")
def test_what_does_not_change_is_written_once(tmp_path: Path) -> None:
    parts, kept = Parts(), small_session()
    path = tmp_path / "session-1.cfgui"
    write_session(kept, path, parts)
    weights = [f"session-1-{number}.weights" for number in range(2, 6)]
    assert names(tmp_path) == ["session-1-1.ratings", *weights, "session-1.cfgui"]
    written_at = [file.stat().st_ino for file in sorted(tmp_path.glob("session-1-*"))]
    write_session(kept, path, parts)
    assert [file.stat().st_ino for file in sorted(tmp_path.glob("session-1-*"))] == written_at
    assert len(names(tmp_path)) == 6
    assert_same(read_session(path, Parts()), kept)
    assert set(read_summary(path).parts) == set(names(tmp_path)[:5])


@pytest.mark.usefixtures("beside")
def test_a_restored_session_shares_what_lies_beside_the_first(tmp_path: Path) -> None:
    write_session(small_session(), tmp_path / "session-1.cfgui", Parts())
    parts = Parts()
    back = read_session(tmp_path / "session-1.cfgui", parts)
    write_session(back, tmp_path / "session-2.cfgui", parts)
    assert len(names(tmp_path)) == 7
    assert read_summary(tmp_path / "session-2.cfgui").parts == read_summary(tmp_path / "session-1.cfgui").parts
    assert_same(read_session(tmp_path / "session-2.cfgui", Parts()), small_session())


@pytest.mark.usefixtures("beside")
def test_what_is_gone_from_beside_is_written_again(tmp_path: Path) -> None:
    parts, kept = Parts(), small_session()
    path = tmp_path / "session-1.cfgui"
    write_session(kept, path, parts)
    (tmp_path / "session-1-1.ratings").unlink()
    with pytest.raises(SessionError, match=r"session-1\.cfgui needs the file session-1-1\.ratings, which is gone"):
        read_session(path, Parts())
    write_session(kept, path, parts)
    assert_same(read_session(path, Parts()), kept)


@pytest.mark.usefixtures("beside")
def test_a_part_of_another_session_is_refused(tmp_path: Path) -> None:
    parts, kept = Parts(), small_session()
    write_session(kept, tmp_path / "session-1.cfgui", parts)
    changed = KeptSession(kept.ratings.with_ratings({(0, 0): 4.5}), kept.sheets, "other")
    write_session(changed, tmp_path / "session-2.cfgui", parts)
    (tmp_path / "session-2-6.ratings").replace(tmp_path / "session-1-1.ratings")
    with pytest.raises(SessionError, match="damaged"):
        read_session(tmp_path / "session-1.cfgui", Parts())


# Progress and cancelling


def test_progress_reaches_the_end_and_cancelling_leaves_what_was_there(written: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(Cancelled):
        write_session(small_session(), written, Parts(), cancelled=lambda: True)
    assert written.read_bytes() == before
    assert names(written.parent) == [written.name], "no half a file is left"
    seen: list[Progress] = []
    read_session(written, Parts(), report=seen.append)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert 0 < seen[-1].done <= seen[-1].total == len(before)
    with pytest.raises(Cancelled):
        read_session(written, Parts(), cancelled=lambda: True)


# Damage


def sentence_of(path: Path) -> str:
    """The one plain sentence with which a file is refused."""
    with pytest.raises(SessionError) as caught:
        read_session(path, Parts())
    return str(caught.value)


def rebuilt(path: Path, change: Callable[[dict[str, bytes], dict[str, Any]], object], **options: int) -> None:
    """Take the archive apart, change its members (bytes by name) or its head, and put it together again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(members.pop("head.json"))
    change(members, head)
    with zipfile.ZipFile(path, "w", options.get("compression", zipfile.ZIP_STORED)) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("head.json", json.dumps(head))


def test_a_newer_version_is_refused_politely(written: Path) -> None:
    rebuilt(written, lambda _members, head: head.update(version=3))
    assert sentence_of(written) == ("session-1.cfgui was kept by a newer version of cfgui. Update cfgui to restore it.")


DAMAGED = "session-1.cfgui is damaged and cannot be restored. Choose another session."


def huge(members: dict[str, bytes], _head: dict[str, Any]) -> None:
    """An array that says it has 2 ** 50 numbers."""
    data = members["ratings.movies.npy"]
    header = b"{'descr': '<i4', 'fortran_order': False, 'shape': (1125899906842624,), }"
    members["ratings.movies.npy"] = data[:8] + struct.pack("<H", len(header)) + header + data[-16:]


def pickled(members: dict[str, bytes], _head: dict[str, Any]) -> None:
    """An array of Python objects."""
    members["dot.rmses.npy"] = members["dot.rmses.npy"].replace(b"'<f8'", b"'|O' ")


def other_part(file: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    """Ratings in a file of this name."""
    part = {"file": file, "sha256": "0" * 64, "bytes": 1}
    return lambda _members, head: head.update(ratings={"part": part})


@pytest.mark.parametrize(
    "change",
    [
        huge,
        pickled,
        lambda members, _: members.update({"dot.steps.npy": members["dot.steps.npy"][:-8] + b"\1" * 8}),
        lambda members, _: members.update({"dot.steps.npy": members["dot.steps.npy"][:-8]}),
        lambda members, _: members.pop("dot.steps.npy"),
        lambda members, _: members.update({"more.npy": b""}),
        lambda members, _: members.update({"../../out.npy": b""}),
        lambda _, head: head.update(format="cfgui session part"),
        lambda _, head: head.update(active="deep"),
        lambda _, head: head["sheets"].update(deep=head["sheets"]["dot"]),
        lambda _, head: head["sheets"]["dot"].update(factors=3),
        lambda _, head: head["sheets"]["neural"].update(factors=6),
        lambda _, head: head.update(members=[]),
        lambda _, head: head["sheets"]["dot"].update(step=-1),
        lambda _, head: head["sheets"].pop("bias"),
        other_part("../session-1.ratings"),
        other_part("/etc/passwd"),
        other_part("session-1.cfgui"),
    ],
)
def test_a_hostile_archive(written: Path, change: Callable[[dict[str, bytes], dict[str, Any]], object]) -> None:
    rebuilt(written, change)
    assert sentence_of(written) == DAMAGED


@pytest.mark.parametrize(
    ("weights", "name", "value"),
    [
        (0, "shapes", [[3, 2], [2, 3]]),
        (0, "shapes", [[4, 2], [2, 2]]),
        (0, "shapes", [[3, 2], [2, 2], [3], [2]]),
        (0, "shapes", [[3, 0], [2, 0]]),
        (0, "shapes", [[3, 2], [2, True]]),
        (0, "shapes", [[3], [2]]),
        (0, "shapes", 7),
        (0, "has_bias", True),
        (0, "has_bias", 0),
        (0, "global_mean", 3.5),
        (3, "global_mean", 1e999),
        (3, "global_mean", "3"),
        (3, "range", ["tanh", 5.0, 1.0]),
        (3, "range", ["tanh", 0.0, 1e300]),
        (3, "range", ["cosine", 1.0, 5.0]),
        (3, "range", ["sigmoid", 1.0]),
        (3, "classes", [1.0]),
        (4, "shapes", [[3, 5], [2, 5]]),
        (4, "shapes", [[3, 5], [2, 5], [10, 3], [3], [3, 2], [2], [2, 2], [2]]),
        (4, "shapes", [[3, 5], [2, 5], [10, 2**40], [2**40], [2**40, 2], [2], [2, 1], [1]]),
        (4, "classes", [1.0, 2.0]),
        (6, "classes", []),
        (6, "classes", [2.5, 1.0]),
        (6, "classes", [1.0, None]),
        (6, "classes", [1.0, 2.0, 3.0]),
        (6, "classes", list(range(101))),
    ],
)
def test_weights_that_are_not_as_described(written: Path, weights: int, name: str, value: object) -> None:
    """Nothing is believed of what a head says of weights: shapes, kinds and numbers must be possible ones."""
    rebuilt(written, lambda _, head: head["weights"][weights]["description"].update({name: value}))
    assert sentence_of(written) == DAMAGED


def of_the_first_version(_members: dict[str, bytes], head: dict[str, Any]) -> None:
    """What a session was before there were nets and ranges."""
    head["version"] = 1
    for weights in head["weights"]:
        weights.pop("description")
    for net in ("neural", "ordinal"):
        head["sheets"].pop(net)
    for name in set(head["hyperparameters"]) - {"model", "optimizer", "learning_rate", "batch_size", "n_factors"}:
        del head["hyperparameters"][name]


def test_a_session_of_the_first_version(written: Path) -> None:
    """It had two models without a range and fewer choices; the nets are new, and the choices the usual ones."""
    rebuilt(written, of_the_first_version)
    kept, back = small_session(), read_session(written, Parts())
    for model in ("dot", "bias"):
        assert back.sheets[model].factors.flat().tobytes() == kept.sheets[model].factors.flat().tobytes()
        assert (back.sheets[model].factors.range, back.sheets[model].factors.global_mean) == (NO_RANGE, 0.0)
    assert back.hyperparameters == kept.hyperparameters
    for model in ("neural", "ordinal"):
        sheet, new = back.sheets[model], starting_weights(kept.ratings, Hyperparameters(model=model))
        assert sheet.factors.equals(new)
        assert sheet.start is sheet.factors
        assert (sheet.start_name, sheet.step, sheet.optimizer_state) == ("seed 42's", 0, None)


def of_an_earlier_second_version(_members: dict[str, bytes], head: dict[str, Any]) -> None:
    """What a session was before sheets kept anything of held-out ratings."""
    for sheet in head["sheets"].values():
        for name in ("held_out", "best", "samples"):
            del sheet[name]


def test_a_session_that_kept_nothing_of_held_out_ratings(written: Path) -> None:
    rebuilt(written, of_an_earlier_second_version)
    kept, back = small_session(), read_session(written, Parts())
    for model, sheet in back.sheets.items():
        assert same_factors(sheet.factors, kept.sheets[model].factors)
        assert (len(sheet.held_out), sheet.best, sheet.samples) == (0, None, None)


@pytest.mark.parametrize(
    ("model", "part", "change"),
    [
        ("dot", "held_out", [["run 2, held out", 2]]),
        ("dot", "held_out", [["a", 1], ["b", 2]]),
        ("dot", "held_out", "a curve"),
        ("dot", "best", 7),
        ("dot", "best", {"rmse": None}),
        ("dot", "best", {"step": -1}),
        ("dot", "best", {"factors": 99}),
        ("dot", "best", {"optimizer": 3}),
        ("bias", "samples", {"n_seen": 2}),
        ("bias", "samples", {"stride": 0}),
        ("bias", "samples", {"stride": 3}),
        ("bias", "samples", {"scale": [5.0, 0.5]}),
        ("bias", "samples", {"scale": [0.5]}),
        ("bias", "samples", {"scale": [0.5, None]}),
        ("bias", "samples", {"rmse": "low"}),
        ("bias", "samples", {"held_out": 1}),
        ("dot", "samples", {"n_seen": 22, "stride": 1, "scale": [1.0, 5.0], "rmse": None, "held_out": False}),
    ],
)
def test_what_cannot_be_said_of_held_out_ratings(written: Path, model: str, part: str, change: object) -> None:
    def told(_members: dict[str, bytes], head: dict[str, Any]) -> None:
        sheet = head["sheets"][model]
        sheet[part] = {**sheet[part], **change} if isinstance(change, dict) and sheet[part] else change

    rebuilt(written, told)
    assert sentence_of(written) == DAMAGED


def of_others(part: str, value: object) -> Callable[[Samples], Samples]:
    """Samples whose held-out ratings, or what is known of them, are others."""

    def changed_samples(samples: Samples) -> Samples:
        held_out, mean = samples.held_out, samples.mean
        assert held_out is not None
        if part in ("mean", "squares"):
            moments = mean.moments._replace(**{part: np.array(value, dtype=np.float64)})
            return replace(samples, mean=PosteriorMean.resumed(mean.pairs, moments, samples.draws, samples.scale))
        kind = np.float64 if part == "values" else np.int32
        return replace(samples, held_out=replace(held_out, **{part: np.array(value, dtype=kind)}))

    return changed_samples


@pytest.mark.parametrize(
    "change",
    [
        of_others("users", [0, 3]),
        of_others("users", [-1, 2]),
        of_others("users", [2, 0]),
        of_others("movies", [1, 2]),
        of_others("values", [1.0, np.inf]),
        of_others("mean", [1.0, np.nan]),
        of_others("squares", [1.0, -1.0]),
        of_others("squares", [1.0]),
        lambda samples: of_others("movies", [1, 1])(of_others("users", [0, 0])(samples)),
    ],
)
def test_draws_of_what_is_not_there(tmp_path: Path, change: Callable[[Samples], Samples]) -> None:
    """Held-out ratings must be of the table, each once and in order: compiled code believes their places."""
    kept, path = small_session(), tmp_path / "session-1.cfgui"
    samples = kept.sheets["bias"].samples
    assert samples is not None
    sheets = {**kept.sheets, "bias": replace(kept.sheets["bias"], samples=change(samples))}
    write_session(replace(kept, sheets=sheets), path, Parts())
    assert sentence_of(path) == DAMAGED


def test_choices_that_do_not_go_together_are_the_usual_ones(written: Path) -> None:
    told = {"model": "dot", "loss": "bce", "range": "none", "hidden": 7, "momentum": 0.5, "engine": "quantum"}
    rebuilt(written, lambda _, head: head["hyperparameters"].update(told))
    choices = read_session(written, Parts()).hyperparameters
    assert (choices.loss, choices.hidden, choices.momentum, choices.engine) == ("mse", "10", 0.5, "auto")
    assert (choices.optimizer, choices.learning_rate) == ("adam", 0.1)


@pytest.mark.parametrize(
    "state",
    [
        OptimizerState("annealing", (np.zeros(10),), 3),
        OptimizerState("adam", (np.zeros(10),), 3),
        OptimizerState("adam", (np.zeros(10), np.zeros(9)), 3),
        OptimizerState("adam", (np.zeros(10), np.zeros(10, dtype=np.int64)), 3),
    ],
)
def test_what_no_optimizer_of_ours_remembers_is_not_kept(tmp_path: Path, state: OptimizerState) -> None:
    """Training then starts afresh from the kept weights; nothing else is lost."""
    kept = small_session()
    sheets = {**kept.sheets, "dot": replace(kept.sheets["dot"], optimizer_state=state)}
    write_session(replace(kept, sheets=sheets), tmp_path / "session-1.cfgui", Parts())
    back = read_session(tmp_path / "session-1.cfgui", Parts())
    assert back.sheets["dot"].optimizer_state is None
    assert same_factors(back.sheets["dot"].factors, kept.sheets["dot"].factors)


def test_a_memory_that_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfgui.io.kept_optimizer.MAX_OPTIMIZER", 100)
    write_session(small_session(), tmp_path / "session-1.cfgui", Parts())
    assert read_session(tmp_path / "session-1.cfgui", Parts()).sheets["dot"].optimizer_state is None


def test_packed_members_are_refused(written: Path) -> None:
    """They could unpack to anything."""
    rebuilt(written, lambda *_: None, compression=zipfile.ZIP_DEFLATED)
    assert sentence_of(written) == DAMAGED


def test_an_endless_list_of_members_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "session-1.cfgui"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.npy", b"")
    assert sentence_of(path) == DAMAGED


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\5\6" + b"\xff" * 18, b"PK\5\6" + b"\0" * 18])
def test_no_archive_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session-1.cfgui"
    path.write_bytes(content)
    assert sentence_of(path) == DAMAGED
    with pytest.raises(SessionError, match="is damaged"):
        read_summary(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    assert sentence_of(tmp_path / "none.cfgui") == "There is no session none.cfgui any more. Choose another."
    assert "none.cfgui" not in sentence_of(tmp_path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_changed(written: Path, data: st.DataObject) -> None:
    """Either it is refused with one sentence, or what comes back is, to the last bit, what was kept."""
    content = bytearray(written.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        what = data.draw(st.sampled_from(["change", "cut", "insert", "double"]))
        if what == "change":
            content[place] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del content[place : place + data.draw(st.integers(1, 200))]
        elif what == "insert":
            content[place:place] = data.draw(st.binary(max_size=50))
        else:
            content[place:place] = content[place : place + 300]
        if not content:
            break
    path = written.with_name("session-1-mutated.cfgui")
    path.write_bytes(content)
    back = session_or_sentence(path)
    if isinstance(back, str):
        assert back.startswith("session-1-mutated.cfgui ")
        assert "\n" not in back
    else:
        assert_same(back, small_session())


def session_or_sentence(path: Path) -> KeptSession | str:
    """What comes of reading a file that may be damaged."""
    try:
        return read_session(path, Parts())
    except SessionError as error:
        return str(error)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([2**31, 2**63, 1e308, -0.5, "", "dot", "bias", "lbfgs", [], [1], {}, {"part": 1}, [["run 1", 2]]]),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_head_that_says_something_else(written: Path, data: st.DataObject) -> None:
    """Whatever it says: refused with one sentence, or a session with which one can train."""
    path = written.with_name("session-1-told.cfgui")
    path.write_bytes(written.read_bytes())

    def change(_members: dict[str, bytes], head: dict[str, Any]) -> None:
        node: Any = head
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(node[key], (dict, list)) or not node[key] or data.draw(st.booleans()):
                node[key] = data.draw(VALUES)
                return
            node = node[key]

    rebuilt(path, change)
    back = session_or_sentence(path)
    if isinstance(back, str):
        assert "\n" not in back
        return
    restored = restored_session(back)
    sheet = back.sheets[back.active]
    choices = Hyperparameters(optimizer="adam", gradient="forward")
    state = None if sheet.trained_on is not None else sheet.optimizer_state
    trainer = Trainer(
        restored.state.ratings, sheet.factors, choices, step=sheet.step, seen=sheet.seen, optimizer_state=state
    )
    assert trainer.advance().step == sheet.step + 1
