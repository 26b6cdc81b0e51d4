"""The library of OpenDSS beside a process that changes its environment."""

from __future__ import annotations

import subprocess
import sys

# Runs by itself, for it ends by a segmentation fault where the library has no copy of its own.
_SCRIPT = """
import os, threading
os.environ["BEFORE"] = "1"  # from here on the array is the C library's, which moves and frees it
from dms_apps.solver.opendss.circuit import context
of_main = context()
for number in range(3000):
    os.environ[f"AFTER_{number}"] = "x" * 50
junk = [bytes(range(1, 9)) * size for size in range(1, 20000, 3)]
def solve():
    of_main.Text.Commands("clear\\nnew circuit.x\\nsolve")
    print(of_main.ActiveCircuit.Solution.Converged, os.environ["AFTER_7"][:1], flush=True)
for _ in range(3):
    thread = threading.Thread(target=solve)
    thread.start()
    thread.join()
os.execv("/usr/bin/env", ["env"])
"""


def test_new_threads_may_use_it_after_the_environment_has_changed() -> None:
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines.count("True x") == 3
    assert {"BEFORE=1", "AFTER_0=" + "x" * 50, "AFTER_2999=" + "x" * 50} <= set(lines)
