"""Ratings of many cells at once: each distinct text is parsed once, by the one parser of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfgui.core.import_report import REASONS
from cfgui.core.ratings import Floats
from cfgui.io.cell_grid import CellGrid, Places, decoded, has_bad_bytes
from cfgui.io.number_text import parse_rating
from cfgui.io.rating_text import Decimal

REASON_NAMES = ("", *REASONS)
"""Reasons by their code; 0 is a good rating."""

Codes = NDArray[np.int8]

AT_ONCE = 100_000
"""Cells between two turns of others."""

_SHORT = 8
"""Bytes of a text that fits one number of 64 bits."""


@dataclass
class CellValues:
    """A growing table of the texts seen, as 64-bit numbers in order, with what each of them means."""

    decimal: Decimal
    _keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    _values: Floats = field(default_factory=lambda: np.zeros(0))
    _reasons: Codes = field(default_factory=lambda: np.zeros(0, np.int8))
    _long: dict[bytes, tuple[float, int]] = field(default_factory=dict)

    def parse(self, grid: CellGrid, cells: Places) -> tuple[Floats, Codes]:
        """(values, codes of reasons) of these cells of a block."""
        values, reasons = np.empty(len(cells)), np.empty(len(cells), np.int8)
        for first in range(0, len(cells), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            values[part], reasons[part] = self._parse_part(grid, cells[part])
        return values, reasons

    def _parse_part(self, grid: CellGrid, cells: Places) -> tuple[Floats, Codes]:
        starts, lengths = grid.starts[cells], grid.ends[cells] - grid.starts[cells]
        offsets = np.arange(_SHORT)
        places = np.minimum(starts[:, None] + offsets, len(grid.data) - 1)
        signs = np.where(offsets < lengths[:, None], grid.data[places], np.uint8(0))
        keys = np.ascontiguousarray(signs).view(np.uint64)[:, 0]
        short = lengths <= _SHORT
        self._learn(keys[short])
        if not len(self._keys):
            values, reasons = np.full(len(cells), np.nan), np.zeros(len(cells), np.int8)
        else:
            found = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            values, reasons = self._values[found], self._reasons[found]
        for place in np.flatnonzero(~short).tolist():
            text = grid.data[starts[place] : starts[place] + lengths[place]].tobytes()
            values[place], reasons[place] = self._parse_long(text)
        return values, reasons

    def _learn(self, keys: NDArray[np.uint64]) -> None:
        if len(self._keys):
            found = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            keys = keys[self._keys[found] != keys]
        if not len(keys):
            return
        fresh = np.unique(keys)
        parsed = [self._parse_text(key.tobytes().rstrip(b"\0")) for key in fresh]
        keys = np.concatenate([self._keys, fresh])
        order = np.argsort(keys)
        self._keys = keys[order]
        self._values = np.concatenate([self._values, [value for value, _ in parsed]])[order]
        self._reasons = np.concatenate([self._reasons, np.array([code for _, code in parsed], np.int8)])[order]

    def _parse_long(self, text: bytes) -> tuple[float, int]:
        if text not in self._long:
            if len(self._long) > AT_ONCE:
                self._long.clear()
            self._long[text] = self._parse_text(text)
        return self._long[text]

    def _parse_text(self, text: bytes) -> tuple[float, int]:
        written = decoded(text)
        parsed = parse_rating(written, self.decimal)
        if isinstance(parsed, float):
            return parsed, 0
        reason = "bad_text" if has_bad_bytes(written) else parsed
        return np.nan, REASON_NAMES.index(reason)
