"""Where nodes lie."""

from __future__ import annotations

from cim.electrical.positions import positions
from tests.cim.electrical.documents import model, terminals


def test_points_follow_the_terminals() -> None:
    found = positions(
        model(
            {
                "ACLineSegment l": {"PowerSystemResource.Location": "#at"},
                "Location at": {},
                "PositionPoint p1": {"Location": "#at", "sequenceNumber": "1",
                                     "xPosition": "1.5", "yPosition": "2"},
                "PositionPoint p2": {"Location": "#at", "sequenceNumber": "2",
                                     "xPosition": "3", "yPosition": "4"},
                **terminals("l", "n1", "n2"),
            }
        )
    )  # fmt: skip
    assert found == {"n1": (1.5, 2.0), "n2": (3.0, 4.0)}


def test_one_point_is_for_all_terminals_and_none_is_nowhere() -> None:
    found = positions(
        model(
            {
                "Breaker b": {"PowerSystemResource.Location": "#at"},
                "Location at": {},
                "PositionPoint p": {"Location": "#at", "xPosition": "1", "yPosition": "x"},
                "PositionPoint q": {"Location": "#at", "xPosition": "1", "yPosition": "2"},
                **terminals("b", "n1", "n2"),
                "Breaker c": {},
                **terminals("c", "n3", "n4"),
            }
        )
    )
    assert found == {"n1": (1.0, 2.0), "n2": (1.0, 2.0)}
