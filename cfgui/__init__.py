"""cfgui: the fast.ai collaborative-filtering spreadsheet as a living program.

The house, one page. Imports point down only:

    __main__  ->  gui | cli  ->  app  ->  io  ->  core

``core``  ratings, factors, models, gradients, optimizers, the trainer. Pure: numpy, and torch in ``torch_*.py``.
``io``    workbooks and the built-in sample. Paths in, core objects out; every write is atomic.
``app``   the session (the only mutable truth), edits, training runs, explanations. No Qt.
``gui``   the window: draws state, sends verbs, computes nothing.
``cli``   the same program without a window.
"""

__version__ = "0.1.0"
