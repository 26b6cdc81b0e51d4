"""A process that serves gives free memory back."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os
from pathlib import Path
import numpy as np
from hub.main.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

give_back()
np.ones(4 << 20, np.uint8)  # freed at once: from now on the C library would know better
before = resident()
arrays = [np.ones(2 << 20, np.uint8) for _ in range(100)]
kept = arrays[9::10]
del arrays
print(resident() - before)
"""


def test_what_stays_does_not_hold_what_has_gone() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) < 50e6  # ten of a hundred arrays of 2 MB stay
