"""``python -m chaos``: the same as the command ``gameday``."""

import sys

from chaos.cli import main

sys.exit(main())
