"""How much memory this process has taken at most."""

from __future__ import annotations

import sys


def peak_memory_mb() -> float | None:
    """The largest resident size so far in MB (10^6 bytes); None where the system does not say, as on Windows."""
    try:
        import resource
    except ImportError:
        return None
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 1e6 if sys.platform == "darwin" else size * 1024 / 1e6  # Linux counts in KB
