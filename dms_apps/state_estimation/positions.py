"""Telemetered positions of switches beside the network as operated, and what flows say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cim.electrical.ports import live
from cim.electrical.reading import Reading
from cim.electrical.switches import Switch
from cim.model import Model
from cim.network.reports import designation
from cim.profiles.measurement_values import DiscreteValue
from dms_apps.solver.given import Given
from dms_apps.solver.naming import titled
from dms_apps.solver.sensors import DOUBLE_POINT, POSITION, Quantity, Sensor, Value, phases_of
from dms_apps.solver.solution import Solution

TYPES: Mapping[str, Quantity] = {
    "SwitchPosition": POSITION,
    "Pos": POSITION,
    "DoublePoint": DOUBLE_POINT,
    "Dbpos": DOUBLE_POINT,
}
"""Measurement.measurementType of the position of a switch: the first is that of CGMES, Pos of
GridAPPS-D, Dbpos the type of IEC 61850-7-3, DoublePoint ours."""
CODES: Mapping[Quantity, Mapping[int, bool]] = {
    POSITION: {0: False, 1: True},
    DOUBLE_POINT: {1: False, 2: True},
}
"""Whether a code means closed, where no ValueAliasSet of the model says it: as in a Control, and as
in a double point of IEC 60870-5-101, of which 0 is intermediate and 3 faulty."""
_WORDS = {"open": False, "off": False, "opened": False, "close": True, "closed": True, "on": True}


@dataclass(frozen=True)
class Contradiction:
    """A telemetered position that is not the one in the network as operated.

    closed: as telemetered; phases: at the first terminal of the switch.
    """

    sensor: Sensor
    switch: Switch
    closed: bool
    phases: tuple[str, ...]

    def sentence(self, solution: Solution) -> str:
        """Who says what, and what the flows or voltages of a solution say of it."""
        on = f" on phase {', '.join(self.phases)}" if len(self.phases) < len(_poles(self)) else ""
        said, known = ("closed", "open") if self.closed else ("open", "closed")
        called = f"{self.switch.kind} {titled(self.switch.name, self.switch.mrid)}"
        return (
            f"{self.sensor.called} shows {called} {said}{on}, and it is {known} in the network as"
            f" operated, which is estimated{_evidence(self, solution)}."
        )


def of_model(model: Model) -> tuple[Sensor, ...]:
    """The Discretes of a model that are positions, with their codes by its ValueAliasSets."""
    reading = Reading(model)
    rows = reading.of_class("Discrete")
    kinds = ((row, TYPES.get(reading.text(row, "Measurement.measurementType"))) for row in rows)
    return tuple(_of_discrete(reading, row, kind) for row, kind in kinds if kind is not None)


def of_message(said: DiscreteValue) -> Sensor | None:
    """The sensor that a value comes from; None when it is no position of a switch."""
    discrete = said.discrete
    at = designation(discrete.power_system_resource)
    name = next((one.name for one in discrete.names), "")
    quantity = TYPES.get(discrete.measurement_type or "")
    if quantity is None or not at:
        return None
    phases = phases_of(discrete.phases.value if discrete.phases else "")
    return Sensor(discrete.mrid or name, name, quantity, (at,), phases)


def compared(
    switches: Sequence[Switch],
    given: Given,
    sensors: Sequence[Sensor],
    values: Mapping[str, Value],
) -> tuple[list[Contradiction], list[str]]:
    """Positions that contradict what is given, and a sentence for each that cannot be compared.

    A position is told when it changes, so its age says nothing.
    """
    known = {name: one for one in switches for name in (one.mrid, one.name) if name}
    found: list[Contradiction] = []
    remarks: list[str] = []
    for sensor in sensors:
        value = values.get(sensor.mrid)
        if value is None:
            continue
        switch = next((known[at] for at in sensor.at if at in known), None)
        closed = _codes(sensor).get(value.value) if value.value is not None else None
        if switch is None or closed is None or value.invalid:
            remarks.append(f"{sensor.called} {_why(sensor, switch, value)}; it is not used.")
            continue
        wanted = live(sensor.phases) or tuple(pole.one for pole in switch.poles)
        shut = _shut(switch, given)
        off = tuple(p.one for p in switch.poles if p.one in wanted and (p.one in shut) != closed)
        if off:
            found.append(Contradiction(sensor, switch, closed, off))
    return found, remarks


def _shut(switch: Switch, given: Given) -> frozenset[str]:
    """Phases on which it is closed."""
    if switch.mrid in given.out:
        return frozenset()
    stated = frozenset(pole.one for pole in switch.poles if pole.closed)
    return given.poles.get(switch.mrid, stated)


def _codes(sensor: Sensor) -> Mapping[float, bool]:
    """None where a single point may show more than a single point can."""
    if _is_ambiguous(sensor):
        return {}
    return dict(sensor.codes or CODES[sensor.quantity].items())


def _is_ambiguous(sensor: Sensor) -> bool:
    """Its 1 may be closed, as of a single point, or open, as of a double one."""
    is_single = sensor.quantity == POSITION and not sensor.codes
    return is_single and sensor.highest is not None and sensor.highest > max(CODES[POSITION])


def _why(sensor: Sensor, switch: Switch | None, value: Value) -> str:
    if switch is None:
        return f"is the position of no switch: {' and '.join(sensor.at) or 'nothing'} is not known"
    if value.invalid:
        return "is of invalid quality"
    if value.value is None:
        return "has no value"
    code = f"has the code {value.value:g}"
    if _is_ambiguous(sensor):
        return f"{code} of 0 to {sensor.highest}, and no ValueAliasSet says what they mean"
    if sensor.codes or sensor.quantity != POSITION:
        return f"{code}, which means neither open nor closed"
    return (
        f"{code}: without a ValueAliasSet 0 is open and 1 closed, and a double point says so by its"
        " measurementType, DoublePoint"
    )


def _evidence(found: Contradiction, solution: Solution) -> str:
    """How much flows through a switch that is said to be open, or lies across a closed one."""
    layout = solution.layout
    rows = [r for r in _rows(found, solution) if layout.conductors.phase[r] in found.phases]
    if not solution.converged or not rows:
        return ""
    if not found.closed:
        return f"; {np.abs(solution.current[rows]).max():,.1f} A flow through it by the estimate"
    poles = [pole for pole in found.switch.poles if pole.one in found.phases]
    one, two = (end.node for end in found.switch.ends)
    pairs = [(layout.number[one, p.one], layout.number[two, p.two]) for p in poles]
    volts = np.array([solution.volts[list(pair)] for pair in pairs])
    if not np.all(volts):
        return "; a side of it is not fed"
    return f"; {np.abs(volts[:, 0] - volts[:, 1]).max():,.1f} V lie across it by the estimate"


def _rows(found: Contradiction, solution: Solution) -> range:
    layout = solution.layout
    return range(*layout.rows(found.switch.mrid).indices(len(layout.conductors.place)))


def _poles(found: Contradiction) -> tuple[str, ...]:
    return tuple(pole.one for pole in found.switch.poles)


def _of_discrete(reading: Reading, row: int, quantity: Quantity) -> Sensor:
    links = ("Measurement.PowerSystemResource", "Measurement.Terminal")
    targets = [reading.link(row, link) for link in links]
    terminal = targets[1]
    if terminal is not None:
        targets[1] = reading.link(terminal, "Terminal.ConductingEquipment")
    return Sensor(
        reading.mrid(row),
        reading.name(row),
        quantity,
        tuple(dict.fromkeys(reading.mrid(one) for one in targets if one is not None)),
        phases_of(reading.code(row, "Measurement.phases")),
        codes=tuple(_aliases(reading, row)),
        highest=reading.whole(row, "Discrete.maxValue"),
    )


def _aliases(reading: Reading, row: int) -> Iterator[tuple[int, bool]]:
    """Codes with whether they mean closed, of the words that are known."""
    named = reading.link(row, "Discrete.ValueAliasSet")
    for one in () if named is None else reading.behind(named, "ValueToAlias.ValueAliasSet"):
        code = reading.whole(one, "ValueToAlias.value")
        word = reading.name(one) or reading.text(one, "IdentifiedObject.aliasName")
        if code is not None and word.strip().lower() in _WORDS:
            yield code, _WORDS[word.strip().lower()]
