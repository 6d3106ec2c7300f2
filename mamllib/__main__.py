"""``python -m mamllib``."""

import sys

from mamllib.cli import main

sys.exit(main())
