"""The groups of the form, and when an option has no effect."""

from __future__ import annotations

import pytest

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.option_groups import GROUPS, NEEDS, idle_reason
from cfgui.core.options import OPTION_BY_NAME, OPTIONS


def test_every_option_stands_in_one_group() -> None:
    placed = [name for names in GROUPS.values() for name in names]
    assert sorted(placed) == sorted(option.name for option in OPTIONS)


def test_needs_name_options_and_values_that_exist() -> None:
    for name, needs in NEEDS.items():
        assert name in OPTION_BY_NAME
        for need in needs:
            assert set(need.values) <= set(OPTION_BY_NAME[need.option].choices)
            assert need.why.endswith(".")


@pytest.mark.parametrize(
    ("option", "choices", "idle"),
    [
        ("epsilon", {}, True),
        ("epsilon", {"gradient": "central"}, False),
        ("momentum", {}, True),
        ("momentum", {"optimizer": "adamw"}, False),
        ("batch_size", {}, True),
        ("batch_size", {"optimizer": "sgd"}, False),
        ("low", {}, True),
        ("low", {"range": "clip"}, False),
        ("low", {"range": "clip", "model": "ordinal"}, True),
        ("hidden", {}, True),
        ("hidden", {"model": "ordinal"}, False),
        ("global_mean", {}, True),
        ("global_mean", {"model": "bias"}, False),
        ("n_movie_factors", {"model": "bias"}, True),
        ("loss", {"model": "ordinal"}, True),
        ("schedule_epochs", {}, True),
        ("schedule_epochs", {"schedule": "cosine"}, False),
        ("decay_kind", {"optimizer": "adamw"}, True),
        ("device", {"gradient": "forward"}, True),
        ("seed", {}, False),
    ],
)
def test_when_an_option_has_no_effect(option: str, choices: dict[str, str], idle: bool) -> None:
    assert bool(idle_reason(option, Hyperparameters(**choices))) is idle
