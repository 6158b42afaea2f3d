"""The options as they are declared: complete, and with a window that opens as the course does."""

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.options import OPTIONS, defaults


def test_the_window_opens_with_forward_differences_as_the_course_does():
    window = defaults(window=True)
    assert window["gradient"] == "forward"
    assert window["epsilon"] == 0.01
    assert {name for name in window if window[name] != defaults()[name]} == {"gradient"}
    Hyperparameters(**window)


def test_options_are_complete():
    for option in OPTIONS:
        assert option.flag.startswith("--")
        assert option.help.endswith((".", "?"))
        assert len(option.choice_labels) == len(option.choices)
    assert len({option.flag for option in OPTIONS}) == len(OPTIONS)
    choices = {option.name: option.choices for option in OPTIONS}
    assert choices["optimizer"] == tuple(OPTIMIZER_DEFAULTS)
    assert choices["model"] == tuple(MODELS)
