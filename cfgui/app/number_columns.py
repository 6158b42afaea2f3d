"""Columns of a table of numbers and texts: what is shown, copied and searched, and the order of a column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Floats, Mask, id_order

Places = NDArray[np.intp]

MINUS = "−"
"""The true minus sign, as in the sentences: it stands in the middle of a digit, and is as wide. Files take "-"."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its title, a value for each row, and the sentence that teaches it.

    ``values`` are texts where ``digits`` is None, else numbers (NaN shows as nothing) shown with so many digits behind
    the point, whole ones with thousands apart. ``wide`` marks the text column that takes the room left over.
    """

    title: str
    values: NDArray[np.generic] | Sequence[str]
    digits: int | None
    tip: str
    wide: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it holds texts, which can be searched."""
        return self.digits is None

    def __len__(self) -> int:
        return len(self.values)

    def shown(self, row: int) -> str:
        """What stands in the cell, numbers with a true minus sign."""
        number = self._number(row)
        if number is None:
            return self._text(row)
        # "z" shows what is rounded to zero as 0.00, never as -0.00
        return with_minus(f"{number:z.{self.digits}f}" if self.digits else f"{number:z,.0f}")

    def told(self, row: int) -> str:
        """The same with every digit, for a person."""
        return self.full(row) if self.digits is None else with_minus(self.full(row))

    def full(self, row: int) -> str:
        """The same with every digit, for a spreadsheet, which takes only "-" for a minus; "" for NaN."""
        number = self._number(row)
        if number is None:
            return self._text(row)
        return str(int(number)) if self.digits == 0 and number.is_integer() else repr(number)

    def _number(self, row: int) -> float | None:
        """The number in a row; None for a text and for NaN."""
        number = math.nan if self.is_text else float(self.values[row])
        return None if math.isnan(number) else number

    def _text(self, row: int) -> str:
        return str(self.values[row]) if self.is_text else ""

    @cached_property
    def numbers(self) -> Floats:
        """(n_rows,) what the rows are sorted by: the numbers themselves, or the rank of a text.

        Texts that are all whole numbers go by size, others without regard to capitals.
        """
        if self.digits is not None:
            return np.asarray(self.values).astype(np.float64, copy=False)
        texts = [str(value) for value in self.values]
        if all(text.isdecimal() for text in texts):
            order = id_order(texts).tolist()
        else:
            texts = [text.casefold() for text in texts]
            order = sorted(range(len(texts)), key=texts.__getitem__)
        ranks = np.zeros(len(texts))
        for rank, (row, after) in enumerate(pairwise(order), start=1):
            ranks[after] = ranks[row] if texts[row] == texts[after] else rank
        return ranks

    def order(self, *, descending: bool) -> Places:
        """Rows sorted by this column; equals stay as they stand, NaN comes last either way."""
        return np.argsort(-self.numbers if descending else self.numbers, kind="stable")


def with_minus(number: str) -> str:
    """A number as Python writes it with a true minus sign."""
    return number.replace("-", MINUS)


def searchable(columns: Sequence[Column]) -> list[str]:
    """For each row its texts, apart from one another, as ``matching`` compares them."""
    texts = [column.values for column in columns if column.is_text]
    if not texts:
        return [""] * (len(columns[0]) if columns else 0)
    return [_plain("\n".join(map(str, row))) for row in zip(*texts, strict=True)]


def matching(rows: Sequence[str], text: str) -> Mask:
    """(n_rows,) which rows have every word of ``text`` somewhere; all of them for a blank one."""
    words = _plain(text).split()
    return np.array([all(word in row for word in words) for row in rows], dtype=np.bool_)


def _plain(text: str) -> str:
    """Without capitals, and either minus sign the same."""
    return text.casefold().replace(MINUS, "-")
