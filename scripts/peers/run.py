"""`python scripts/peers/run.py install|up|installed ...`: the real servers the tests run against.

A launcher, so that the rooms beside it are one package whichever folder they are started from.
`docs/howto/run-against-real-servers.md` is the manual.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    runpy.run_module("scripts.peers", run_name="__main__")
