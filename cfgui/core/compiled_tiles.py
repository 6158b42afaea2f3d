"""Three pieces of dense algebra on tiles, for compiled loops: what LLVM does not find by itself.

Each keeps a whole tile in vector registers, eight numbers to one, in float32 or float64; two work on 8 x 8 numbers,
the third makes 6 x 16. They are called from compiled functions only, on C-contiguous two-dimensional arrays whose
width is a multiple of 8; nothing is checked.
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
"""Rows and columns of a tile, and numbers in a register."""

PRODUCT_ROWS, PRODUCT_COLUMNS = 6, 2 * SIDE
"""Rows and columns of a tile of a product: twelve registers of sums leave room for what is multiplied."""

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


def _product_tile(_typing: Piece, left: Piece, i: Piece, right: Piece, j: Piece, out: Piece, at: Piece) -> Piece:
    """out[i:i+6, at+j:at+j+16] = left[:, i:i+6].T @ right[:, j:j+16]; both have as many rows, at least one."""

    def write(context: Piece, builder: Piece, signature: Piece, arguments: Piece) -> Piece:
        left_value, i, right_value, j, out_value, at = arguments
        ones = _Tiles(context, builder, signature.args[0], left_value)
        others = _Tiles(context, builder, signature.args[2], right_value)
        target = _Tiles(context, builder, signature.args[4], out_value)
        before, number = builder.block, i.type
        n = builder.extract_value(context.make_array(signature.args[0])(context, builder, left_value).shape, 0)
        zero = ir.Constant(ones.vector, [ir.Constant(ones.real, 0.0)] * SIDE)
        loop, after = builder.append_basic_block("product.terms"), builder.append_basic_block("product.done")
        builder.branch(loop)
        builder.position_at_end(loop)
        term = builder.phi(number)
        term.add_incoming(number(0), before)
        halves = range(0, PRODUCT_COLUMNS, SIDE)
        sums = [[builder.phi(ones.vector) for _ in halves] for _ in range(PRODUCT_ROWS)]
        rights = [others.load(others.row(term, builder.add(j, number(half)))) for half in halves]
        added = []
        for a, totals in enumerate(sums):
            one = ones.spread(builder.load(ones.place(term, builder.add(i, number(a)))))
            added.append([ones.add_product(total, one, right) for total, right in zip(totals, rights, strict=True)])
        following = builder.add(term, number(1))
        term.add_incoming(following, loop)
        for totals, new_totals in zip(sums, added, strict=True):
            for total, new in zip(totals, new_totals, strict=True):
                total.add_incoming(zero, before)
                total.add_incoming(new, loop)
        builder.cbranch(builder.icmp_signed("<", following, n), loop, after)
        builder.position_at_end(after)
        column = builder.add(at, j)
        for a, totals in enumerate(added):
            for half, total in zip(halves, totals, strict=True):
                address = target.row(builder.add(i, number(a)), builder.add(column, number(half)))
                target.store(total, address)
        return context.get_dummy_value()

    place = types.intp
    return types.void(left, place, right, place, out, place), write


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
product_tile: Callable[..., None] = intrinsic(_product_tile)
finish_tile: Callable[..., None] = intrinsic(_finish_tile)
