"""The inner loop of fast SGD: one tile of ratings after another, each row of factors as one vector of the machine.

Written as plain loops over the factors, the compiler must allow for two rows sharing memory and reads every row twice,
at little more than half the speed. ``dot`` and ``move`` therefore tell it in its own language that a row is one vector.
They stand in this file with the loop that uses them, because numba keeps compiled code by the date of the loop's file.

Importing this file imports numba, which takes half a second: import it where a loop is about to run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cfgui.core.compiling import compiled

Node = Any
"""What numba and llvmlite hand around while they compile, for which they have no types."""

LANES = 16
"""Numbers in a piece of a row; a row is padded to whole pieces (64 bytes of float32, one line of the cache)."""

PART = 256
"""Squared residuals that are added up in the type of the tables, before their sum joins the float64 one."""

SUM_FLAGS = ("reassoc", "contract", "nsz")
"""What the compiler may do with a sum: add in another order, and fuse a product with it. Infinities and NaN stay."""


def _rows(context: Node, builder: Node, signature: Node, args: Node, width: int) -> list[Node]:
    """Pointers to the user's and the movie's row, each as one vector of ``width`` numbers."""
    pointers = []
    for table, row in ((0, 2), (1, 3)):
        array = context.make_array(signature.args[table])(context, builder, args[table])
        index = builder.mul(args[row], ir.Constant(args[row].type, width))
        vector = ir.VectorType(array.data.type.pointee, width)
        pointers.append(builder.bitcast(builder.gep(array.data, [index]), vector.as_pointer()))
    return pointers


def _spread(builder: Node, number: Node, vector: Node) -> Node:
    """A vector that holds one number everywhere."""
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _dot(typing: Node, p: Node, q: Node, user: Node, movie: Node, pieces: Node) -> tuple[Node, Callable[..., Node]]:
    """p[user] . q[movie]; ``pieces`` is a tuple with one entry for every ``LANES`` columns of the tables."""
    width = LANES * pieces.count

    def generate(context: Node, builder: Node, signature: Node, args: Node) -> Node:
        number = context.get_value_type(p.dtype)
        a, b = (
            builder.load(row, align=p.dtype.bitwidth // 8) for row in _rows(context, builder, signature, args, width)
        )
        kind = ir.FunctionType(number, [number, a.type])
        name = f"llvm.vector.reduce.fadd.v{width}f{p.dtype.bitwidth}"
        total = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]
        return builder.call(total, [ir.Constant(number, -0.0), builder.fmul(a, b, flags=SUM_FLAGS)], fastmath=SUM_FLAGS)

    return p.dtype(p, q, types.int64, types.int64, pieces), generate


def _move(
    typing: Node,
    p: Node,
    q: Node,
    user: Node,
    movie: Node,
    pull: Node,
    user_shrink: Node,
    movie_shrink: Node,
    pieces: Node,
) -> tuple[Node, Callable[..., Node]]:
    """Both rows from the same old values: p = user_shrink p + pull q and q = movie_shrink q + pull p."""
    width = LANES * pieces.count

    def generate(context: Node, builder: Node, signature: Node, args: Node) -> Node:
        bytes_ = p.dtype.bitwidth // 8
        rows = _rows(context, builder, signature, args, width)
        a, b = (builder.load(row, align=bytes_) for row in rows)
        pull_, a_shrink, b_shrink = (_spread(builder, number, a.type) for number in args[4:7])
        for row, own, shrink, other in ((rows[0], a, a_shrink, b), (rows[1], b, b_shrink, a)):
            kept = builder.fmul(own, shrink, flags=SUM_FLAGS)
            moved = builder.fadd(kept, builder.fmul(pull_, other, flags=SUM_FLAGS), flags=SUM_FLAGS)
            builder.store(moved, row, align=bytes_)
        return context.get_dummy_value()

    number = p.dtype
    return types.none(p, q, types.int64, types.int64, number, number, number, pieces), generate


dot: Callable[..., Node] = intrinsic(_dot)
move: Callable[..., Node] = intrinsic(_move)


NO_RANGE, CLIP, SIGMOID, TANH = range(4)
"""Kinds of range, as the loop knows them."""


@cache
def loop() -> Callable[..., float]:
    """``visit`` compiled: once for each type and width of the tables, when first called with them."""
    return compiled(visit, reordered=True)


def visit(
    user_tiles: NDArray[np.int64],
    movie_tiles: NDArray[np.int64],
    backward: bool,
    tile_users: int,
    tile_movies: int,
    starts: NDArray[np.int64],
    users: NDArray[np.uint16],
    movies: NDArray[np.uint16],
    values: NDArray[Any],
    rates: tuple[float, float],
    decays: tuple[float, float, float],
    kind: int,
    low: float,
    span: float,
    mean: float,
    p: NDArray[Any],
    q: NDArray[Any],
    user_bias: NDArray[Any],
    movie_bias: NDArray[Any],
    pieces: tuple[int, ...],
) -> float:
    """One update after each rating of a block of tiles; returns the sum of squared residuals met.

    That sum is not finite as soon as a residual is not, and then the rest of the block is left out.

    ``p``, ``q`` and the biases are the block's own rows. ``user_tiles`` and ``movie_tiles`` are the numbers of the
    tiles, ``tile_users`` and ``tile_movies`` rows each, in the order in which to take them; ``starts[i, j]`` and
    ``starts[i, j + 1]`` bound the ratings of user tile i and movie tile j, and ``users`` and ``movies`` (uint16) count
    rows from the start of the tile. A tile is read forwards or backwards in turn. The learning rate goes evenly from
    ``rates[0]`` to ``rates[1]`` over the block, tile by tile; ``decays`` are those of user, movie and bias rows.
    """
    real = p.dtype.type
    two, one, biased = real(2.0), real(1.0), len(user_bias) > 0
    low_, span_, mean_ = real(low), real(span), real(mean)
    high_ = low_ + span_
    per_rating = (rates[1] - rates[0]) / max(1, starts[-1, -1] - starts[0, 0])
    done, total = 0, 0.0
    for i in user_tiles:
        for j in movie_tiles:
            start, stop = starts[i, j], starts[i, j + 1]
            if start == stop:
                continue
            rate = rates[0] + per_rating * (done + 0.5 * (stop - start))
            done += stop - start
            step = real(2.0 * rate)
            user_shrink, movie_shrink = real(1.0 - 2.0 * rate * decays[0]), real(1.0 - 2.0 * rate * decays[1])
            bias_shrink = real(1.0 - 2.0 * rate * decays[2])
            first_user, first_movie = np.uint64(tile_users * i), np.uint64(tile_movies * j)
            reverse = backward != ((i + j) & 1)
            for part in range(start, stop, PART):
                squares = real(0.0)
                for count in range(part, min(part + PART, stop)):
                    # Unsigned, these cannot be numba's indices from the end, which would cost a test each.
                    at = np.uint64(start + stop - 1 - count if reverse else count)
                    u, m = first_user + users[at], first_movie + movies[at]
                    score = dot(p, q, u, m, pieces) + mean_
                    if biased:
                        score += user_bias[u] + movie_bias[m]
                    if kind == NO_RANGE:
                        residual = values[at] - score
                        pull = step * residual
                    elif kind == CLIP:
                        residual = values[at] - min(max(score, low_), high_)
                        pull = step * residual if low_ <= score <= high_ else real(0.0)
                    else:
                        place = one / (one + math.exp(-score if kind == SIGMOID else -two * score))
                        residual = values[at] - (low_ + span_ * place)
                        slope = span_ * place * (one - place)
                        pull = step * residual * (slope if kind == SIGMOID else two * slope)
                    move(p, q, u, m, pull, user_shrink, movie_shrink, pieces)
                    if biased:
                        user_bias[u] = bias_shrink * user_bias[u] + pull
                        movie_bias[m] = bias_shrink * movie_bias[m] + pull
                    squares += residual * residual
                total += squares
            if not math.isfinite(total):
                return total
    return total
