"""Presets: every one is a whole, allowed set of choices, and says what its source says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.options import OPTION_BY_NAME, OPTIONS
from cfgui.core.presets import PRESETS, UNTOUCHED, Preset, matching_preset
from cfgui.core.ratings import Ratings
from cfgui.core.structure import starting_weights
from cfgui.io.sample import sample_document

NAMES = [
    "course-dot",
    "course-bias",
    "course-neural",
    "blog-shallow",
    "blog-neural",
    "fastai-wd",
    "best-sgd",
    "best-neural",
    "best-bayesian",
]


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """The original 15 x 15."""
    return sample_document().ratings


def test_the_names_are_those_promised() -> None:
    assert list(PRESETS) == NAMES
    assert all(name == preset.name for name, preset in PRESETS.items())
    assert len({preset.label for preset in PRESETS.values()}) == len(NAMES)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=NAMES)
def test_every_preset_is_allowed_and_sets_everything(preset: Preset) -> None:
    complete = preset.complete
    assert set(complete) == {option.name for option in OPTIONS} - set(UNTOUCHED)
    choices = Hyperparameters(**complete)
    assert {name: getattr(choices, name) for name in preset.choices} == dict(preset.choices)
    for name in set(complete) - set(preset.choices):
        assert complete[name] == OPTION_BY_NAME[name].default
    assert preset.epochs > 0
    assert preset.source.endswith(".")
    assert choices.schedule == "constant" or choices.schedule_epochs == preset.epochs


@pytest.mark.parametrize("preset", PRESETS.values(), ids=NAMES)
def test_every_preset_makes_weights(preset: Preset, ratings: Ratings) -> None:
    factors = starting_weights(ratings, Hyperparameters(**preset.complete))
    assert factors.model == preset.choices["model"]
    assert factors.n_factors == preset.choices["n_factors"]


def test_the_blogs_first_weight_matrix_is_100_by_10(ratings: Ratings) -> None:
    factors = starting_weights(ratings, Hyperparameters(**PRESETS["blog-neural"].complete))
    assert [layer.weights.shape for layer in factors.layers] == [(100, 10), (10, 1)]
    assert (factors.range.kind, factors.range.low, factors.range.high) == ("sigmoid", 1.0, 5.0)


def test_the_books_recipe() -> None:
    """Chapter 8: collab_learner(n_factors=50, y_range=(0, 5.5)), fit_one_cycle(5, 5e-3, wd=0.1), batches of 64."""
    choices = Hyperparameters(**PRESETS["fastai-wd"].complete)
    assert (choices.n_factors, choices.low, choices.high, choices.range) == (50, 0.0, 5.5, "sigmoid")
    assert (choices.schedule, choices.schedule_epochs, choices.rate) == ("one-cycle", 5, 5e-3)
    assert (choices.weight_decay, choices.batch(100_000)) == (0.1, 64)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=NAMES)
def test_choices_are_known_for_the_preset_they_are(preset: Preset) -> None:
    choices = Hyperparameters(**preset.complete)
    assert matching_preset(choices) is preset
    assert matching_preset(replace(choices, seed=7, engine="numpy")) is preset
    assert matching_preset(replace(choices, n_factors=3)) is None
    assert matching_preset(Hyperparameters()) is None


def test_an_option_without_effect_hides_no_preset() -> None:
    choices = Hyperparameters(**PRESETS["course-bias"].complete)
    assert matching_preset(replace(choices, hidden="7", epsilon=0.5)) is PRESETS["course-bias"]


def test_a_preset_that_leaves_the_ends_of_its_range_open_has_those_of_the_ratings() -> None:
    preset = PRESETS["best-sgd"]
    assert (preset.complete["range"], preset.complete["low"]) == ("clip", None)
    on_sheet = replace(Hyperparameters(**preset.complete), low=1.0, high=5.0)
    assert matching_preset(on_sheet) is None
    assert matching_preset(on_sheet, (1.0, 5.0)) is preset
    assert matching_preset(on_sheet, (0.5, 5.0)) is None
