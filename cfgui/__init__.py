"""cfgui: the fast.ai collaborative-filtering spreadsheet as a living program.

The house, one page. Imports point down only; gui and cli never see each other:

    __main__  ->  gui | cli  ->  app  ->  io  ->  core

``core``  Pure: numpy; torch in ``torch_*`` and numba in ``compiled_*``. No files, threads or Qt.
          ``ratings``, ``factors``, ``document``    what is open: indexed triples, never a dense crosstab
          ``edited_ratings``, ``view``              changes upon large ratings; the part of them that is shown
          ``options``, ``hyperparameters``          every training option, declared once for forms, flags and docs;
                                                    one choice of them all, and which go together
          ``structure``, ``starts``                 the weights that a choice of options begins with
          ``models``, ``gradients``, ``optimizers`` predictions and slopes; how slopes become updates
          ``trainer``, ``stepper``, ``engines``     one update after another: by ``batch_updates`` (arrays, torch),
                                                    ``rating_updates`` (compiled, strict) or ``epoch_updates`` (fast)
          ``compiled_*``, ``fast_sgd*``, ``als_*``  the loops for many ratings
          ``split``, ``metrics``, ``baselines``     what is held out, and how well it is predicted
          ``standings``, ``neighbours``, ``projection``, ``factor_reading``, ``rotation``, ``one_hot``   reading weights
          ``recommend*``, ``diversity``, ``reasons``   lists, and why
          ``side_rows``, ``one_side``               users and movies under the same names, and their rows of weights
          ``prior``, ``fold_in``, ``cold_start``, ``questionnaire``, ``metadata_*``, ``unknown``   whom the model has
                                                    never seen
          ``feedback*``                             rounds of recommending and learning
``io``    Paths in, core objects out; every write is atomic, pure-Python readers run in a guarded child (``child``).
          ``open_any``                              one door for all files and pasted text
          ``table_guess``, ``table_options``        what a table seems to be; what a person may choose about it
          ``long_table``, ``wide_table``, ``xlsx_table``, ``parquet_table``   tables in, and an import report
          ``compiled_rows``                         the fast parser of plain tables, by numba
          ``movielens``, ``download``               editions, and getting them; ``table_cache`` for a second open
          ``workbook_*``, ``*_export``              the live workbook, out and in; values in other formats
          ``session_file``                          kept sessions; ``synthetic`` makes invented tables
``app``   The program without a window. ``session`` is the only mutable truth, ``session_answers`` what it tells of
          itself; ``edits`` and ``training_run`` make new states of it, ``rating_parts`` knows which ratings are shown,
          held out (``holding``) and train (``scope``), ``known_errors`` what was measured, ``blocks`` are the tables of
          a sheet, ``commands`` the verbs as data, ``kept_sessions`` the memory, ``tasks`` work in a thread. ``reading``
          is what pages beside the sheet read, ``trained_model`` what a command asks; ``row_edits`` and ``folding``
          bring new users and movies.
``gui``   The window: draws state, sends verbs, computes nothing. ``window_parts`` makes its parts, ``wiring``
          connects them, ``main_window`` shows in them what changed; ``sheets`` holds the pages behind the tabs,
          ``explore_pages`` those beside the sheet, each an ``explore_page``, ``bridge`` brings a run's snapshots
          over.
``cli``   The same program without a window.

A file becomes a sheet: ``gui.opening_actions`` -> ``io.open_any`` guesses -> the import dialog -> it reads the file, in
a task that tells its progress -> a document -> ``app.session`` -> watchers get the changes and redraw.
A step becomes a number: ``gui.training_actions`` -> ``gui.bridge`` -> ``app.training_run``, in a thread of its own ->
``core.trainer`` -> the newest snapshot -> ``gui.bridge`` -> ``app.session`` on the main thread -> the same watchers.
"""

__version__ = "0.1.0"
