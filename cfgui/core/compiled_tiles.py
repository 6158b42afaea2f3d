"""Two pieces of dense algebra on tiles of 8 x 8 numbers, for compiled loops: what LLVM does not find by itself.

Both keep a whole tile in vector registers, eight numbers to a row, in float32 or float64. They are called from
compiled functions only, on C-contiguous two-dimensional arrays whose width is a multiple of 8; nothing is checked.
Importing this module imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

Piece = Any
"""A value, type or builder of numba's and llvmlite's: those libraries say nothing of their types."""

SIDE = 8
"""Rows and columns of a tile."""

_INT32 = ir.IntType(32)
_FUSED = ("contract",)


class _Tiles:
    """Writes the instructions that read, combine and store rows of tiles of one array."""

    def __init__(self, context: Piece, builder: Piece, kind: Piece, value: Piece) -> None:
        self.builder = builder
        self.real = context.get_value_type(kind.dtype)
        self.vector = ir.VectorType(self.real, SIDE)
        self.align = 4 if kind.dtype == types.float32 else 8
        array = context.make_array(kind)(context, builder, value)
        self.data = array.data
        self.width = builder.extract_value(array.shape, 1)

    def place(self, row: Piece, column: Piece) -> Piece:
        """The address of one number."""
        offset = self.builder.add(self.builder.mul(row, self.width), column)
        return self.builder.gep(self.data, [offset])

    def row(self, row: Piece, column: Piece) -> Piece:
        """The address of eight numbers side by side."""
        return self.builder.bitcast(self.place(row, column), self.vector.as_pointer())

    def load(self, address: Piece) -> Piece:
        """Eight numbers."""
        return self.builder.load(address, align=self.align)

    def store(self, numbers: Piece, address: Piece) -> None:
        """Put eight numbers back."""
        self.builder.store(numbers, address, align=self.align)

    def spread(self, number: Piece) -> Piece:
        """One number eight times."""
        nothing = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(nothing, number, ir.Constant(_INT32, 0))
        return self.builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INT32, SIDE), [0] * SIDE))

    def add_product(self, total: Piece, one: Piece, other: Piece) -> Piece:
        """total + one * other, in one rounding where the processor can."""
        return self.builder.fadd(total, self.builder.fmul(one, other, flags=_FUSED), flags=_FUSED)


def _add_tile(_typing: Piece, rows: Piece, n: Piece, i: Piece, j: Piece, scale: Piece, out: Piece) -> Piece:
    """out[i:i+8, j:j+8] += scale * rows[:n, i:i+8].T @ rows[:n, j:j+8]; ``n`` >= 1, ``rows`` may be ``out``."""

    def write(context: Piece, builder: Piece, signature: Piece, arguments: Piece) -> Piece:
        rows_value, n, i, j, scale, out_value = arguments
        source = _Tiles(context, builder, signature.args[0], rows_value)
        target = _Tiles(context, builder, signature.args[5], out_value)
        before, number = builder.block, n.type
        zero = ir.Constant(source.vector, [ir.Constant(source.real, 0.0)] * SIDE)
        loop, after = builder.append_basic_block("tile.rows"), builder.append_basic_block("tile.done")
        builder.branch(loop)
        builder.position_at_end(loop)
        row = builder.phi(number)
        row.add_incoming(number(0), before)
        sums = [builder.phi(source.vector) for _ in range(SIDE)]
        right = source.load(source.row(row, j))
        added = []
        for a, total in enumerate(sums):
            left = builder.load(source.place(row, builder.add(i, number(a))))
            added.append(source.add_product(total, source.spread(left), right))
        following = builder.add(row, number(1))
        row.add_incoming(following, loop)
        for total, new in zip(sums, added, strict=True):
            total.add_incoming(zero, before)
            total.add_incoming(new, loop)
        builder.cbranch(builder.icmp_signed("<", following, n), loop, after)
        builder.position_at_end(after)
        factor = target.spread(scale)
        for a, total in enumerate(added):
            address = target.row(builder.add(i, number(a)), j)
            target.store(target.add_product(target.load(address), factor, total), address)
        return context.get_dummy_value()

    place = types.intp
    return types.void(rows, place, place, place, rows.dtype, out), write


def _finish_tile(_typing: Piece, root: Piece, i: Piece, j: Piece, inverses: Piece) -> Piece:
    """Solve L x = root[i:i+8, j:j+8] in place, where L is the transpose of the triangle root[i:i+8, i:i+8].

    ``inverses`` (8,) holds one over L's diagonal, or 0 for a row that is to become 0.
    """

    def write(context: Piece, builder: Piece, signature: Piece, arguments: Piece) -> Piece:
        root_value, i, j, inverse_value = arguments
        tiles = _Tiles(context, builder, signature.args[0], root_value)
        inverse = context.make_array(signature.args[3])(context, builder, inverse_value)
        number = i.type
        solved: list[Piece] = []
        for a in range(SIDE):
            address = tiles.row(builder.add(i, number(a)), j)
            row = tiles.load(address)
            for b, earlier in enumerate(solved):
                place = tiles.place(builder.add(i, number(b)), builder.add(i, number(a)))
                row = tiles.add_product(row, tiles.spread(builder.fneg(builder.load(place))), earlier)
            row = builder.fmul(row, tiles.spread(builder.load(builder.gep(inverse.data, [number(a)]))))
            solved.append(row)
            tiles.store(row, address)
        return context.get_dummy_value()

    return types.void(root, types.intp, types.intp, inverses), write


add_tile: Callable[..., None] = intrinsic(_add_tile)
finish_tile: Callable[..., None] = intrinsic(_finish_tile)
