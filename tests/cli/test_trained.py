"""The model that the asking commands ask: that of a file, that of --weights, or one trained."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from cfgui.app.documents import export_document
from cfgui.app.trained_model import FEW_RATINGS, USUAL_PRESET, TrainedModel, usual_choices
from cfgui.app.training import train
from cfgui.cli.explore_parsers import biases_parser
from cfgui.cli.trained import trained_model
from cfgui.core.document import Document
from cfgui.core.engines import rating_loop
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import rmse
from cfgui.core.presets import PRESETS, matching_preset
from cfgui.io.factors_export import write_factors
from cfgui.io.sample import sample_document


def parsed(*words: object) -> Namespace:
    return biases_parser().parse_intermixed_args([str(word) for word in words])


def asked(*words: object) -> TrainedModel:
    return trained_model(parsed(*words), lambda: False)


@pytest.fixture(scope="module")
def trained() -> Document:
    """The sample after 30 steps of its bias model."""
    document = sample_document()
    choices = Hyperparameters(model="bias", optimizer="adam")
    factors = train(document, choices, steps=30).factors
    return Document(document.ratings, {**document.factors, "bias": factors}, active="bias")


def test_without_a_word_the_sample_is_brought_to_the_optimum_of_solver() -> None:
    found = asked()
    assert found.model == "bias"
    assert rmse(found.factors, found.ratings) == pytest.approx(0.318654970695, abs=1e-6)


def test_a_workbook_is_asked_as_it_is(trained: Document, tmp_path: Path) -> None:
    export_document(trained, tmp_path / "t.xlsx")
    found = asked(tmp_path / "t.xlsx")
    assert found.factors.equals(trained.factors["bias"])
    assert found.note == "the weights of bias in t.xlsx"
    assert asked(tmp_path / "t.xlsx", "--model", "dot").factors.equals(trained.factors["dot"])


def test_a_workbook_is_trained_on_where_that_is_asked_for(trained: Document, tmp_path: Path) -> None:
    export_document(trained, tmp_path / "t.xlsx")
    found = asked(tmp_path / "t.xlsx", "--model", "bias", "--optimizer", "adam", "--steps", "3")
    wanted = train(trained, Hyperparameters(model="bias", optimizer="adam"), steps=3).factors
    assert found.factors.equals(wanted)


def test_weights_of_an_npz_go_with_ratings_by_their_ids(trained: Document, tmp_path: Path) -> None:
    ratings, own = trained.ratings, trained.factors["bias"]
    write_factors(ratings, own, tmp_path / "w.npz")
    lines = [f"{ratings.user_ids[3]},{ratings.movie_ids[2]},4", f"new,{ratings.movie_ids[0]},3"]
    (tmp_path / "r.csv").write_text("userId,movieId,rating\n" + "\n".join(lines) + "\n")
    found = asked(tmp_path / "r.csv", "--weights", tmp_path / "w.npz")
    assert found.note == (
        "the weights of bias in w.npz, which knows nothing of 1 user: these have the mean of the others"
    )
    rows = {raw_id: row for row, raw_id in enumerate(found.ratings.user_ids)}
    np.testing.assert_array_equal(found.factors.user_factors[rows[ratings.user_ids[3]]], own.user_factors[3])
    np.testing.assert_allclose(found.factors.user_factors[rows["new"]], own.user_factors.mean(axis=0), rtol=1e-15)


def test_an_npz_alone_has_no_ratings(trained: Document, tmp_path: Path) -> None:
    write_factors(trained.ratings, trained.factors["bias"], tmp_path / "w.npz")
    found = asked(tmp_path / "w.npz")
    assert (found.ratings.n_ratings, found.ratings.user_ids) == (0, trained.ratings.user_ids)
    assert found.factors.equals(trained.factors["bias"])
    with pytest.raises(ValueError, match="has no weights of the model dot"):
        asked(tmp_path / "w.npz", "--model", "dot")


def test_weights_of_other_ids_are_refused(trained: Document, tmp_path: Path) -> None:
    write_factors(trained.ratings, trained.factors["bias"], tmp_path / "w.npz")
    (tmp_path / "other.csv").write_text("userId,movieId,rating\nx,y,4\nx,z,2\n")
    with pytest.raises(ValueError, match=r"w\.npz does not go with these ratings: these weights belong to other"):
        asked(tmp_path / "other.csv", "--weights", tmp_path / "w.npz")


def test_gibbs_sampling_brings_its_draws() -> None:
    found = asked("--model", "bias", "--optimizer", "gibbs", "--steps", "60")
    assert found.samples is not None
    assert len(found.samples.draws) > 0


def test_the_help_tells_what_is_usual(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        biases_parser().parse_args(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"of {FEW_RATINGS:,} ratings or fewer, else as --preset {USUAL_PRESET} does" in said
    assert usual_choices(FEW_RATINGS)[0].optimizer == "lbfgs"
    assert matching_preset(usual_choices(FEW_RATINGS + 1)[0], (0.5, 5.0)) is PRESETS[USUAL_PRESET]


def test_weights_that_look_untrained_are_said_to(trained: Document, tmp_path: Path) -> None:
    export_document(trained, tmp_path / "t.xlsx")
    values, factors = trained.ratings.values, trained.factors["dot"]
    residuals = [
        value - sum(factors.user_factors[user] * factors.movie_factors[movie])
        for user, movie, value in zip(trained.ratings.users, trained.ratings.movies, values, strict=True)
    ]
    own, mean = np.sqrt(np.mean(np.square(residuals))), np.std(values.astype(np.float64))
    ending = f"; they predict these ratings worse than the mean rating does (RMSE {own:.2f} against {mean:.2f}),"
    assert ending in asked(tmp_path / "t.xlsx", "--model", "dot").note
    assert asked(tmp_path / "t.xlsx").note == "the weights of bias in t.xlsx"


def test_a_model_of_a_workbook_can_be_chosen(trained: Document, tmp_path: Path) -> None:
    export_document(trained, tmp_path / "t.xlsx")
    write_factors(trained.ratings, trained.factors["bias"], tmp_path / "w.npz")
    weights = ("--weights", tmp_path / "t.xlsx")
    assert asked(*weights).factors.equals(trained.factors["bias"])
    assert asked(*weights, "--model", "dot").factors.equals(trained.factors["dot"])
    with pytest.raises(ValueError, match=r"w\.npz has no weights of the model dot: it has bias\."):
        asked("--weights", tmp_path / "w.npz", "--model", "dot")


def test_an_npz_alone_says_that_nobody_has_seen_anything(trained: Document, tmp_path: Path) -> None:
    write_factors(trained.ratings, trained.factors["bias"], tmp_path / "w.npz")
    assert asked(tmp_path / "w.npz").note.endswith("w.npz, which holds no ratings: nobody has seen anything")


@pytest.mark.parametrize("n_ratings", [FEW_RATINGS + 1, 15_000, 100_000])
def test_what_is_usual_never_updates_a_large_sheet_rating_by_rating(n_ratings: int) -> None:
    choices, _ = usual_choices(n_ratings)
    assert rating_loop(n_ratings, choices, choices.gradient) == "fast"
    assert rating_loop(n_ratings // 2, choices, choices.gradient) == "fast"  # where half is held out
