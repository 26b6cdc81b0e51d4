"""A process that serves spares its threads long waits for one another."""

from __future__ import annotations

import gc
import sys

from hub.main import settle


def test_what_is_here_to_stay_is_not_looked_through_again() -> None:
    turn = sys.getswitchinterval()
    try:
        settle()
        assert gc.get_freeze_count() > 1_000
        assert sys.getswitchinterval() < turn
    finally:
        gc.unfreeze()
        sys.setswitchinterval(turn)
