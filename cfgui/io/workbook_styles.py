"""How cells look: fonts, fills and borders of the original sheets, each made once for a workbook."""

from __future__ import annotations

from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format

from cfgui.io.workbook_layout import Block

INK, GREY_INK, BORDER_GREY = "#353535", "#8A8A8A", "#7F7F7F"
LOW, MIDDLE, HIGH = "#F6B77E", "#FFFFFF", "#92BEE6"
"""Ends and middle of the colour scale of ratings and predictions: orange to blue, told apart by every kind of eye."""
WEIGHT_LOW, WEIGHT_HIGH = "#FFFFFF", "#FBCF9D"
"""Ends of the orange tint of weights: orange is what may be edited."""
ACCENT = "#2F6DB5"

_NUMBER = "#,##0.00"
_ID = {"font_name": "Arial", "font_size": 10, "bold": True, "font_color": INK, "bg_color": "#E6E6E6", "align": "left"}
_RATING = {"font_name": "Tahoma", "font_size": 11, "font_color": INK, "align": "left", "valign": "vcenter"}
_OUTPUT = {"bold": True, "font_color": "#B35900", "bg_color": "#F2F2F2", "num_format": _NUMBER}

_KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "bold": {"bold": True},
    "group": {"bold": True, "italic": True},
    "italic": {"italic": True},
    "italic_left": {"italic": True, "align": "left"},
    "centred": {"bold": True, "align": "center"},
    "id": _ID | {"valign": "vcenter"},
    "user_id": _ID | {"valign": "vcenter", "indent": 1},
    "column_head": _ID | {"align": "right"},
    "rating": _RATING,
    "prediction": _RATING | {"num_format": _NUMBER},
    "unrated_ink": {"font_color": GREY_INK, "bg_color": "#FFFFFF"},
    "unrated": _RATING | {"num_format": _NUMBER, "font_color": GREY_INK, "italic": True},
    "table_id": {"align": "left"},
    "index": {"align": "center"},
    "weight": {"num_format": _NUMBER},
    "input": {"num_format": _NUMBER, "font_color": "#3F3F76", "bg_color": "#FFCC99", "align": "left"},
    "output": _OUTPUT,
    "rmse": _OUTPUT | {"align": "left"},
    "check": {"num_format": _NUMBER, "font_color": GREY_INK, "align": "left"},
    "label": {"bold": True, "align": "right"},
    "check_label": {"font_color": GREY_INK, "align": "right"},
    "setting": {"font_color": INK, "align": "left"},
    "note": {"italic": True, "font_color": ACCENT},
    "arrow": {"bold": True, "font_size": 16, "font_color": ACCENT, "align": "center", "valign": "vcenter"},
    "title": {"font_color": INK, "text_wrap": True, "valign": "top", "font_size": 9},
    "heading": {"bold": True, "font_size": 13, "font_color": ACCENT, "valign": "vcenter"},
    "text": {"text_wrap": True, "valign": "top"},
    "exact": {"num_format": "0.000000"},
}


class Edges(NamedTuple):
    """Which sides of a cell carry the outline of its block."""

    left: bool = False
    right: bool = False
    top: bool = False
    bottom: bool = False

    @classmethod
    def of(cls, block: Block, row: int, column: int) -> Edges:
        """The sides of the cell (row, column) inside ``block`` that lie on its outline."""
        return cls(column == 0, column == block.n_columns - 1, row == 0, row == block.n_rows - 1)


NO_EDGES = Edges()
THIN, MEDIUM = 1, 2
"""Line widths as XlsxWriter numbers them."""


class Styles:
    """The formats of one workbook, made when first asked for."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._formats: dict[tuple[str, Edges, int], Format] = {}

    def get(self, kind: str, edges: Edges = NO_EDGES, line: int = THIN) -> Format:
        """The format of a kind of cell with an outline on some sides. Raises KeyError for an unknown kind."""
        key = (kind, edges, line)
        if key not in self._formats:
            properties = dict(_KINDS[kind])
            for side, drawn in edges._asdict().items():
                if drawn:
                    properties[side] = line
                    properties[f"{side}_color"] = BORDER_GREY if line == THIN else "#000000"
            self._formats[key] = self._workbook.add_format(properties)
        return self._formats[key]
