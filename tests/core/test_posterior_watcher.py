"""Held-out ratings under sampling: the mean over the draws that were looked at, each once."""

from __future__ import annotations

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.posterior_watcher import PosteriorWatcher, SamplePredictions
from cfgui.core.split import SplitChoice, make_split, random_split
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table

CHOICES = Hyperparameters(model="bias", optimizer="gibbs", n_factors=2)


def test_looks_average_the_draws_after_burn_in() -> None:
    """Some of the users and movies have no rating to learn from."""
    split = random_split(random_table(30, 60, 200, seed=8), 0.4, 1)
    assert split.cold_users.any()
    assert split.cold_movies.any()
    trainer = Trainer(split.train, random_factors(30, 60, 2, bias=True, init="normal"), CHOICES)
    watcher, held_out = PosteriorWatcher(split, burn_in=2), split.held_out
    low, high = split.train.scale
    draws = []
    watcher.look(trainer)  # the starting weights are no draw
    for step in range(1, 7):
        trainer.advance()
        draws.append(models.predict(trainer.factors, held_out.users, held_out.movies))
        mean = np.clip(np.mean(draws[2:] or draws[-1:], axis=0), low, high)
        rmse = np.sqrt(np.mean((held_out.values - mean) ** 2))
        assert watcher.look(trainer) == watcher.look(trainer) == pytest.approx(rmse, rel=1e-12)
        assert watcher.n_samples == max(0, step - 2)
    assert watcher.residuals(trainer.factors) == pytest.approx(held_out.values - mean, abs=1e-12)
    assert watcher.spread() == pytest.approx(np.std(draws[2:], axis=0))
    of_cells = watcher.predictions(trainer.factors)(held_out.users, held_out.movies)
    assert of_cells == pytest.approx(mean, abs=1e-5)  # the draws are kept in float32


def test_a_block_holds_what_the_pairs_do() -> None:
    samples = [random_factors(5, 7, 3, bias=True, seed=seed) for seed in range(4)]
    predictions = SamplePredictions(samples, (0.5, 5.0))
    users, movies = (part.astype(np.int32) for part in np.divmod(np.arange(35), 7))
    block = predictions.block(np.arange(5, dtype=np.int32), np.arange(7, dtype=np.int32))
    assert block.ravel() == pytest.approx(predictions(users, movies), rel=1e-12)


def test_blocks_take_evenly_chosen_draws_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfgui.core.posterior_watcher.BLOCK_SAMPLES", 2)
    samples = [random_factors(2, 2, 1, bias=False, seed=seed) for seed in range(5)]
    every = np.arange(2, dtype=np.int32)
    expected = (models.predict_all(samples[0]) + models.predict_all(samples[3])) / 2
    assert SamplePredictions(samples, (-9.0, 9.0)).block(every, every) == pytest.approx(expected)


def test_nothing_held_out_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="No rating is held out"):
        PosteriorWatcher(make_split(random_table(3, 3, 5), SplitChoice()))
