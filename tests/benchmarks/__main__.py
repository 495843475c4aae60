"""`python -m tests.benchmarks [items]`: every benchmark that needs nothing but this machine."""

from __future__ import annotations

import sys

from tests.benchmarks import hot_path

hot_path.main(sys.argv[1:])
