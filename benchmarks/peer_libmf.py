"""LIBMF (Chin and others 2016) as a peer: building it from its source, and an epoch's speed through ctypes.

    pip download libmf --no-binary :all: --no-deps && tar xzf libmf-*.tar.gz
    python -m benchmarks.peer_libmf libmf-0.9.2/src_cpp       # builds it into the benchmarks' folder

Its two-thread solver can wait for ever when training ends (the last round can be over before ``terminate`` is called);
the build wakes the threads once more after that, and changes nothing else.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import FOLDER

BUILDS = {"avx": ["-DUSEAVX", "-O3"], "sse": ["-DUSESSE", "-O3"]}
"""Without vectors of its own it runs at half the speed, whatever the compiler makes of it."""

BINS = (5, 8, 12, 20, 40, 80)

_NODE = np.dtype([("u", np.int32), ("v", np.int32), ("r", np.float32)])


class _Problem(ctypes.Structure):
    _fields_ = (("m", ctypes.c_int), ("n", ctypes.c_int), ("nnz", ctypes.c_longlong), ("nodes", ctypes.c_void_p))


class _Parameter(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("fun", "k", "nr_threads", "nr_bins", "nr_iters")),
        *((name, ctypes.c_float) for name in ("lambda_p1", "lambda_p2", "lambda_q1", "lambda_q2", "eta")),
        *((name, ctypes.c_bool) for name in ("do_nmf", "quiet", "copy_data")),
    )


def library(build: str) -> Path:
    """Where a build is kept."""
    return FOLDER / f"libmf-{build}.so"


def build_all(source: Path) -> None:
    """Compile the builds for this machine with g++."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = (source / "mf.cpp").read_text()
    patched = FOLDER / "mf_woken.cpp"
    patched.write_text(text.replace("    sched.terminate();\n", "    sched.terminate();\n    sched.resume();\n"))
    for build, flags in BUILDS.items():
        options = ["-std=c++11", "-march=native", "-fPIC", "-shared", "-fopenmp", "-DUSEOMP", "-pthread", f"-I{source}"]
        subprocess.run(["g++", *flags, *options, "-o", str(library(build)), str(patched)], check=True)


class Libmf:
    """One table for LIBMF, squared error, 50 factors or so, the settings of its command line."""

    def __init__(
        self, users: NDArray[np.int32], movies: NDArray[np.int32], values: NDArray[np.float32], n_factors: int
    ) -> None:
        self._nodes = np.empty(len(users), _NODE)
        self._nodes["u"], self._nodes["v"], self._nodes["r"] = users, movies, values
        self._size = int(users.max()) + 1, int(movies.max()) + 1
        self._n_factors = n_factors
        self._libraries = {build: _load(library(build)) for build in BUILDS if library(build).exists()}

    def seconds(self, build: str, n_threads: int, n_bins: int, n_epochs: int) -> float:
        """Seconds of so many epochs and of what comes before them."""
        lib = self._libraries[build]
        problem = _Problem(*self._size, len(self._nodes), self._nodes.ctypes.data)
        parameter = _Parameter(
            0, self._n_factors, n_threads, n_bins, n_epochs, 0.0, 0.01, 0.0, 0.01, 0.1, False, True, True
        )
        start = time.perf_counter()
        model = ctypes.c_void_p(lib.mf_train(ctypes.byref(problem), parameter))
        taken = time.perf_counter() - start
        lib.mf_destroy_model(ctypes.byref(model))
        return taken

    def speed(self, build: str, n_threads: int, n_bins: int, n_epochs: int) -> float:
        """Ratings a second, without what comes before the epochs; its first epoch, of fewer columns, does not count."""
        first = self.seconds(build, n_threads, n_bins, 1)
        return len(self._nodes) * n_epochs / max(1e-9, self.seconds(build, n_threads, n_bins, 1 + n_epochs) - first)

    def best(self, n_epochs: int, bins: tuple[int, ...] = BINS, tries: int = 2) -> tuple[str, int, int]:
        """(build, threads, bins) of the highest speed; two threads, as one was never faster."""
        options = [(build, 2, n) for build in self._libraries for n in bins]
        return max(options, key=lambda option: max(self.speed(*option, n_epochs) for _ in range(tries)))


def present() -> bool:
    """Whether any build is there."""
    return any(library(build).exists() for build in BUILDS)


def _load(path: Path) -> ctypes.CDLL:
    lib = ctypes.CDLL(str(path))
    lib.mf_train.restype, lib.mf_train.argtypes = ctypes.c_void_p, [ctypes.POINTER(_Problem), _Parameter]
    lib.mf_destroy_model.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
    return lib


if __name__ == "__main__":
    build_all(Path(sys.argv[1]))
