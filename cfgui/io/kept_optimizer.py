"""What an optimizer remembers as members of an archive and back."""

from __future__ import annotations

from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.optimizers import OPTIMIZERS, empty_state
from cfgui.io.archive import Archive, ArchiveError, Array
from cfgui.io.head_values import text, whole

MAX_OPTIMIZER = 512 * 2**20
"""Bytes of one optimizer's memory that are kept; L-BFGS on millions of users remembers more, and starts afresh."""


def put_optimizer(state: object, prefix: str, members: dict[str, Array]) -> dict[str, object] | None:
    """Put the memory of an optimizer among the members, their names beginning with ``prefix``.

    Returns what the head says of it; None where there is nothing, or nothing that can be kept.
    """
    if not isinstance(state, OptimizerState) or not _can_be_kept(state):
        return None
    members |= {f"{prefix}{number}": array for number, array in enumerate(state.memory)}
    return {"name": state.optimizer, "count": state.count, "memories": len(state.memory)}


def _can_be_kept(state: OptimizerState) -> bool:
    """Whether the memory is not too large, and as its optimizer makes it: only such a one is read again."""
    if state.optimizer not in OPTIMIZERS or sum(array.nbytes for array in state.memory) > MAX_OPTIMIZER:
        return False
    shapes = {array.shape for array in state.memory}
    like = [(array.ndim, array.dtype) for array in empty_state(state.optimizer, 0).memory]
    return len(shapes) <= 1 and [(array.ndim, array.dtype) for array in state.memory] == like


def read_optimizer(archive: Archive, prefix: str, described: object) -> OptimizerState | None:
    """What the optimizer remembers; None where there is nothing, or nothing that this version can go on from.

    Raises ArchiveError, KeyError where the head describes none.
    """
    if described is None:
        return None
    if not isinstance(described, dict):
        raise ArchiveError("no state of an optimizer")
    name, n_memories = text(described, "name"), whole(described, "memories")
    if name not in OPTIMIZERS:
        return None
    empty = empty_state(name, 0).memory
    if n_memories != len(empty):
        return None
    memory = tuple(
        archive.array(f"{prefix}{number}", "<f8", (None,) * array.ndim) for number, array in enumerate(empty)
    )
    if any(array.shape != memory[0].shape for array in memory):
        raise ArchiveError("memories of other shapes")
    return OptimizerState(name, memory, whole(described, "count"))
