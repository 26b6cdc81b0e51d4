"""A process that serves spares its threads long waits for one another."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys

import pytest

from hub.main import settle, until_told


def test_what_is_here_to_stay_is_not_looked_through_again() -> None:
    turn, seldom = sys.getswitchinterval(), gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > 1_000
        assert gc.get_threshold() > seldom
        assert sys.getswitchinterval() < turn
    finally:
        gc.unfreeze()
        gc.set_threshold(*seldom)
        sys.setswitchinterval(turn)


def test_the_first_model_brings_no_compiled_loops_any_more() -> None:
    """They are a hundred thousand objects, too many to be looked through for ever after."""
    code = "import sys; from hub.main import settle; settle(); print('numba' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "True\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_told_to_stop_while_settling_settles_and_stops(number: signal.Signals) -> None:
    done = []

    def first() -> None:
        os.kill(os.getpid(), number)
        done.append(number)

    until_told(first)
    assert done == [number]
