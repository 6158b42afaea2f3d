"""The answer report: what Solve changed, as Excel's Solver reports it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

COLUMNS = ("Cell", "Name", "Original value", "Final value", "Change")
"""What the report says of each variable cell."""


class VariableCell(NamedTuple):
    """One weight that Solve was free to change: its address on the sheet, its name, and its value before and after."""

    address: str
    name: str
    original: float
    final: float

    @property
    def change(self) -> float:
        """Final minus original value."""
        return self.final - self.original

    @property
    def place(self) -> tuple[int, str, int]:
        """A key that sorts addresses as they stand on the sheet, column by column: B2 before B10 before AA1."""
        found = re.search(r"\$?([A-Za-z]+)\$?(\d+)$", self.address)
        if found is None:
            return 0, self.address, 0
        letters, digits = found.groups()
        return len(letters), letters.upper(), int(digits)


@dataclass(frozen=True)
class AnswerReport:
    """One Solve from start to end.

    ``engine`` is the method by name, ``gradient`` where its derivatives came from, ``stop_reason`` why it ended.
    ``objective_address`` is the cell that was minimised, ``original_value`` and ``final_value`` what it showed;
    ``minimised`` says what was minimised in its stead, where the loss is another. ``seconds`` is the time spent
    computing.
    """

    engine: str
    objective_address: str
    original_value: float
    final_value: float
    iterations: int
    seconds: float
    gradient: str
    stop_reason: str
    cells: tuple[VariableCell, ...] = ()
    objective_name: str = "RMSE"
    minimised: str = ""

    @property
    def result(self) -> str:
        """The outcome in one sentence."""
        if self.final_value < self.original_value:
            return f"{self.objective_name} fell from {self.original_value:.6g} to {self.final_value:.6g}."
        if self.minimised and self.final_value > self.original_value:
            return f"{self.objective_name} rose from {self.original_value:.6g} to {self.final_value:.6g}."
        return f"Nothing lower was found: {self.objective_name} stays at {self.original_value:.6g}."

    @property
    def objective(self) -> str:
        """What was minimised, in words."""
        cell = f"{self.objective_name} in {self.objective_address}"
        return f"{self.minimised}; {cell} only follows" if self.minimised else f"{cell}, minimised"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What there is to say besides the cells, as (label, value)."""
        return (
            ("Engine", self.engine),
            ("Gradient", self.gradient),
            ("Iterations", f"{self.iterations:,}"),
            ("Time", f"{self.seconds:.3g} s"),
            ("Stopped because", self.stop_reason),
        )

    def text(self) -> str:
        """The whole report as plain text with aligned columns, values to full precision."""
        objective = VariableCell(self.objective_address, self.objective_name, self.original_value, self.final_value)
        width = max(len(label) for label, _ in self.facts) + 2
        lines = ["Answer report", self.result, ""]
        lines += [f"{label + ':':<{width}}{value}" for label, value in self.facts]
        heading = f"Objective: {self.minimised}" if self.minimised else "Objective cell (minimise)"
        lines += ["", heading, *aligned([COLUMNS, cell_texts(objective)])]
        lines += ["", "Variable cells", *aligned([COLUMNS, *map(cell_texts, self.cells)])]
        return "\n".join(lines) + "\n"


def cell_texts(cell: VariableCell) -> tuple[str, ...]:
    """The texts of ``COLUMNS`` for one cell, numbers to full precision."""
    return cell.address, cell.name, repr(cell.original), repr(cell.final), repr(cell.change)


def aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lines in which the columns of these rows stand below each other, numbers to the right."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if index < 2 else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
