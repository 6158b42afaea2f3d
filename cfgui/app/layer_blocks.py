"""The blocks of a net's layers: one table each, a row per input and a last row of biases, a column per unit."""

from __future__ import annotations

import numpy as np

from cfgui.app.block import ALL
from cfgui.app.edits import WeightCell
from cfgui.app.session import Session
from cfgui.app.weight_blocks import WeightsBlock
from cfgui.app.weights import input_name, layer_name, unit_name
from cfgui.core.factors import Factors, Layer
from cfgui.core.ratings import Floats


class LayerBlock(WeightsBlock):
    """The layer of this number, counted from 1; without cells where the net has fewer layers."""

    def __init__(self, session: Session, model: str, number: int) -> None:
        super().__init__(session, model)
        self.number = number
        self.name, self.title = f"layer{number}", f"Layer {number}"

    @property
    def layer(self) -> Layer | None:
        """The layer itself, None where the net has fewer."""
        layers = self.factors.layers
        return layers[self.number - 1] if self.number <= len(layers) else None

    @property
    def is_last(self) -> bool:
        """Whether it gives the outputs of the net."""
        return self.number == len(self.factors.layers)

    @property
    def n_inputs(self) -> int:
        """Rows without that of the biases."""
        return 0 if self.layer is None else self.layer.weights.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """(inputs + 1, units)."""
        layer = self.layer
        return (0, 0) if layer is None else (layer.weights.shape[0] + 1, layer.weights.shape[1])

    def _table(self, factors: Factors, rows: slice = ALL, columns: slice = ALL) -> Floats:
        layer = factors.layers[self.number - 1]
        return np.vstack([layer.weights[:, columns], layer.bias[None, columns]])[rows]

    def weight_cell(self, row: int, column: int) -> WeightCell:
        """(table, input, unit); of a bias the input is 0."""
        if row < self.n_inputs:
            return f"{self.name}.weights", row, column
        return f"{self.name}.bias", 0, column

    def row_header(self, row: int) -> str:
        """user f1, …, movie f1, … or hidden 1, …; bias last."""
        return "bias" if row == self.n_inputs else input_name(self.factors, self.number, row)

    def row_tip(self, row: int) -> str:
        """What comes in by the row."""
        name = self.row_header(row)
        if row == self.n_inputs:
            return "added to each unit's sum of inputs times weights"
        side, _, number = name.partition(" ")
        if side == "hidden":
            return f"input: hidden unit {number} of the layer before, after its relu"
        return f"input: {side} factor {number.removeprefix('f')}"

    def column_header(self, column: int) -> str:
        """1, 2, … for hidden units; score; or the rating values of an ordinal net."""
        if not self.is_last:
            return str(column + 1)
        return unit_name(self.factors, self.number, column).removeprefix("rating ")

    def column_tip(self, column: int) -> str:
        """What the column makes."""
        if not self.is_last:
            return f"hidden unit {column + 1}: relu(sum of inputs × weights + bias)"
        if self.factors.classes:
            value = self.column_header(column)
            return f"rating {value}: its probability is exp(output) over the sum of all exp(outputs)"
        return "score: sum of inputs × weights + bias"

    def tip(self, row: int, column: int) -> str:
        """Which weight this is."""
        unit = unit_name(self.factors, self.number, column)
        layer = layer_name(self.factors, self.number)
        if row == self.n_inputs:
            return f"{layer} · bias of {unit}"
        return f"{layer} · {self.row_header(row)} → {unit}"

    def place(self, name: str, row: int, column: int) -> tuple[int, int] | None:
        """The biases are the last row."""
        if name == f"{self.name}.bias":
            return self.n_inputs, column
        return (row, column) if name == f"{self.name}.weights" else None

    def address(self, row: int, column: int) -> str:
        """The A1 address of (input, unit)."""
        if row == self.n_inputs:
            return self.layout.address(f"{self.name}.bias", 0, column)
        return self.layout.address(f"{self.name}.weights", row, column)
