"""What each cell of a block looks like: its text, background and text colour."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from PySide6.QtGui import QColor

from cfgui.app.block import Block, rating_text, weight_text
from cfgui.app.blocks import RatingsBlock
from cfgui.app.layer_blocks import LayerBlock
from cfgui.gui.appearance import Appearance, ColorBy
from cfgui.gui.theme import Theme, error_color, mixed, value_color

Style = tuple[str, QColor, QColor]
Styler = Callable[[int, int], Style]

ERROR_SCALE = 2.0
"""The residual, in rating units, that takes the full colour."""


def make_styler(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Styler:
    """The function that styles the cells of a rectangle of ``block`` for one painting.

    It takes (row, column) counted from the rectangle's first cell; what all cells share is computed once.
    """
    makers = {
        "ratings": _ratings,
        "predictions": _predictions,
        "movie_factors": _weights,
        "user_factors": _weights,
    }
    maker = _weights if isinstance(block, LayerBlock) else makers.get(block.name, _plain)
    return maker(block, appearance, theme, rows, columns)


def _ratings(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Styler:
    values = block.part(rows, columns).tolist()
    low, high = block.session.ratings.scale
    empty = mixed(theme.base, theme.window, 0.75)
    colored = appearance.color_by is ColorBy.VALUE

    def style(row: int, column: int) -> Style:
        value = values[row][column]
        if isnan(value):
            return "", empty, theme.muted
        return rating_text(value), value_color(theme, value, low, high) if colored else theme.base, theme.text

    return style


def _predictions(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Styler:
    ratings = RatingsBlock(block.session, block.model).part(rows, columns).tolist()
    values = block.part(rows, columns).tolist()
    low, high = block.session.ratings.scale
    by = appearance.color_by
    empty = mixed(theme.base, theme.window, 0.75)

    def style(row: int, column: int) -> Style:
        value, rating = values[row][column], ratings[row][column]
        if isnan(rating):
            return weight_text(0.0 if appearance.unrated_zero else value), empty, theme.muted
        background = theme.base
        if by is ColorBy.VALUE:
            background = value_color(theme, value, low, high)
        elif by is ColorBy.ERROR:
            residual = rating - value
            # never colour alone: the arrow says where the rating lies
            return (
                f"{'↑' if residual > 0 else '↓'}{weight_text(value)}",
                error_color(theme, residual, ERROR_SCALE),
                theme.text,
            )
        return weight_text(value), background, theme.text

    return style


def _weights(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Styler:
    values = block.part(rows, columns).tolist()

    def style(row: int, column: int) -> Style:
        return weight_text(values[row][column]), theme.edit_background, theme.edit_text

    return style


def _plain(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Styler:
    texts = block.texts(rows, columns)

    def style(row: int, column: int) -> Style:
        if block.can_edit(row, columns.start + column):
            return texts[row][column], theme.edit_background, theme.edit_text
        return texts[row][column], theme.base, theme.text

    return style
