"""The benchmark of accuracy reads the folds of MovieLens 100k as they come, here from files made in their form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import FOLDS, book, by_epoch, given_folds, movielens_100k, preset, settings, trained
from cfgui.core.curve import Curve
from cfgui.core.presets import PRESETS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """u.data, u1.base, u1.test ...: tab-separated lines of user, movie, rating and time, without a header.

    Of 12 users and 9 movies every pair but one is rated; each fold holds a fifth out, all of the last movie in one.
    """
    rng = np.random.default_rng(5)
    pairs = [(user, movie) for user in range(1, 13) for movie in range(1, 10) if (user, movie) != (3, 4)]
    lines = [f"{user}\t{movie}\t{rng.integers(1, 6)}\t{880000000 + user}" for user, movie in pairs]
    (tmp_path / "u.data").write_text("\n".join(lines) + "\n")
    for number, name in enumerate(FOLDS):
        held = {i for i, (_user, movie) in enumerate(pairs) if movie == 9} if number == 4 else set()
        held |= set(range(number, len(lines), 5))
        for ending, chosen in (("base", set(range(len(lines))) - held), ("test", held)):
            (tmp_path / f"{name}.{ending}").write_text("".join(lines[i] + "\n" for i in sorted(chosen)))
    return tmp_path


def test_folds_are_read_as_they_are_given(folder: Path) -> None:
    found = list(given_folds(folder))
    assert [name for name, _document, _split in found] == list(FOLDS)
    for name, document, split in found:
        base, test = (
            np.loadtxt(folder / f"{name}.{ending}", dtype=int, usecols=(0, 1, 2)) for ending in ("base", "test")
        )
        for ratings, rows in ((split.train, base), (split.held_out, test)):
            ids = [
                (int(ratings.user_ids[user]), int(ratings.movie_ids[movie]), int(value))
                for user, movie, value in zip(ratings.users, ratings.movies, ratings.values, strict=True)
            ]
            assert sorted(ids) == sorted(map(tuple, rows.tolist()))
        assert document.ratings.n_ratings == len(base)
        assert split.n_moved == 0
    assert found[4][2].n_new_movies == 1
    assert found[4][2].n_cold_movies == 1


def test_a_given_fold_is_trained_and_measured(folder: Path) -> None:
    _name, document, split = list(given_folds(folder))[4]
    setting = replace(preset("best-bayesian"), epochs=30)
    evaluation = trained(document, split, setting, 1)
    assert evaluation.residuals.shape == (split.held_out.n_ratings,)
    assert evaluation.score.held_out.mse == pytest.approx(np.mean(evaluation.residuals**2), rel=1e-12)


def test_the_book_is_told_epoch_by_epoch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _name, document, split = next(given_folds(folder))
    book("made", document, split)
    shown = capsys.readouterr().out
    assert [line.split(":")[0].strip() for line in shown.splitlines() if "epoch" in line] == [
        f"epoch {number}" for number in range(1, 6)
    ] * 2
    assert "weight decay 0.1" in shown
    assert "weight decay 0:" in shown


def test_every_fold_is_printed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.accuracy.preset", lambda name: replace(preset(name), epochs=1))
    movielens_100k(folder)
    shown = capsys.readouterr().out
    assert all(shown.count(f"  {name}: ") == 2 for name in FOLDS)
    assert shown.count("mean RMSE") == 2


def test_the_ends_of_epochs() -> None:
    curve = Curve("run 1", (0, 1, 2, 4, 5, 6), (9.0, 8.0, 3.0, 2.0, 7.0, 1.0))
    assert by_epoch(curve, 2) == [9.0, 4.0, 1.0]


def test_what_is_measured_is_what_one_click_gives() -> None:
    for setting in settings():
        if setting.name in PRESETS:
            chosen = PRESETS[setting.name]
            assert setting.epochs == chosen.epochs
            assert all(getattr(setting.choices, name) == value for name, value in chosen.complete.items())
