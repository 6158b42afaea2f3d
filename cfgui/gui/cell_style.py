"""What each cell of a block looks like: its text, background and text colour."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QColor

from cfgui.app.blocks import Block, rating_text, weight_text
from cfgui.gui.appearance import Appearance, ColorBy
from cfgui.gui.theme import Theme, error_color, mixed, value_color

Style = tuple[str, QColor, QColor]
Styler = Callable[[int, int], Style]

ERROR_SCALE = 2.0
"""The residual, in rating units, that takes the full colour."""


def make_styler(block: Block, appearance: Appearance, theme: Theme) -> Styler:
    """The function that styles (row, column) of ``block`` for one painting: what all cells share is computed once."""
    makers = {
        "ratings": _ratings,
        "predictions": _predictions,
        "movie_factors": _weights,
        "user_factors": _weights,
    }
    return makers.get(block.name, _plain)(block, appearance, theme)


def _scale(block: Block) -> tuple[float, float]:
    values = block.session.ratings.values
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


def _ratings(block: Block, appearance: Appearance, theme: Theme) -> Styler:
    ratings = block.session.ratings
    rated, values = ratings.rated, ratings.crosstab
    low, high = _scale(block)
    empty = mixed(theme.base, theme.window, 0.75)
    colored = appearance.color_by is ColorBy.VALUE

    def style(row: int, column: int) -> Style:
        if not rated[row, column]:
            return "", empty, theme.muted
        value = float(values[row, column])
        return rating_text(value), value_color(theme, value, low, high) if colored else theme.base, theme.text

    return style


def _predictions(block: Block, appearance: Appearance, theme: Theme) -> Styler:
    ratings = block.session.ratings
    rated, ratings_table, values = ratings.rated, ratings.crosstab, block.values()
    low, high = _scale(block)
    by = appearance.color_by
    empty = mixed(theme.base, theme.window, 0.75)

    def style(row: int, column: int) -> Style:
        value = float(values[row, column])
        if not rated[row, column]:
            return weight_text(0.0 if appearance.unrated_zero else value), empty, theme.muted
        background = theme.base
        if by is ColorBy.VALUE:
            background = value_color(theme, value, low, high)
        elif by is ColorBy.ERROR:
            residual = float(ratings_table[row, column]) - value
            # never colour alone: the arrow says where the rating lies
            return (
                f"{'↑' if residual > 0 else '↓'}{weight_text(value)}",
                error_color(theme, residual, ERROR_SCALE),
                theme.text,
            )
        return weight_text(value), background, theme.text

    return style


def _weights(block: Block, appearance: Appearance, theme: Theme) -> Styler:
    values = block.values()

    def style(row: int, column: int) -> Style:
        return weight_text(float(values[row, column])), theme.edit_background, theme.edit_text

    return style


def _plain(block: Block, appearance: Appearance, theme: Theme) -> Styler:
    def style(row: int, column: int) -> Style:
        if block.can_edit(row, column):
            return block.text(row, column), theme.edit_background, theme.edit_text
        return block.text(row, column), theme.base, theme.text

    return style
