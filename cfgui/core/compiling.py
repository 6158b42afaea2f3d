"""Compiling loops by numba, which takes half a second to import and so loads with the first loop that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(function: Callable[..., Any], *, reordered: bool = False, unchecked: bool = False) -> Callable[..., Any]:
    """``function`` compiled for the arrays it is first called with; it never holds Python's lock.

    ``reordered`` lets sums be added in another order, which vector units need; the same machine code still gives the
    same bits. ``unchecked`` divides by zero as arrays do, instead of raising ZeroDivisionError: vector units cannot
    look at every divisor. What was compiled is kept beside the function's file, or in numba's own folder for the user
    where that is not writable, and else compiled at every start.
    """
    import numba

    options: dict[str, Any] = {
        "nogil": True,
        "fastmath": {"reassoc", "contract", "nsz"} if reordered else False,
        "error_model": "numpy" if unchecked else "python",
    }
    try:
        loop: Callable[..., Any] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # numba found no folder to keep it in
        loop = numba.njit(**options)(function)
    return loop
