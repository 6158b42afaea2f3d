"""Open the window from a checkout: ``python main.py [FILE]``, the same program as the command ``cfgui``."""

import sys

from cfgui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
