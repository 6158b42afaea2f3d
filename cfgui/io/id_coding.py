"""Coding of ids: raw ids of a whole file to indices in the order in which they first appear."""

from __future__ import annotations

import re
import time

import numpy as np
from numpy.typing import NDArray

from cfgui.io.compiled_rows import loops
from cfgui.io.parsed_block import IdColumn

MAX_IDS = 5_000_000
"""Distinct users, and distinct movies, that a table may have."""

DIRECT_LIMIT = 2**24
"""Numbers below this are looked up in a table by position, larger ones by bisection."""

_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SLICE = 20_000

Numbers = NDArray[np.int64]
AnyNumbers = NDArray[np.int64] | NDArray[np.int32]
Codes = NDArray[np.int32]


class TooManyIds(ValueError):  # noqa: N818 - the reader turns it into its sentence
    """More than ``MAX_IDS`` distinct ids."""


class IdCoder:
    """Gives each distinct id its index. A number and the text of its digits are the same id; "07" and "7" are not."""

    def __init__(self) -> None:
        self.n_ids = 0
        self._direct: Codes = np.full(2**10, -1, dtype=np.int32)
        self._large: Numbers = np.empty(0, dtype=np.int64)  # ascending
        self._large_codes: Codes = np.empty(0, dtype=np.int32)
        self._texts: dict[str, int] = {}
        self._found: list[AnyNumbers | list[str]] = []  # in the order of their indices

    def code(self, column: IdColumn) -> Codes:
        """(n_rows,) indices; new ids get the next ones. Raises TooManyIds."""
        if column.texts is not None:
            table = self._code_texts(column.texts)
        elif column.numbers is not None:
            table = self._code_numbers(column.numbers)
        else:
            raise TypeError("a column of ids has numbers or texts")
        return table if column.codes is None else table[column.codes]

    def ids(self) -> tuple[str, ...]:
        """All ids as texts, in the order of their indices."""
        texts: list[str] = []
        for part in self._found:
            for start in range(0, len(part), _SLICE):
                piece = part[start : start + _SLICE]
                texts.extend(piece if isinstance(piece, list) else map(str, piece.tolist()))
                if len(part) > _SLICE:
                    time.sleep(0)  # the window may want the interpreter between two slices
        return tuple(texts)

    def _code_numbers(self, numbers: AnyNumbers) -> Codes:
        if not len(numbers):
            return np.empty(0, dtype=np.int32)
        highest = int(numbers.max())
        if highest >= DIRECT_LIMIT:
            return self._code_large(numbers)
        self._reach(highest)
        if numbers.dtype == np.int32:
            return self._code_compiled(numbers)
        codes = self._direct[numbers]
        unknown = np.flatnonzero(codes < 0)
        if len(unknown):
            new = self._first_ones(numbers[unknown])
            self._direct[new] = self._take_new(new)
            codes = self._direct[numbers]
        return codes

    def _code_compiled(self, numbers: AnyNumbers) -> Codes:
        """The same for what the compiled parser gives, so that the loops are there already."""
        codes, new = np.empty(len(numbers), dtype=np.int32), np.empty(len(numbers), dtype=np.int32)
        n_new = loops().code_direct(numbers, self._direct, self.n_ids, codes, new)
        if n_new:
            self._take_new(new[:n_new].copy())
        return codes

    def _reach(self, highest: int) -> None:
        if highest < len(self._direct):
            return
        longer = np.full(1 << highest.bit_length(), -1, dtype=np.int32)
        longer[: len(self._direct)] = self._direct
        self._direct = longer

    def _first_ones(self, numbers: AnyNumbers) -> AnyNumbers:
        """The distinct numbers of unknown ids, in the order of their first appearance, without sorting."""
        changes = np.ones(len(numbers), dtype=np.bool_)
        np.not_equal(numbers[1:], numbers[:-1], out=changes[1:])
        numbers = numbers[changes]
        places = np.arange(len(numbers), dtype=np.int32)
        # Written backwards, the place that stays is that of the first appearance.
        self._direct[numbers[::-1]] = places[::-1]
        firsts: AnyNumbers = numbers[self._direct[numbers] == places]
        return firsts

    def _code_large(self, numbers: AnyNumbers) -> Codes:
        distinct, first, inverse = np.unique(numbers.astype(np.int64), return_index=True, return_inverse=True)
        codes = self._known(distinct)
        unknown = np.flatnonzero(codes < 0)
        if len(unknown):
            order = np.argsort(first[unknown])
            new = distinct[unknown[order]]
            codes[unknown[order]] = self._take_new(new)
            self._insert(distinct[unknown], codes[unknown])
        return codes[inverse]

    def _known(self, numbers: Numbers) -> Codes:
        """Indices of distinct numbers of any size, -1 for those not met yet."""
        codes = np.full(len(numbers), -1, dtype=np.int32)
        low = np.flatnonzero(numbers < len(self._direct))
        codes[low] = self._direct[numbers[low]]
        if len(self._large):
            places = np.minimum(np.searchsorted(self._large, numbers), len(self._large) - 1)
            met = self._large[places] == numbers
            codes[met] = self._large_codes[places[met]]
        return codes

    def _insert(self, numbers: Numbers, codes: Codes) -> None:
        """Remember the indices of new numbers, which need not ascend."""
        order = np.argsort(numbers)
        numbers, codes = numbers[order], codes[order]
        split = int(np.searchsorted(numbers, DIRECT_LIMIT))
        if split:
            self._reach(int(numbers[split - 1]))
            self._direct[numbers[:split]] = codes[:split]
        places = np.searchsorted(self._large, numbers[split:])
        self._large = np.insert(self._large, places, numbers[split:])
        self._large_codes = np.insert(self._large_codes, places, codes[split:])

    def _code_texts(self, texts: list[str]) -> Codes:
        plain = [place for place, text in enumerate(texts) if _PLAIN_NUMBER.fullmatch(text)]
        codes = np.full(len(texts), -1, dtype=np.int32)
        numbers = np.array([int(texts[place]) for place in plain], dtype=np.int64)
        codes[plain] = self._known(numbers)
        known = self._texts.get
        is_plain = set(plain)
        new: list[str] = []
        for place in np.flatnonzero(codes < 0).tolist():
            text = texts[place]
            code = -1 if place in is_plain else known(text, -1)
            if code < 0:
                code = self.n_ids + len(new)
                new.append(text)
                if place not in is_plain:
                    self._texts[text] = code
            codes[place] = code
        if new:
            fresh = codes[plain] >= self.n_ids
            self._insert(numbers[fresh], codes[plain][fresh])
            self._take_new(new)
        return codes

    def _take_new(self, new: AnyNumbers | list[str]) -> Codes:
        first = self.n_ids
        self.n_ids += len(new)
        if self.n_ids > MAX_IDS:
            raise TooManyIds
        self._found.append(new)
        return np.arange(first, self.n_ids, dtype=np.int32)
