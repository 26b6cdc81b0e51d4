"""Element by element against OpenDSS: what it exports as CIM, read, is what it computed with.

The export has eight significant digits, so admittances agree to 1e-7 of their largest element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cim.electrical import yprim
from cim.electrical.injections import Load
from cim.electrical.lines import Line
from cim.electrical.taps import NOMINAL
from cim.electrical.transformers import Transformer
from cim.electrical.yprim import Primitive
from tests.cim.electrical.opendss import Circuit, Element, cases, circuit, commands
from tests.cim.electrical.power_flow import solved

ROUNDING = 1e-7
CARSON = 5e-5
"""OpenDSS puts the earth return at 658.5 sqrt(rho / f) m, Carson's series begins at 658.87."""
PERMITTIVITY = 3e-5
"""OpenDSS has 8.854e-12 F/m."""

FEEDERS = (
    "4Bus-DY-Bal/4Bus-DY-Bal.DSS",
    "4Bus-GrdYD-Bal/4Bus-GrdYD-Bal.DSS",
    "4Bus-OYOD-UnBal/4bus-OYOD-UnBal.dss",
    "4Bus-YD-Bal/4Bus-YD-Bal.DSS",
    "4Bus-YY-Bal/4Bus-YY-Bal.DSS",
    "4Bus-YYD/YYD-Master.DSS",
    "ieee13_dss/IEEE13Nodeckt.dss",
    "34Bus/ieee34Mod1.dss",
    "ieee123_dss/IEEE123Master.dss",
)

NANO_TWICE = 1e9
"""The export takes the capacitances of lines with sequence values for nanofarads twice."""
NO_UNITS = {f"cap_{number}{phase}" for number in "123" for phase in "abc"}
"""Lines of the 9500-node feeder without a unit of length: the export divides their impedance by
1609 m and leaves their length as it is.
"""


def feeder(path: str) -> Circuit:
    return circuit(f'compile "{cases() / path}"')


@pytest.fixture(scope="module")
def ieee9500() -> Circuit:
    """The 9500-node feeder with Carson's earth, which OpenDSS has by choice only."""
    folder = cases() / "ieee9500_dss"
    lines = commands((folder / "Master-unbal-initial-config.dss").read_text())
    begin = next(i for i, line in enumerate(lines) if line.startswith("Redirect"))
    carson = "set earthmodel=carson"
    return circuit(f'set datapath="{folder}"', *lines[:begin], carson, *lines[begin:])


@pytest.fixture(scope="module")
def ways() -> Circuit:
    """Lines, shunts and loads in every way that OpenDSS can export."""
    return circuit(*commands((Path(__file__).parent / "lines.dss").read_text()))


@pytest.fixture(scope="module")
def connections() -> Circuit:
    """Transformers of every connection."""
    return circuit(*commands((Path(__file__).parent / "transformers.dss").read_text()))


# -- lines


def line_errors(of: Circuit, line: Line) -> tuple[float, float]:
    """Of series impedance, and of shunt admittance where rounding lets it be seen."""
    element = of.element(line.name, "line", "reactor")
    theirs = element.over(of.places([(end.node, p) for end in line.ends for p in line.phases]))
    n = len(line.phases)
    z = np.linalg.inv(-theirs[:n, n:])
    y = 2 * (theirs[:n, :n] + theirs[:n, n:])
    lost = 1e-14 * np.abs(theirs).max()
    by_sequence = line.data in ("ACLineSegment", "PerLengthSequenceImpedance")
    mine = line.y * (NANO_TWICE if by_sequence else 1)
    return (
        float(np.abs(line.z - z).max() / np.abs(z).max()),
        float(max(np.abs(mine - y).max() - lost, 0) / max(np.abs(y).max(), lost)),
    )


def check_lines(of: Circuit) -> None:
    for line in of.view.lines:
        by_wires = line.data == "WireSpacingInfo"
        z, y = line_errors(of, line)
        assert z < (CARSON if by_wires else ROUNDING), line.name
        assert y < (PERMITTIVITY if by_wires else 10 * ROUNDING), line.name


@pytest.mark.parametrize("path", FEEDERS)
def test_lines_of_published_feeders(path: str) -> None:
    check_lines(feeder(path))


def test_lines_in_every_way(ways: Circuit) -> None:
    assert {line.data for line in ways.view.lines} == {
        "ACLineSegment",
        "PerLengthPhaseImpedance",
        "PerLengthSequenceImpedance",
        "SeriesCompensator",
        "WireSpacingInfo",
    }
    assert {"".join(line.phases) for line in ways.view.lines} == {
        *("ABC", "A", "B", "CBA", "BAC", "CA", "s1s2")
    }
    check_lines(ways)


def test_lines_of_the_9500_node_feeder(ieee9500: Circuit) -> None:
    kept = [line for line in ieee9500.view.lines if line.name not in NO_UNITS]
    assert len(kept) == 3900
    check_lines(replace(ieee9500, view=replace(ieee9500.view, lines=tuple(kept))))


