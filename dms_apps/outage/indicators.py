"""Fault indicators: where they are, by the models, and what is told of them.

One is a FaultIndicator (AuxiliaryEquipment) at a Terminal, or a Discrete of a type of its own at
some equipment.  What it shows comes as a DiscreteValue or as an EndDeviceEvent of it, or of its
Asset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from cim.codes import Meaning
from cim.electrical.reading import Reading
from cim.model.terms import key
from cim.network import Network
from cim.network.reports import designation
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.measurement_values import DiscreteValue, MeasurementValues, Validity
from dms_apps.outage.evidence import insert
from dms_apps.outage.sections import RESET, TRIPPED, UNKNOWN, Indication, Placed
from dms_apps.outage.tables import indication as table

CLASS = "FaultIndicator"
_SAYS = {Meaning.FAULT_CURRENT: TRIPPED, Meaning.NO_FAULT_CURRENT: RESET}
_WRONG = ("bad_reference", "failure", "old_data", "oscillatory", "out_of_range", "suspect", "test")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Settings, in the table `indicators`: how telemetry tells of fault indicators.

    types:   Measurement.measurementType of their Discretes.
    tripped: values that say that a fault current went through; `reset` that none has since.
    """

    types: tuple[str, ...] = (CLASS,)
    tripped: tuple[int, ...] = (1,)
    reset: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        if both := set(self.tripped) & set(self.reset):
            raise ValueError(f"indicators: {min(both)} is among tripped and among reset")

    def says(self, value: DiscreteValue) -> str | None:
        """What a value says; None of one that says nothing."""
        quality = value.measurement_value_quality
        if quality is not None and (
            quality.validity in (Validity.INVALID, Validity.QUESTIONABLE)
            or any(getattr(quality, flag) for flag in _WRONG)
        ):
            return UNKNOWN
        if value.value in self.tripped:
            return TRIPPED
        return RESET if value.value in self.reset else None


@dataclass(frozen=True)
class Places:
    """What the models say of fault indicators.

    by_name: mRID or name of an indicator, of its Discretes and Assets -> it.
    phases:  the same -> its phases, of Discretes that are on some only.
    """

    by_name: Mapping[str, Placed] = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network, types: tuple[str, ...]) -> Places:
        """It takes a look at all that the models say."""
        found: dict[str, Placed] = {}
        phases: dict[str, str] = {}
        readings = [Reading(network.model(mrid)) for mrid in network.version]
        for reading in readings:
            _take_indicators(found, reading, network)
        for reading in readings:
            _take_discretes(found, phases, reading, network, types)
        return cls(found, phases)

    def named(self, *names: str) -> str | None:
        """The first of these that is known."""
        return next((name for name in names if name and key(name) in self.by_name), None)

    def place(self, network: Network, indicator: str, said: str) -> Placed:
        """Where an indicator is by the models, else where the message says that it is."""
        known = self.by_name.get(key(indicator))
        if known is not None and known.equipment:
            return known
        return Placed(known.mrid if known else indicator, _equipment(network, said))


def _take_indicators(found: dict[str, Placed], reading: Reading, network: Network) -> None:
    for row in reading.of_class(CLASS):
        terminal = reading.link(row, "AuxiliaryEquipment.Terminal")
        at = reading.mrid(terminal) if terminal is not None else ""
        one = Placed(_mrid(network, reading.mrid(row)), _equipment(network, at))
        _name(found, one, reading, row)
        for asset in reading.behind(row, "Asset.PowerSystemResources"):
            _name(found, one, reading, asset)


def _take_discretes(
    found: dict[str, Placed],
    phases: dict[str, str],
    reading: Reading,
    network: Network,
    types: tuple[str, ...],
) -> None:
    for row in reading.of_class("Discrete"):
        if reading.text(row, "Measurement.measurementType") not in types:
            continue
        links = (
            reading.link(row, f"Measurement.{of}") for of in ("PowerSystemResource", "Terminal")
        )
        at = [reading.mrid(target) for target in links if target is not None]
        one = next((found[key(mrid)] for mrid in at if key(mrid) in found), None)
        if one is None:
            places = (_equipment(network, mrid) for mrid in at)
            one = Placed(_mrid(network, reading.mrid(row)), next(filter(None, places), ""))
        on = _letters(reading.code(row, "Measurement.phases"))
        for name in _name(found, one, reading, row):
            phases[name] = on


def _name(found: dict[str, Placed], one: Placed, reading: Reading, row: int) -> list[str]:
    """Have the indicator found by the mRID and the name of an object, which are returned."""
    said = (reading.mrid(row), reading.text(row, "IdentifiedObject.mRID"), reading.name(row))
    names = [key(name) for name in said if name]
    for name in names:
        found.setdefault(name, one)
    return names


