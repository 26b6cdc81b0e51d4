"""How sentences call an object."""

from __future__ import annotations

import pytest

from dms_apps.solver.naming import titled, titled_of


@pytest.mark.parametrize(
    ("name", "mrid", "said"),
    [("Line 7", "4f", "Line 7 (4f)"), ("", "4f", "4f"), ("4f", "4f", "4f")],
)
def test_by_name_and_mrid(name: str, mrid: str, said: str) -> None:
    assert titled(name, mrid) == titled_of({mrid: name}, mrid) == said


def test_what_has_no_name_is_called_by_its_mrid() -> None:
    assert titled_of({}, "4f") == "4f"
