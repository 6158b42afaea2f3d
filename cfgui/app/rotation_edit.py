"""RotateFactors: the edit that turns the factors of a sheet to principal axes; undo brings the old ones back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cfgui.app.sheet_state import State
from cfgui.core.rotation import Rotation, rotated


@dataclass(frozen=True)
class RotateFactors:
    """Turn the factors of one model to principal axes; no prediction changes (``rotation.rotated``).

    ``prepared`` is the rotation where it was worked out elsewhere, of use while the weights are still those it was made
    of. Steps and curves go on. What an optimizer remembers of each weight belongs to the old axes and is forgotten, and
    so are the draws of Gibbs sampling.
    """

    model: str
    prepared: Rotation | None = None

    @property
    def text(self) -> str:
        """What was done."""
        return "rotate to principal axes"

    def apply(self, state: State) -> State:
        """Raises ValueError for a net and where a factor is not finite."""
        sheet, prepared = state.sheets[self.model], self.prepared
        rotation = prepared if prepared is not None and prepared.of is sheet.factors else rotated(sheet.factors)
        turned = replace(sheet, factors=rotation.factors, before=sheet.factors, optimizer_state=None, samples=None)
        return state.with_sheet(self.model, turned)
