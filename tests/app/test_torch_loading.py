"""Loading torch in the background: it becomes ready, or says in a sentence why not."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from cfgui.app import polite_imports, torch_loading
from cfgui.app.polite_imports import PoliteFinder
from cfgui.app.torch_loading import TorchLoader, link_libraries
from cfgui.core import torch_gradients


def test_torch_becomes_ready() -> None:
    loader = TorchLoader()
    assert not loader.ready
    loader.join()  # nothing to wait for yet
    loader.start()
    loader.join()
    assert (loader.ready, loader.problem) == (True, "")
    assert "torch" in sys.modules
    assert not any(isinstance(finder, PoliteFinder) for finder in sys.meta_path)
    assert "torch loading" not in {thread.name for thread in threading.enumerate()}


def test_a_broken_torch_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ImportError("libtorch_cpu.so: not found")

    monkeypatch.setattr(torch_gradients, "warm_up", broken)
    loader = TorchLoader()
    loader.start()
    loader.join()
    assert not loader.ready
    assert loader.problem == (
        "torch cannot be loaded (libtorch_cpu.so: not found): use forward or central differences, or install it again."
    )
    assert not any(isinstance(finder, PoliteFinder) for finder in sys.meta_path)


def test_only_the_loading_thread_waits_for_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    monkeypatch.setattr(polite_imports.TURNSTILE, "pass_through", lambda: passed.append("x"))
    here, elsewhere = PoliteFinder(threading.current_thread()), PoliteFinder(threading.Thread())
    assert here.find_spec("anything") is None
    assert elsewhere.find_spec("anything") is None
    assert passed == ["x"]


def test_linked_libraries_are_not_linked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch_gradients)
    monkeypatch.setattr(torch_loading.importlib.util, "find_spec", lambda name: pytest.fail("looked for " + name))
    link_libraries()


def test_nothing_to_link_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(torch_loading.importlib.util, "find_spec", lambda name: None)
    link_libraries()


FRESH = """
import sys
from cfgui.app.torch_loading import TorchLoader
assert "torch" not in sys.modules
loader = TorchLoader()
loader.start()
loader.join()
import torch
print(loader.ready, repr(loader.problem), float(torch.ones(3).sum()))
"""


def test_in_a_fresh_process_torch_works_after_linking() -> None:
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "True '' 3.0\n"
