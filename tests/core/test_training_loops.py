"""Loading compiled loops beforehand."""

import subprocess
import sys

import pytest

from cfgui.core import training_loops
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.structure import starting_weights
from tests.helpers.tables import random_table

SCRIPT = """
import sys, time
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from cfgui.core.training_loops import warm_up
from tests.helpers.tables import random_table
table = random_table(400, 300, 20_500, seed=1)
for options in ({"optimizer": "sgd"}, {"optimizer": "adam", "batch_size": 2000, "n_factors": 150, "model": "bias"}):
    choices = Hyperparameters(engine=sys.argv[1], **options)
    start = starting_weights(table, choices)
    warm_up(table, start, choices)
    print("numba" in sys.modules, "torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("engine", "loaded"), [("auto", ["True False", "True False"]), ("numpy", ["False False", "True False"])]
)
def test_loops_are_loaded_where_they_are_needed(project, engine, loaded):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, engine], check=True, capture_output=True, text=True, cwd=project
    )
    assert done.stdout.splitlines() == loaded


def test_once_is_enough(monkeypatch):
    table = random_table(400, 300, 20_500, seed=1)
    choices = Hyperparameters(optimizer="sgd", model="bias")
    training_loops.warm_up(table, starting_weights(table, choices), choices)
    monkeypatch.setattr(training_loops, "FastSgd", None)
    training_loops.warm_up(table, starting_weights(table, choices), choices)


def test_an_engine_that_cannot_is_said(ratings):
    choices = Hyperparameters(model="neural", engine="compiled")
    with pytest.raises(ValueError, match="choose another engine"):
        training_loops.warm_up(ratings, starting_weights(ratings, choices), choices)