def _mrid(network: Network, identity: str) -> str:
    return network.equipment(identity).mrid if network.knows(identity) else identity


def _equipment(network: Network, said: str) -> str:
    """The equipment that is meant: itself, by mRID or name, or that of a terminal; "" of none."""
    if not said:
        return ""
    if network.knows(said):
        one = network.equipment(said)
        return _of_terminal(network, said) if one.cim_class == "Terminal" else one.mrid
    try:
        return network.equipment_named(said).mrid
    except KeyError:
        return ""


def _of_terminal(network: Network, terminal: str) -> str:
    for mrid in network.version:
        model = network.model(mrid)
        try:
            row = model.row(terminal)
        except KeyError:
            continue
        subjects, targets = model.links("Terminal.ConductingEquipment")
        for target in targets[subjects == row].tolist():
            return _mrid(network, model.mrid(target))
    return ""


def _letters(phases: str) -> str:
    """A, B and C of a code; "" for all three and for none."""
    found = "".join(letter for letter in "ABC" if letter in phases)
    return "" if found == "ABC" else found


# -- what they show


def record_values(
    connection: sa.Connection,
    values: MeasurementValues,
    shown: Shown,
    places: Callable[[], Places],
    now: datetime,
) -> bool:
    """Keep what telemetry shows of fault indicators.  Returns whether anything was news."""
    rows = []
    for value in values.discrete_value:
        discrete = value.discrete
        says = shown.says(value) if discrete.measurement_type in shown.types else None
        if says is not None:
            at = designation(discrete.power_system_resource) or designation(discrete.terminal)
            names = (discrete.mrid or "", *(name.name for name in discrete.names), at)
            when = value.time_stamp or now
            rows.append(_row(places(), names, says, when, at, discrete.phases))
    return bool(insert(connection, table, rows, now))


def record_events(
    connection: sa.Connection,
    events: EndDeviceEvents,
    meaning: Callable[[str], Meaning | None],
    places: Callable[[], Places],
    now: datetime,
) -> bool:
    """Keep what events tell of fault indicators.  Returns whether anything was news.

    meaning: of an EndDeviceEventType.
    """
    codes = {event.end_device_event_type for event in events.end_device_event}
    says = {code: _SAYS[of] for code in codes if (of := meaning(code)) in _SAYS}
    rows = [
        _row(places(), names, says[code], event.created_date_time, "", None)
        for event in (events.end_device_event if says else ())
        if (code := event.end_device_event_type) in says and (names := _who(event))
    ]
    return bool(insert(connection, table, rows, now))


def _who(event: EndDeviceEvent) -> tuple[str, ...]:
    asset = event.assets
    return tuple(filter(None, (asset.mrid, *(n.name for n in asset.names)))) if asset else ()


def _row(
    known: Places, names: tuple[str, ...], says: str, at: datetime, place: str, on: Any
) -> dict[str, Any]:
    """on: the phases, as a code; what no model describes is kept as it is called."""
    name = known.named(*names) or next(filter(None, names), "")
    phases = _letters(on.value) if on else known.phases.get(key(name), "")
    if (one := known.by_name.get(key(name))) is not None:
        name = one.mrid
    return {"indicator": name, "at": at, "phases": phases, "says": says, "place": place,
            "fresh": True}  # fmt: skip


_COLUMNS = tuple(table.c[name] for name in Indication._fields)


def indications(connection: sa.Connection) -> set[Indication]:
    """All that is known."""
    return {Indication(*row) for row in connection.execute(sa.select(*_COLUMNS))}


def take_news(connection: sa.Connection) -> list[Indication]:
    """What was not looked at before; from now on it was."""
    news = sa.update(table).where(table.c.fresh).values(fresh=False).returning(*_COLUMNS)
    return [Indication(*row) for row in connection.execute(news)]


def forget(connection: sa.Connection, before: datetime) -> bool:
    """Drop what is older, but the last of each: until it is told otherwise it shows that.

    Returns whether there was any.
    """
    later = table.alias()
    same = sa.and_(later.c.indicator == table.c.indicator, later.c.phases == table.c.phases)
    is_over = sa.exists().where(same, later.c.at > table.c.at, later.c.at < before)
    old = sa.delete(table).where(table.c.at < before, is_over)
    return bool(connection.execute(old.returning(table.c.at)).all())


def around(
    connection: sa.Connection, first: datetime, last: datetime, window: timedelta
) -> list[tuple[Indication, datetime]]:
    """What was shown so long before a time until so long after another, with its arrival."""
    found = sa.select(*_COLUMNS, table.c.arrived_at).where(
        table.c.at.between(first - window, last + window)
    )
    return [(Indication(*row), at) for *row, at in connection.execute(found)]
