"""NetPage: the sheets ``neural`` and ``ordinal``, a crosstab like the others with the layers of its net behind it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from cfgui.app import explain
from cfgui.app.changes import Changes
from cfgui.app.explanation import Explanation
from cfgui.app.formulas import net_sizes, range_words
from cfgui.app.layer_blocks import LayerBlock
from cfgui.gui.block_view import BlockView
from cfgui.gui.crosstab_page import MARGIN, CrosstabPage
from cfgui.gui.layer_panel import LayerPanel
from cfgui.gui.lit_cells import LitLine

MAX_LAYERS = 20
"""Layers among which arrow keys lead from one to the next."""


def _beside() -> dict[tuple[str, int, int], str]:
    names = [f"layer{number}" for number in range(1, MAX_LAYERS + 1)]
    right = {(name, 0, 1): other for name, other in pairwise(names)}
    return right | {(other, 0, -1): name for name, other in pairwise(names)}


class NetPage(CrosstabPage):
    """Ratings, embeddings and predictions; the layers are shown in their place while one of their cells is selected."""

    neighbours: ClassVar[Mapping[tuple[str, int, int], str]] = {**CrosstabPage.neighbours, **_beside()}

    def _make_captions(self) -> None:
        super()._make_captions()
        self._movie_caption.setToolTip("One column of numbers per movie: inputs of the net, beside the user's.")
        self._user_caption.setToolTip("One row of numbers per user: inputs of the net, beside the movie's.")
        self._sizes = QLabel(self)
        self.open_layers = QToolButton(self)
        self.open_layers.setText("Layers ›")
        self.open_layers.setToolTip("The weights of the net's layers, to look at and to edit (Ctrl+6)")
        self.open_layers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open_layers.clicked.connect(self.show_layers)
        self.layers = LayerPanel(self.appearance, self._make_layer, self)
        self.layers.left.connect(self.show_crosstab)

    def _make_layer(self, number: int) -> BlockView:
        return self.add_view(LayerBlock(self.session, self.model, number))

    @property
    def _blocks(self) -> list[LayerBlock]:
        n_layers = len(self.session.sheet(self.model).factors.layers)
        return [LayerBlock(self.session, self.model, number) for number in range(1, n_layers + 1)]

    @property
    def shows_layers(self) -> bool:
        """Whether the layers are on screen, not the crosstab."""
        return not self.layers.isHidden()

    def show_layers(self) -> None:
        """Look at the layers: their first cell is selected."""
        self.layers.follow(self._blocks)
        if self.layers.views:
            self.layers.views[0].select_cell(0, 0)

    def show_crosstab(self) -> None:
        """Go back to the predictions."""
        if all(self.predictions.block.shape):
            self.predictions.select_cell(0, 0)
        else:
            self.layers.hide()

    def resize_blocks(self) -> None:
        """Fit the crosstab and the layers."""
        changed = self.layers.follow(self._blocks)
        super().resize_blocks()
        if changed:
            self.layers.fit()  # only now do the views have the rows and columns of the new net
        factors = self.session.sheet(self.model).factors
        made = "softmax" if factors.classes else range_words(factors.range, "score")
        self._sizes.setText(net_sizes(factors))
        self._sizes.setToolTip(
            "User factors and movie factors side by side, the units of each layer, and what comes out"
            + (f": {made}" if made else "")
        )
        self._sizes.setFont(self.appearance.font())
        self.open_layers.setFont(self.appearance.font())

    def _set_geometries(self, users_width: int, right: int, movies_height: int, rows: int, top_header: int) -> None:
        super()._set_geometries(users_width, right, movies_height, rows, top_header)
        self.layers.setGeometry(self.rect())
        row = self.appearance.row_height
        top = self._held_caption.geometry().bottom() + row // 4  # whether ratings are held out or not
        self._sizes.setGeometry(MARGIN, top, users_width, row + 2)
        wanted = self.open_layers.sizeHint()
        self.open_layers.setGeometry(MARGIN, top + row + 4, min(wanted.width(), users_width), row + 6)

    def follow_shapes(self) -> None:
        """Keep up with the number of layers too."""
        changed = self.layers.follow(self._blocks)
        super().follow_shapes()
        if changed:
            self.layers.fit()

    def refresh(self, changes: Changes) -> None:
        """Show what changed; another net may have more layers, or fewer."""
        changed = self._concerns(changes) and self.layers.follow(self._blocks)
        if self._concerns(changes):
            block = self._layer_block()
            if block is not None and block.layer is None:
                self.show_crosstab()
        super().refresh(changes)
        if changed:
            self.layers.fit()

    def _layer_block(self) -> LayerBlock | None:
        view = self.current
        return view.block if view is not None and isinstance(view.block, LayerBlock) else None

    def light_up(self) -> None:
        """As on every crosstab; of a layer, what a weight's input is made by and where its unit goes."""
        super().light_up()
        block, view = self._layer_block(), self.current
        self.layers.setVisible(block is not None)
        if block is None or view is None:
            return
        self.layers.raise_()
        row, column = view.currentIndex().row(), view.currentIndex().column()
        for other in self.layers.views:
            number = other.block.number if isinstance(other.block, LayerBlock) else 0
            if number == block.number - 1 and row < block.n_inputs:
                other.set_lit(LitLine(column=row))
            elif number == block.number + 1:
                other.set_lit(LitLine(row=column))
            else:
                other.set_lit(frozenset())
        self.predictions.set_lit(frozenset())

    def _explain(self) -> Explanation | None:
        """The selected cell explained."""
        block, view = self._layer_block(), self.current
        if block is None or view is None:
            return super()._explain()
        row, column = view.currentIndex().row(), view.currentIndex().column()
        return explain.explain_weight(self.session, block, row, column, block.weight_cell(row, column))