# -- transformers


def with_core_as_opendss(transformer: Transformer) -> Transformer:
    """OpenDSS has the core across the second winding; the CIM says across which, here the first."""
    rated = [winding.rated_u for winding in transformer.windings]
    moved = []
    for core in transformer.cores:
        scale = (rated[core.place] / rated[1]) ** 2
        moved.append(replace(core, place=1, y=core.y * scale, y0=core.y0 * scale))
    assert len(moved) <= 1
    return replace(transformer, cores=tuple(moved))


def with_clock(transformer: Transformer, hours: int) -> Transformer:
    first, second, *others = transformer.windings
    return replace(transformer, windings=(first, replace(second, clock=hours), *others))


def joined(element: Element, bus: str) -> Element:
    """The series winding of an autotransformer ends at a bus, to which OpenDSS has it jumpered."""
    places = [*element.places[:3], (bus, 1), (bus, 2), (bus, 3), *element.places[6:]]
    return replace(element, places=tuple(places))


def transformer_errors(of: Circuit) -> Iterator[tuple[str, float]]:
    for transformer in of.view.transformers:
        element = of.element(transformer.name, "transformer", "autotrans")
        primitive = yprim.of_transformer(with_core_as_opendss(transformer))
        yield transformer.name, of.error(primitive, element)


@pytest.mark.parametrize("path", FEEDERS)
def test_transformers_of_published_feeders(path: str) -> None:
    errors = dict(transformer_errors(feeder(path)))
    assert errors
    assert max(errors.values()) < ROUNDING, errors


def test_transformers_of_the_9500_node_feeder(ieee9500: Circuit) -> None:
    errors = dict(transformer_errors(ieee9500))
    assert len(errors) == 1304
    assert max(errors.values()) < ROUNDING


def test_transformers_of_every_connection(connections: Circuit) -> None:
    """The export says clock 1 of all deltas with stars, also of those where the second leads."""
    leading = {"dylead", "ydlead", "ydup"}
    autos = {"auto": "au", "tertiary": "at"}
    for transformer in connections.view.transformers:
        element = connections.element(transformer.name, "transformer", "autotrans")
        if transformer.name in leading:
            transformer = with_clock(transformer, 11)
        if transformer.name in autos:
            element = joined(element, autos[transformer.name])
        error = connections.error(yprim.of_transformer(with_core_as_opendss(transformer)), element)
        # Winding resistances of 0 become 1e-6 of the base inside an AutoTrans.
        assert error < (1e-5 if transformer.name == "tertiary" else 2 * ROUNDING), transformer.name
    assert len(connections.view.transformers) == 27
    assert {w.connection for t in connections.view.transformers for w in t.windings} == {
        *("A", "D", "I", "Y", "Yn")
    }


def test_core_is_across_the_winding_that_the_document_names(connections: Circuit) -> None:
    """The no-load test is of end 1: with the other ends open its terminals take the core's."""
    for name in ("core", "three", "tank", "one", "centre"):
        [transformer] = [t for t in connections.view.transformers if t.name == name]
        [core] = transformer.cores
        assert core.place == 0
        first = transformer.windings[0]
        if first.connection == "I":
            y = yprim.of_transformer(transformer)
            outer = [i for i, place in enumerate(y.places) if place[0] != first.port.node]
            [own] = [i for i, place in enumerate(y.places) if place[0] == first.port.node]
            inner = np.linalg.lstsq(y.y[np.ix_(outer, outer)], y.y[outer, own], rcond=None)[0]
            assert y.y[own, own] - y.y[own, outer] @ inner == pytest.approx(core.y)


def test_nominal_ratio(connections: Circuit) -> None:
    [tapped] = [t for t in connections.view.transformers if t.name == "tapped"]
    [alike] = [t for t in connections.view.transformers if t.name == "dy"]
    nominal = yprim.of_transformer(tapped, [NOMINAL, NOMINAL])
    assert nominal.y == pytest.approx(yprim.of_transformer(alike).y)
    assert np.abs(nominal.y - yprim.of_transformer(tapped).y).max() > 0.01


def test_regulators(connections: Circuit) -> None:
    tapped, tapone = connections.view.regulators
    assert (tapped.name, tapped.step, tapped.low, tapped.high) == ("tapped", 5, -16, 16)
    assert tapped.ratio == pytest.approx(1.03125)
    assert tapped.phases == ("A", "B", "C")
    assert (tapped.delay, tapped.pause) == (30, 4)
    assert (tapped.pt_ratio, tapped.ct_rating) == (20, 700)
    control = tapped.control
    assert control is not None
    assert (control.mode, control.target, control.band) == ("voltage", 121, 3)
    assert control.compensation is not None
    assert (control.compensation.r, control.compensation.x) == (3, 9)
    assert control.place is not None
    winding = next(
        w for t in connections.view.transformers for w in t.windings if w.mrid == tapped.end
    )
    assert control.place == winding.port
    assert winding.ratio == tapped.ratio
    assert (tapone.step, tapone.phases) == (-8, ("A", "N"))
    assert tapone.control is not None
    assert tapone.control.compensation is None


