"""Element by element, OpenDSS computes with what the electrical view says."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import view
from cim.electrical.leakage import Core
from cim.electrical.taps import Tap
from cim.electrical.transformers import Transformer
from cim.electrical.view import View
from dms_apps.solver.layout import Layout
from tests.cim.electrical.banks import CENTRE, bank, end
from tests.cim.electrical.documents import terminals, viewed
from tests.cim.electrical.opendss import circuit, commands
from tests.cim.electrical.test_phase_shifters import NON_LINEAR, shifting
from tests.cim.electrical.test_reference import FEEDERS, model
from tests.dms_apps.solver.feeder import balanced_line, feeder, source, switch
from tests.dms_apps.solver.opendss.drawn import errors

SAME = 1e-8
"""Lines without capacitance leak 1e-9 siemens in OpenDSS."""
LARGE = "ieee8500_opendss.zip"
SHEETS = Path(__file__).parents[3] / "cim" / "electrical"


def transformed(*ends: dict[str, str], **said: str) -> View:
    """A source and a transformer t at its node n1."""
    return viewed(source(), bank(*ends, **said))


def with_transformer(found: View, **changes: object) -> View:
    [one] = found.transformers
    return replace(found, transformers=(replace(one, **changes),))  # type: ignore[arg-type]


def check(found: View) -> None:
    assert found.transformers or found.lines
    worst = errors(Layout.of(found))
    assert max(worst.values()) < SAME, {k: v for k, v in worst.items() if v >= SAME}


@pytest.mark.parametrize("sheet", ["transformers.dss", "lines.dss"])
def test_every_kind_of_element(sheet: str) -> None:
    """Transformers of every connection, lines, shunts and sources in every way, once more."""
    check(circuit(*commands((SHEETS / sheet).read_text())).view)


WINDINGS = [
    *(pair for pair in product(("Yn", "Y"), ("Yn", "Y"), (0, 2, 4, 6, 8, 10))),
    *(("D", "D", hours) for hours in (0, 2, 4, 6, 8, 10)),
    *(pair for pair in product(("D",), ("Yn", "Y"), (1, 3, 5, 7, 9, 11))),
    *(pair for pair in product(("Yn", "Y"), ("D",), (1, 3, 5, 7, 9, 11))),
]


@pytest.mark.parametrize(("one", "two", "hours"), WINDINGS)
def test_clock_numbers(one: str, two: str, hours: int) -> None:
    check(transformed(end(one, 10e3, r="1", x="9"), end(two, 400, hours, r="0", x="0")))


def test_three_windings_by_the_clock() -> None:
    ends = (end("Yn", 110e3, r="1", x="20"), end("D", 20e3, 5, r=".2", x="3"))
    check(transformed(*ends, end("Yn", 10e3, 6, r=".1", x=".7")))
    check(transformed(*ends, end("D", 10e3, 11, r=".1", x=".7")))
    check(transformed(*ends, end("Y", 10e3, 0, r=".1", x=".7")))


@pytest.mark.parametrize("two", ["Yn", "D"])
def test_zero_sequence_of_its_own(two: str) -> None:
    check(
        transformed(
            end("Yn", 10e3, r="1", x="9", r0="1", x0="7"),
            end(two, 400, 0 if two == "Yn" else 5, r="0", x="0"),
        )
    )


def test_star_points_through_impedances() -> None:
    earthed = {"TransformerEnd.rground": "3", "TransformerEnd.xground": "4"}
    first = end("Yn", 10e3, r="1", x="9", **earthed)  # type: ignore[arg-type]
    check(transformed(first, end("Yn", 400, r="0", x="0", **earthed)))  # type: ignore[arg-type]
    check(transformed(first, end("D", 400, 1, r="0", x="0")))


@pytest.mark.parametrize("places", [(0,), (1,), (0, 1)])
def test_core_at_the_end_that_has_it(places: tuple[int, ...]) -> None:
    found = transformed(end("D", 10e3, r="1", x="9"), end("Yn", 400, 5, r="0", x="0"))
    rated = (10e3, 400)
    y = 3e3 - 4e3j
    cores = tuple(Core(at, y / rated[at] ** 2, y / rated[at] ** 2) for at in places)
    check(with_transformer(found, cores=cores))
    check(with_transformer(found, cores=(Core(1, y / 400**2, 2 * y / 400**2),)))


def test_four_windings() -> None:
    ends = [end("Yn", volts, r=r, x="2") for volts, r in ((10e3, ".1"), (9e3, ".2"), (8e3, ".3"))]
    found = transformed(*ends, end("D", 400, 1, r=".001", x=".02"))
    check(found)
    [one] = found.transformers
    z = one.leakage.z.copy()
    z[0, 3] += 0.5  # resistances that no four windings have
    check(with_transformer(found, leakage=replace(one.leakage, z=z)))


def test_impedances_that_no_tests_would_show() -> None:
    """Without reactance, and with a resistance below 0 in the star of three windings."""
    check(transformed(end("Yn", 10e3, r="1", x="0"), end("Yn", 400, r="0", x="0")))
    ends = [end("Yn", volts, r="1", x="9") for volts in (10e3, 10e3, 10e3)]
    found = transformed(*ends)
    [one] = found.transformers
    z = one.leakage.z.copy()
    z.real[np.triu_indices(3, 1)] = 1, 1, 3
    check(with_transformer(found, leakage=replace(one.leakage, z=z)))


def tapped(one: Transformer, tap: Tap) -> Transformer:
    first, *others = one.windings
    return replace(one, windings=(replace(first, tap=tap), *others))


@pytest.mark.parametrize("tap", [Tap(1.0375), Tap(0.95, r=3, x=5, g=2, b=-1), Tap(1.02, angle=7)])
def test_taps(tap: Tap) -> None:
    found = transformed(end("D", 10e3, r="1", x="9", g="1e-6", b="-3e-6"), end("Yn", 400, 11))
    check(replace(found, transformers=tuple(tapped(one, tap) for one in found.transformers)))


def test_phase_shifters() -> None:
    turning = shifting("Asymmetrical", windingConnectionAngle="60", **NON_LINEAR)
    check(viewed(source(110e3), turning))


def test_centre_tapped_service() -> None:
    check(viewed(source(), CENTRE))


def test_conductance_of_lines() -> None:
    said = balanced_line()
    said["ACLineSegment l"] |= {"gch": "2e-6", "bch": "5e-6", "g0ch": "1e-6", "b0ch": "3e-6"}
    found = viewed(source(), said)
    assert found.lines[0].y.real.any()
    check(found)


def test_sections_that_are_no_whole_number() -> None:
    objects = {
        "LinearShuntCompensator c": {
            "bPerSection": "1e-4", "gPerSection": "1e-6", "ShuntCompensator.sections": "1.5",
            "ShuntCompensator.maximumSections": "3", "ShuntCompensator.normalSections": "1",
        },
        **terminals("c", "n2"),
    }  # fmt: skip
    check(feeder(objects))
    objects["LinearShuntCompensator c"]["bPerSection"] = "-1e-4"
    check(feeder(objects))


def test_switches_are_drawn_pole_by_pole() -> None:
    found = viewed(source(), balanced_line(), switch())
    check(found)


@pytest.mark.reference
@pytest.mark.parametrize("name", sorted(FEEDERS.keys() - {LARGE}))
def test_published_feeders(shared: Path, name: str) -> None:
    found = view.read(model(shared / "data" / "cim" / "feeders" / name), frequency=60.0)
    if found.sources:
        check(found)


@pytest.mark.reference
@pytest.mark.fault
def test_a_large_feeder(shared: Path) -> None:
    check(view.read(model(shared / "data" / "cim" / "feeders" / LARGE), frequency=60.0))


@pytest.mark.reference
def test_transformer_cases(shared: Path) -> None:
    for file in sorted((shared / "data" / "cim" / "transformer_cases").glob("*.xml")):
        layout = Layout.of(view.read(model(file), frequency=60.0))
        worst = errors(layout)
        assert max(worst.values()) < SAME, file.name


def test_nothing_is_drawn_that_is_not_in_the_view() -> None:
    """Each place has a node of its own, and sources their voltages."""
    layout = Layout.of(feeder())
    assert len(set(layout.places)) == len(layout.places) == 9
    assert np.allclose(np.abs(layout.view.sources[0].volts), 10e3 / np.sqrt(3))
