"""Drawings: what is in them, that they can be read, and that they are the same each time."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib import rcParams

from dms_apps import plots
from dms_apps.plots import paper
from dms_apps.plots.along import Along
from dms_apps.plots.bars import Bars, ranked
from dms_apps.plots.columns import Columns, stacked
from dms_apps.plots.curve import Curve
from dms_apps.plots.document import document
from dms_apps.plots.heat import Heat
from hub.report import Column, Form, Report
from tests.hub.console.test_page_markup import contrast

NAN, INF = float("nan"), float("inf")
START = datetime(2026, 7, 14, tzinfo=ZoneInfo("Europe/Berlin"))
FEEDER = Along(
    metres=[0, 900, 2600, 0, 900, INF, 300],
    values=[1.02, 1.0, 0.93, 1.02, 0.99, 0.98, NAN],
    series=("A", "A", "A", "B", "B", "B", "B"),
    start=[0, 1, 3, 4, 4],
    end=[1, 2, 4, 5, 6],
)
HOURS = [START + timedelta(hours=n) for n in range(24)]
CURVES = (Curve("forecast", HOURS, range(24)), Curve("measured", HOURS[:3], [5, NAN, 7]))
HEAT = Heat(("F1", "F2"), ("00", "01", "02"), [[1, 2, NAN], [4, 5, 6]], "load", "kW")  # type: ignore[arg-type]
BARS = Bars(("T1", "line 1", "T2", "dark"), [40.4, 130.6, 99.0, NAN])
EVERY: dict[str, Callable[[Form], bytes]] = {
    "voltages": partial(plots.voltage_profile, FEEDER, low=0.95, high=1.05),
    "faults": partial(plots.fault_level, FEEDER),
    "loading": partial(plots.loading, BARS),
    "curve": partial(plots.load_curve, CURVES),
    "heat": partial(plots.heat_table, HEAT),
}


def texts(svg: bytes) -> set[str]:
    """What stands in a drawing: letters are paths there, and the text is beside them."""
    return {one.strip() for one in re.findall(r"<!--(.*?)-->", svg.decode())}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "voltages",
            {
                *("Voltage profile", "distance from the source (km)", "voltage (per unit)"),
                *("phase", "A", "B", "0.95", "1.05", "1 of 6 outside of the band"),
            },
        ),
        ("faults", {"Fault level", "fault current (kA)", "fault", "A", "B"}),
        ("loading", {"Loading", "share of the limit (%)", "T1", "line 1", "T2", "40", "131", "99"}),
        (
            "curve",
            {
                *("Load curve", "load (kW)", "time of 2026-07-14 (CEST)", "03:00", "21:00"),
                *("forecast", "measured"),
            },
        ),
        ("heat", {"Heat table", "load (kW)", "F1", "F2", "00", "02", "6", "–"}),
    ],
)
def test_a_drawing_says_what_it_shows_and_in_which_unit(name: str, said: set[str]) -> None:
    found = EVERY[name](Form.SVG)
    assert said <= texts(found)
    assert found.endswith(b"</svg>\n")


@pytest.mark.parametrize("name", EVERY)
def test_the_same_drawing_has_the_same_bytes(name: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(EVERY[name], [Form.SVG] * 3))
    assert len(set(drawn)) == 1
    assert not re.search(rb"<dc:date>|Matplotlib v", drawn[0])


@pytest.mark.parametrize("name", EVERY)
def test_a_picture_has_its_size(name: str) -> None:
    before = dict(rcParams)
    png = EVERY[name](Form.PNG)
    assert png.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", png[16:24]) == (paper.WIDE, paper.HIGH)
    assert dict(rcParams) == before


def test_devices_without_a_figure_and_those_too_many_are_left_out() -> None:
    found = texts(plots.loading(BARS, Form.SVG, shown=2))
    assert {"line 1", "T2", "the highest 2 of 3"} <= found
    assert not {"T1", "dark"} & found


def test_the_lowest_can_be_asked_for_without_a_limit() -> None:
    quantity = "capacity (kW)"
    found = texts(
        plots.ranked(BARS, Form.SVG, title="Taken", quantity=quantity, lowest=True, shown=2)
    )
    assert {"T1", "T2", "40", "99", quantity, "the lowest 2 of 3"} <= found
    assert "line 1" not in found


@pytest.mark.parametrize(
    "empty",
    [
        partial(plots.voltage_profile, Along((), (), ()), low=0.95),
        partial(plots.fault_level, Along([INF], [1.0], ("A",))),
        partial(plots.loading, Bars((), ())),
        partial(plots.load_curve, ()),
        partial(plots.load_curve, [Curve("none", (), ())]),
        partial(plots.heat_table, Heat(("F1",), ("00",), [[NAN]], "load")),
        partial(plots.heat_table, Heat((), (), (), "load")),
    ],
)
def test_of_nothing_there_is_a_drawing_that_says_so(empty: Callable[[Form], bytes]) -> None:
    assert "Nothing to show." in texts(empty(Form.SVG))


def test_distances_are_in_metres_where_all_is_near() -> None:
    near = Along([0, 400], [5_000, 3_000], ("three-phase",) * 2)
    assert "distance from the source (m)" in texts(plots.fault_level(near, Form.SVG))


def test_the_last_value_of_a_curve_lasts_as_long_as_the_one_before() -> None:
    times, values = Curve("load", HOURS, range(24)).ended()
    assert times[-1] == START + timedelta(hours=24)
    assert values[-2:].tolist() == [23, 23]
    alone = Curve("load", HOURS[:1], [5.0])
    assert alone.ended()[0] == HOURS[:1]
    assert texts(plots.load_curve([alone], Form.SVG)) >= {"load"}


def test_long_names_of_columns_are_inclined_and_some_of_many_left_out() -> None:
    few = tuple(f"a long name {n}" for n in range(10))
    assert set(few) <= texts(plots.heat_table(Heat(("F1",), few, range(10), "load"), Form.SVG))
    many = tuple(f"{n // 4:02}:{n % 4 * 15:02}" for n in range(96))
    said = texts(plots.heat_table(Heat(("F1",), many, range(96), "load"), Form.SVG))
    assert 6 <= len(said & set(many)) <= 13


def test_a_curve_of_several_days_has_dates() -> None:
    days = [datetime(2026, 7, 14, tzinfo=UTC) + timedelta(days=n) for n in range(5)]
    found = texts(plots.load_curve([Curve("load", days, range(5))], Form.SVG, unit="MW"))
    assert {"load (MW)", "time (UTC)"} <= found


def test_a_large_feeder_is_a_picture_in_its_drawing() -> None:
    size = 3_000
    metres, values = np.linspace(0, 9_000, size), np.linspace(1.04, 0.9, size)
    ends = np.arange(size - 1)
    large = Along(metres, values, ("C",) * size, ends, ends + 1)
    drawn = plots.voltage_profile(large, Form.SVG, low=0.95, high=1.05)
    assert b"data:image/png" in drawn
    assert len(drawn) < 300_000
    assert f"{(values < 0.95).sum():,} of 3,000 outside of the band" in texts(drawn)


def test_lines_and_letters_stand_out_from_the_paper() -> None:
    for colour in (*paper.SERIES, paper.ALARM):
        assert contrast(colour, paper.PAPER) >= 3
        assert contrast(colour, paper.BAND) >= 3
    for letters in (paper.INK, paper.SOFT):
        assert contrast(letters, paper.PAPER) >= 4.5
    assert len(set(paper.SERIES)) == len(paper.PHASES) == len(paper.MARKS) == len(paper.STYLES)


def test_what_draws_is_loaded_when_it_is_needed() -> None:
    says = "import sys, dms_apps.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", says], check=False).returncode == 0


def test_columns_stand_on_one_another() -> None:
    names = tuple(f"2025-{month:02d}" for month in range(1, 13))
    columns = Columns(names, {"normal days": range(12), "major event days": [NAN] * 12})
    drawn = stacked(columns, Form.SVG, title="SAIDI", quantity="SAIDI (min)")
    assert drawn == stacked(columns, Form.SVG, title="SAIDI", quantity="SAIDI (min)")
    assert stacked(Columns((), {}), Form.PNG, title="x", quantity="y").startswith(b"\x89PNG")


def test_a_name_that_looks_like_a_formula_is_drawn_as_it_is() -> None:
    bars = Bars(("$\\frac{1$", "a$b$"), [1.0, 2.0])
    assert ranked(bars, Form.SVG, title="$x^$", quantity="$")


def test_a_document_has_drawings_tables_and_remarks_page_by_page() -> None:
    columns = tuple(Column(f"a long heading {n}", "min") for n in range(40))
    rows = [(f"$feeder {at}\n", *[at * 1.5] * 39) for at in range(60)]
    draw = partial(ranked, Bars(("a",), [1.0]), title="t", quantity="q")
    wide = Report(title="Wide", columns=columns, rows=rows, draw=draw, remarks=("One.",))  # type: ignore[arg-type]
    few = Report(title="Few", columns=columns, rows=[(None,) * 40])
    made = document("Reliability", [wide, few, Report(title="Nothing")])
    assert made.startswith(b"%PDF")
    assert made == document("Reliability", [wide, few, Report(title="Nothing")])
    assert made.count(b"/Type /Page ") >= 1 + 4 + 1
