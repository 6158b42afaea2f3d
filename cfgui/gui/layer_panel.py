"""LayerPanel: the layers of a net side by side, each a table of weights that scrolls where it is large."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from cfgui.app.formulas import net_sizes, range_words
from cfgui.app.layer_blocks import LayerBlock
from cfgui.core.models import MODELS
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_view import BlockView

MARGIN, GAP = 6, 14
"""Pixels around the tables and between them."""

LEAST = 150
"""Pixels that a table keeps, however many others want room."""

AS_NEEDED = Qt.ScrollBarPolicy.ScrollBarAsNeeded


class LayerPanel(QWidget):
    """Covers a net's sheet while its layers are looked at; ``left`` asks to go back to the ratings.

    ``make_view`` makes the view of one more layer, which stays even where a change of the net leaves it empty.
    """

    left = Signal()

    def __init__(self, appearance: Appearance, make_view: Callable[[int], BlockView], parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance, self._make_view = appearance, make_view
        self.views: list[BlockView] = []
        self._captions: list[QLabel] = []
        self._told: tuple[object, ...] = ()
        self.back = QToolButton(self)
        self.back.setText("‹ Ratings and factors")
        self.back.setToolTip("Back to the ratings, the factors and the predictions (Ctrl+6)")
        self.back.setAutoRaise(True)
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back.clicked.connect(self.left)
        self._title = QLabel(self)
        self._title.setToolTip(
            "User and movie factors stand side by side as the inputs; each layer multiplies, adds up and passes on."
        )
        self.setAutoFillBackground(True)
        self.hide()

    def follow(self, blocks: list[LayerBlock]) -> bool:
        """Have a view for each of these layers, and say what the net is; nothing where it is the same as before.

        Returns whether it is another net. Its views may learn of their new shapes only then: ``fit`` once they have.
        """
        told = (
            tuple(block.shape for block in blocks),
            self._appearance.zoom,
            blocks[0].factors.range if blocks else None,
        )
        if told == self._told:
            return False
        self._told = told
        while len(self.views) < len(blocks):
            view = self._make_view(len(self.views) + 1)
            view.setParent(self)
            view.setVerticalScrollBarPolicy(AS_NEEDED)
            view.setHorizontalScrollBarPolicy(AS_NEEDED)
            header = view.verticalHeader()
            header.bold = False  # type: ignore[attr-defined]  # a BlockHeader, which Qt's signature hides
            self.views.append(view)
            self._captions.append(QLabel(self))
        for number, view in enumerate(self.views, start=1):
            view.setVisible(number <= len(blocks))
            self._captions[number - 1].setVisible(number <= len(blocks))
        if blocks:
            self._say(blocks)
        self.fit()
        return True

    def _say(self, blocks: list[LayerBlock]) -> None:
        factors = blocks[0].factors
        made = "softmax" if factors.classes else range_words(factors.range, "score")
        sheet = MODELS[factors.model].sheet
        self._title.setText(f"<b>Layers of {sheet}</b>&nbsp; {' → '.join(filter(None, (net_sizes(factors), made)))}")
        for block, caption, view in zip(blocks, self._captions, self.views, strict=False):
            n_in, n_out = block.n_inputs, block.shape[1]
            name = "Output" if block.is_last else f"Layer {block.number}"
            after = ("softmax" if factors.classes else "score") if block.is_last else "relu"
            caption.setText(f"<b>{name}</b>&nbsp; {n_in} × {n_out}, {after}")
            caption.setToolTip(
                f"{n_in:,} inputs, {n_out:,} outputs: {n_in * n_out:,} weights and {n_out:,} biases."
                " Edit, copy and paste as any other weights."
            )
            view.sample = "88.88" if not block.is_last or factors.classes else "score88"
            view.apply_sizes()
            longest = max((view.block.row_header(row) for row in (0, max(n_in - 1, 0), n_in)), key=len)
            view.verticalHeader().setFixedWidth(self._appearance.column_width(longest) + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Tables from left to right under their captions; what does not fit scrolls, the widest first."""
        font = self._appearance.font()
        line = QFontMetrics(self.font()).height() + 6
        back = self.back.sizeHint()
        self.back.setGeometry(MARGIN, 2, back.width(), back.height())
        self._title.setGeometry(MARGIN + back.width() + 8, 2, max(self.width() - back.width() - 20, 1), back.height())
        shown = [view for view in self.views if view.block.shape[0]]
        top = back.height() + 6
        height = max(self.height() - top - line - MARGIN, 1)
        sizes = [self._wanted(view, height) for view in shown]
        for caption in self._captions:
            caption.setFont(font)
        titles = [caption.sizeHint().width() for caption in self._captions]
        wanted = [max(size.width(), title) for size, title in zip(sizes, titles, strict=False)]
        across = self.width() - 2 * MARGIN - GAP * max(len(shown) - 1, 0)
        left = MARGIN
        for view, caption, width, size in zip(shown, self._captions, shares(wanted, across), sizes, strict=False):
            seen = min(width, size.width())
            bar = view.horizontalScrollBar().sizeHint().height() if seen < size.width() else 0
            place = QRect(left, top, max(width, caption.sizeHint().width()), line)
            caption.setGeometry(place)
            view.setGeometry(left, top + line, seen, min(size.height() + bar, height))
            left += place.width() + GAP

    @staticmethod
    def _wanted(view: BlockView, height: int) -> QSize:
        """The size at which nothing is hidden, or at which only rows are and there is a bar for them."""
        size = view.content_size()
        if size.height() > height:
            size.setWidth(size.width() + view.verticalScrollBar().sizeHint().width())
        return size


def shares(wanted: list[int], room: int) -> list[int]:
    """How wide each table is: as it wants, or what is left after those that want less, but never below ``LEAST``."""
    given = dict.fromkeys(range(len(wanted)), 0)
    waiting = sorted(given, key=lambda place: wanted[place])
    for place in list(waiting):
        given[place] = min(wanted[place], max(room // len(waiting), LEAST))
        room -= given[place]
        waiting.remove(place)
    return list(given.values())
