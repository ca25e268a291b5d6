"""Run the command line: `python -m brokerage`."""

import sys

from brokerage.cli import main

sys.exit(main())
