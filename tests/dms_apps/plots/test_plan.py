"""A network on the map."""

from __future__ import annotations

import numpy as np

from dms_apps.plots import Plan, network_map
from hub.report import Form

SMALL = Plan([0, 1, 2, np.nan], [0, 0, 1, 0], [1.0, 0.98, np.nan, 1.0], [0, 1], [1, 2], [1])


def test_it_is_the_same_each_time() -> None:
    assert network_map(SMALL, Form.SVG) == network_map(SMALL, Form.SVG)
    assert network_map(SMALL, Form.PNG).startswith(b"\x89PNG")


def test_it_tells_alarms_and_what_has_no_supply() -> None:
    drawn = network_map(SMALL, Form.SVG).decode()
    assert "1 nodes with a limit violated" in drawn
    assert "dashed: without supply" in drawn
    assert "voltage (per unit)" in drawn


def test_nothing_is_said_to_be_nothing() -> None:
    none = Plan([np.nan], [np.nan], [1.0])
    assert "Nothing to show." in network_map(none, Form.SVG).decode()
