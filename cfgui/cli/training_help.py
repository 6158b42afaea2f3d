"""What stands below the options of ``cfgui train`` and ``cfgui evaluate``: the presets and the optimizers."""

from __future__ import annotations

import textwrap

from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.option import Value
from cfgui.core.options import OPTIONS
from cfgui.core.presets import PRESETS, Preset

WIDTH = 112
"""Columns of the text at most."""


def training_epilog(exit_codes: str) -> str:
    """All of it, as one text."""
    return "\n\n".join((_presets(), _optimizers(), exit_codes))


def _presets() -> str:
    lines = ["presets (an option that is given as well stays as given):"]
    for preset in PRESETS.values():
        lines.append(f"  {preset.name}: {preset.label}, {preset.epochs} epochs")
        for text in (preset.source, flags_of(preset)):
            lines += textwrap.wrap(
                text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
            )
    return "\n".join(lines)


def flags_of(preset: Preset) -> str:
    """What a preset sets, as the flags that would."""
    chosen = (option for option in OPTIONS if option.name in preset.choices)
    return " ".join(f"{option.flag} {_word(preset.choices[option.name])}" for option in chosen)


def _word(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _optimizers() -> str:
    lines = ["optimizers, each with its own learning rate and batch size:"]
    width = max(map(len, OPTIMIZER_DEFAULTS))
    for name, own in OPTIMIZER_DEFAULTS.items():
        lines.append(f"  {name:<{width}} {own.learning_rate:<5g} {own.batch_size or 'all':>4}   {own.help}")
    return "\n".join(lines)
