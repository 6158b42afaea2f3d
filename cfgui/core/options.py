"""Every choice a person can make about training, declared once.

The toolbar, the command line, the file check and the documentation all read ``OPTIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping

from cfgui.core.option import Option, Value
from cfgui.core.options_model import MODEL_OPTIONS
from cfgui.core.options_start import START_OPTIONS
from cfgui.core.options_updates import UPDATE_OPTIONS

OPTIONS: tuple[Option, ...] = (*MODEL_OPTIONS, *UPDATE_OPTIONS, *START_OPTIONS)
"""Every option, in the order forms and help show them."""

OPTION_BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
"""Each option by its name in code."""


def defaults(*, window: bool = False) -> Mapping[str, Value]:
    """Default value by option name, for a script or for the window."""
    return {
        option.name: option.window_default if window and option.window_default is not None else option.default
        for option in OPTIONS
    }
