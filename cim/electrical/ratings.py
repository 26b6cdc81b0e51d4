"""What devices can stand by their own data: limits that no operator has set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain

from cim.electrical.injections import MACHINES
from cim.electrical.limits import Stated
from cim.electrical.reading import Absurd, Reading, data_sheets
from cim.electrical.switches import SWITCHES
from cim.electrical.transformers import ends_of
from cim.electrical.wires import spacing_of, wire_of, wire_positions


def ratings(reading: Reading) -> tuple[Stated, ...]:
    """Of lines by their wires, of switches, busbars, machines, inverters and transformer ends.

    IEC 61970-301, Wires; IEC 61968-11, AssetInfo.
    """
    machines = ("PowerElectronicsConnection", *MACHINES)
    found = (
        *(_line(reading, row) for row in _segments(reading)),
        *(_switch(reading, row) for row in reading.of_class(*SWITCHES)),
        *(_busbar(reading, row) for row in reading.of_class("BusbarSection")),
        *(_machine(reading, row) for row in reading.of_class(*machines)),
        _ends(reading),
    )
    return tuple(chain.from_iterable(found))


def _segments(reading: Reading) -> list[int]:
    """All line segments; none where no wire has a rating."""
    return reading.of_class("ACLineSegment") if reading.states("WireInfo.ratedCurrent") else []


def _rated(
    reading: Reading,
    of: Sequence[int],
    says: int,
    name: str,
    *,
    kind: str = "patl",
    quantity: str = "A",
    times: int = 1,
) -> Iterator[Stated]:
    """Of some things, what an object states above 0.

    times: that many of the object make up the thing.
    """
    value = reading.rating(says, name, reading.unit.power if quantity == "VA" else 1.0)
    if value is not None:
        more = f", {times} of them" if times > 1 else ""
        yield Stated(
            reading.mrid(says),
            tuple(reading.mrid(row) for row in of),
            kind,
            quantity,
            value * times,
            None,
            "absoluteValue",
            f"{name} of {reading.called(says)}{more}",
        )


def _lowest(found: Iterable[Stated]) -> Iterator[Stated]:
    lowest = min(found, key=lambda one: one.value, default=None)
    if lowest is not None:
        yield lowest


# -- lines


def _line(reading: Reading, row: int) -> Iterator[Stated]:
    """By the weakest of its phase conductors; a bundle carries as many times more."""
    spacing = spacing_of(reading, row)
    count = None if spacing is None else reading.whole(spacing, "WireSpacingInfo.phaseWireCount")
    yield from _lowest(
        one
        for wire in dict.fromkeys(_wires(reading, row, spacing))
        for one in _rated(reading, [row], wire, "WireInfo.ratedCurrent", times=max(count or 1, 1))
    )


def _wires(reading: Reading, row: int, spacing: int | None) -> Iterator[int]:
    """The WireInfos of its phases, at whichever of the places where documents have them."""
    places = {} if spacing is None else wire_positions(reading, spacing)
    phases = reading.behind(row, "ACLineSegmentPhase.ACLineSegment")
    for phase in phases:
        if reading.code(phase, "ACLineSegmentPhase.phase") != "N":
            number = reading.whole(phase, "ACLineSegmentPhase.sequenceNumber") or 0
            if (wire := wire_of(reading, phase, places.get(number))) is not None:
                yield wire
    if not phases:
        found = (wire_of(reading, None, places.get(number)) for number in (1, 2, 3))
        yield from (wire for wire in found if wire is not None)
    yield from (
        s for s in data_sheets(reading, row) if reading.kind(s).endswith(("WireInfo", "CableInfo"))
    )
    for table in reading.links(row, "ACLineSegment.PerLengthImpedance"):
        for assembly in reading.links(table, "PerLengthLineParameter.WireAssemblyInfo"):
            for part in reading.behind(assembly, "WirePhaseInfo.WireAssemblyInfo"):
                if reading.code(part, "WirePhaseInfo.phaseInfo") != "N":
                    yield from reading.links(part, "WirePhaseInfo.WireInfo")


# -- switches, busbars, machines


def _switch(reading: Reading, row: int) -> Iterator[Stated]:
    """What it carries and what it breaks; its own data, else its phases', else its data sheet's."""
    own = list(_rated(reading, [row], row, "Switch.ratedCurrent"))
    parts = reading.behind(row, "SwitchPhase.Switch")
    own = own or [
        one for part in parts for one in _rated(reading, [row], part, "SwitchPhase.ratedCurrent")
    ]
    breaking = list(
        _rated(reading, [row], row, "ProtectedSwitch.breakingCapacity", kind="breakingCapacity")
    )
    for sheet in data_sheets(reading, row):
        own = own or list(_rated(reading, [row], sheet, "SwitchInfo.ratedCurrent"))
        breaking = breaking or list(
            _rated(reading, [row], sheet, "SwitchInfo.breakingCapacity", kind="breakingCapacity")
        )
    yield from _lowest(own)
    yield from breaking


def _busbar(reading: Reading, row: int) -> Iterator[Stated]:
    yield from _rated(reading, [row], row, "BusbarSection.ipMax", kind="ipMax")
    for sheet in data_sheets(reading, row):
        yield from _rated(reading, [row], sheet, "BusbarSectionInfo.ratedCurrent")


def _machine(reading: Reading, row: int) -> Iterator[Stated]:
    kind = "RotatingMachine" if reading.kind(row) in MACHINES else "PowerElectronicsConnection"
    yield from _rated(reading, [row], row, f"{kind}.ratedS", quantity="VA")


# -- transformers


def _ends(reading: Reading) -> Iterator[Stated]:
    """Of each end: for good, and what its data sheet allows for a time that it does not say."""
    by_sheet: dict[tuple[int, bool], list[int]] = {}
    for end, info in _all_ends(reading):
        own = list(_rated(reading, [end], end, "PowerTransformerEnd.ratedS", quantity="VA"))
        yield from own
        if info is not None:
            by_sheet.setdefault((info, bool(own)), []).append(end)
    for (info, known), ends in by_sheet.items():
        for name in ("ratedS", "emergencyS", "shortTermS")[known:]:
            kind = "patl" if name == "ratedS" else "tatl"
            said = f"TransformerEndInfo.{name}"
            yield from _rated(reading, ends, info, said, kind=kind, quantity="VA")


def _all_ends(reading: Reading) -> Iterator[tuple[int, int | None]]:
    for bank in reading.of_class("PowerTransformer"):
        for row in reading.behind(bank, "TransformerTank.PowerTransformer") or [bank]:
            with suppress(Absurd):  # such ends are named where the transformer is read
                yield from ends_of(reading, bank, row)
