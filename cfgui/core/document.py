"""Document: all that one workbook holds, as core objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings


@dataclass(frozen=True)
class Document:
    """A crosstab with the weights and the history of each model; what is opened, exported and started from.

    ``factors`` and ``history`` are keyed by model name ("dot", "bias"); ``factors`` always holds every model.
    ``active`` is the model whose sheet is open. ``remarks`` are sentences about what the reader noticed or had to
    assume, for the import report.
    """

    ratings: Ratings
    factors: Mapping[str, Factors]
    history: Mapping[str, Curve] = field(default_factory=dict)
    active: str = "dot"
    remarks: tuple[str, ...] = ()
