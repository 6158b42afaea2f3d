"""What an option is: a name, a flag, a type, bounds, a default and the sentence that teaches it."""

from __future__ import annotations

import math
from dataclasses import dataclass

Value = str | int | float | None


def _plain(number: float) -> str:
    """A number for a sentence: a whole one with all its digits."""
    return str(int(number)) if math.isfinite(number) and number == int(number) and abs(number) < 1e20 else f"{number:g}"


@dataclass(frozen=True)
class Option:
    """One choice: its name in code, flag on the command line, type, bounds, default and the sentence that teaches it.

    ``default`` None means "the optimizer's own" (see ``OptimizerDefaults``). ``window_default`` is given only where the
    window opens differently from a script.
    """

    name: str
    flag: str
    type: type
    default: Value
    label: str
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    window_default: Value = None
    choice_labels: tuple[str, ...] = ()

    def check(self, value: Value) -> None:
        """Raise ValueError with one plain sentence when ``value`` is not allowed."""
        if value is None and self.default is None:
            return
        if self.choices and value not in self.choices:
            raise ValueError(f"{self._name} must be one of {', '.join(self.choices)}, not {value!r}")
        if self.type is str:
            return
        if isinstance(value, int) and abs(value) > 2**1023:
            # Beyond what a float holds: no other check, nor its message, would survive it.
            raise ValueError(f"{self._name} must lie {self._bounds}, not further out")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{self._name} must be a finite number, not {value!r}")
        if self.type is int and value != int(value):
            raise ValueError(f"{self._name} must be a whole number, not {value!r}")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self._name} must lie {self._bounds}, not {_plain(value)}")

    @property
    def _name(self) -> str:
        """The label, or, where that only goes on from the field before it in the form, the words of the flag."""
        return self.label if self.label[0].isupper() else self.flag.strip("-").replace("-", " ").capitalize()

    @property
    def _bounds(self) -> str:
        return f"between {_plain(self.low)} and {_plain(self.high)}"