# -- shunts, sources, loads


@pytest.mark.parametrize("path", [*FEEDERS[2:3], *FEEDERS[6:]])
def test_sources_of_published_feeders(path: str) -> None:
    check_sources(feeder(path))


def check_sources(of: Circuit) -> None:
    for source in of.view.sources:
        error = of.error(yprim.of_source(source), of.element(source.name, "vsource"))
        assert error < ROUNDING


def check_shunts(of: Circuit) -> None:
    for shunt in of.view.shunts:
        if shunt.y.any():
            error = of.error(yprim.of_shunt(shunt), of.element(shunt.name, "capacitor"))
            assert error < ROUNDING, shunt.name


@pytest.mark.parametrize("path", FEEDERS[6:])
def test_shunts_of_published_feeders(path: str) -> None:
    assert feeder(path).view.shunts
    check_shunts(feeder(path))


def test_shunts_and_sources_in_every_way(ways: Circuit) -> None:
    check_shunts(ways)
    check_sources(ways)
    by_name = {shunt.name: shunt for shunt in ways.view.shunts}
    assert by_name["delta"].branches == (("A", "B"), ("B", "C"), ("C", "A"))
    assert by_name["across"].branches == (("B", "C"),)
    steps = by_name["steps"]
    assert steps.sections.tolist() == [2, 2, 2]
    assert steps.maximum.tolist() == [3, 3, 3]
    control = by_name["star"].control
    assert control is not None
    assert (control.mode, control.target, control.band) == ("voltage", 7260, 360)
    assert control.phases == ("B",)


def test_shunts_and_sources_of_the_9500_node_feeder(ieee9500: Circuit) -> None:
    check_shunts(ieee9500)
    check_sources(ieee9500)
    off = [shunt.name for shunt in ieee9500.view.shunts if not shunt.y.any()]
    assert off == ["capbank1a", "capbank1b", "capbank1c"]


def test_what_the_export_says_oddly_is_named(ways: Circuit, ieee9500: Circuit) -> None:
    """A 240 V load across a service is exported with phase A; capacitor controls with a negative
    band; inverters with p as fed in; cables that have no rated current with one of 0.
    """
    *unrated, odd = ways.view.problems
    assert [problem.split()[0] for problem in unrated] == [
        "ConcentricNeutralCableInfo",
        "TapeShieldCableInfo",
    ]
    assert all("has WireInfo.ratedCurrent 0, which" in problem for problem in unrated)
    assert "EnergyConsumer dryer" in odd
    assert "is on phase A, B, which nothing brings to ConnectivityNode l" in odd
    kinds = {problem.partition(" (")[0].split()[0] for problem in ieee9500.view.problems}
    assert kinds == {
        *("RegulatingControl", "PowerElectronicsConnection", "ConcentricNeutralCableInfo")
    }
    fed = {generator.kind: generator.p.sum() for generator in ieee9500.view.generators}
    assert fed["PowerElectronicsConnection"] > 0


# -- all together


def switch_primitives(of: Circuit) -> Iterator[Primitive]:
    """OpenDSS has a small impedance in a closed switch, which the CIM does not have."""
    for switch in of.view.switches:
        if all(pole.closed for pole in switch.poles):
            ends = ([(end.node, pole.one) for pole in switch.poles] for end in switch.ends)
            places = tuple(place for end in ends for place in end)
            yield Primitive(places, of.element(switch.name, "line").over(of.places(places)))


def load_as_opendss(of: Circuit, load: Load) -> Load:
    """A load of OpenDSS has a rated voltage of its own, e.g. 2400 V where BaseVoltage is 4160 V."""
    single_phase = len(load.branches) == 1 and load.connection == "Y"
    return replace(load, nominal_u=of.rated[load.name] * (np.sqrt(3) if single_phase else 1))


@pytest.mark.parametrize("path", ["ieee13_dss/IEEE13Nodeckt.dss", "ieee123_dss/IEEE123Master.dss"])
def test_power_flow(path: str) -> None:
    """OpenDSS with the taps it has, and loads that keep their kind at every voltage."""
    always = "batchedit load..* vminpu=.1 vmaxpu=2"
    solve = ("set controlmode=off", "set tolerance=1e-10", "solve")
    of = circuit(f'compile "{cases() / path}"', always, *solve)
    loads = tuple(load_as_opendss(of, load) for load in of.view.loads)
    view = replace(of.view, switches=(), loads=loads)
    volts = solved(view, tuple(switch_primitives(of)))
    places = of.places(list(volts))
    errors = [
        abs(mine - of.volts[place]) / abs(of.volts[place])
        for place, mine in zip(places, volts.values(), strict=True)
    ]
    assert set(places) == set(of.volts)
    assert max(errors) < 1e-7
