"""What a message is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cim.message import Header, Kind, Message, ObjectId, Operation, OperationSet, Request, Verb
from cim.ordering import MENTIONED, mrids, ordering_key
from cim.profile import RdfXml, Reference
from cim.profiles.end_device_events import Asset, EndDeviceEvent, EndDeviceEvents
from cim.profiles.identification import Name, PowerSystemResource, UsagePoint
from cim.profiles.measurement_values import (
    Accumulator,
    AccumulatorValue,
    Analog,
    AnalogValue,
    Discrete,
    DiscreteValue,
    MeasurementValues,
)
from cim.profiles.meter_readings import Meter, MeterReading, MeterReadings
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents
from cim.profiles.switching_events import (
    Switch,
    SwitchAction,
    SwitchActionKind,
    SwitchingEvent,
    SwitchingEvents,
)


def about(payload: Any, **more: Any) -> Message:
    header = Header(verb=Verb.CREATED, noun="EndDeviceEvents")
    return Message(header=header, kind=Kind.EVENT, payload=payload, **more)


def event(**fields: Any) -> EndDeviceEvents:
    one = EndDeviceEvent(
        created_date_time=datetime(2026, 1, 15, tzinfo=UTC),
        end_device_event_type=Reference("3.26.0.85"),
        **fields,
    )
    return EndDeviceEvents(end_device_event=(one,))


UP = UsagePoint(mrid="up", names=(Name(name="upn"),))
ASSET = Asset(mrid="meter", names=(Name(name="badge"),))
SWITCHING = SwitchingEvents(
    switching_event=(
        SwitchingEvent(
            mrid="se",
            switching_action=SwitchAction(
                mrid="sa", kind=SwitchActionKind.OPEN, operated_switch=Switch(mrid="sw")
            ),
        ),
    )
)
MODEL = NetworkModels(
    network_model=(
        NetworkModel(mrid="nm", document=RdfXml(b"<x/>"), dependent_on=(Reference("other"),)),
    )
)
SERVICE = PSREvents(
    psrevent=(
        PSREvent(
            mrid="pe",
            kind=PSREventKind.OUT_OF_SERVICE,
            power_system_resource=PowerSystemResource(mrid="line"),
        ),
    )
)
COUNTED = MeasurementValues(
    accumulator_value=(AccumulatorValue(value=1, accumulator=Accumulator(mrid="c")),)
)
MEASURED = MeasurementValues(
    analog_value=(AnalogValue(value=1.5, analog=Analog(names=(Name(name="i1"),))),),
    discrete_value=(DiscreteValue(value=1, discrete=Discrete(mrid="d")),),
)
ID = ObjectId(value="id-1")


@pytest.mark.parametrize(
    ("message", "key", "mentioned"),
    [
        (about(event(mrid="e", usage_point=UP, assets=ASSET)), "up", {"e", "up", "meter"}),
        (about(event(mrid="e", assets=ASSET)), "meter", {"e", "meter"}),
        (about(event(usage_point=UsagePoint(names=UP.names), assets=ASSET)), "upn", {"meter"}),
        (about(event(assets=Asset(names=ASSET.names))), "badge", set()),
        (about(event(mrid="e")), "e", {"e"}),
        (about(event()), "EndDeviceEvents", set()),
        (about(EndDeviceEvents()), "EndDeviceEvents", set()),
        (about(None), "EndDeviceEvents", set()),
        (about(SWITCHING), "sw", {"se", "sa", "sw"}),
        (about(MODEL), "nm", {"nm"}),
        (about(SERVICE), "line", {"pe", "line"}),
        (about(MEASURED), "i1", {"d"}),
        (about(COUNTED), "c", {"c"}),
        (about((ID, ObjectId(value="id-2"))), "id-1", {"id-1", "id-2"}),
        (about(None, request=Request(ids=(ID,))), "id-1", {"id-1"}),
        (
            about(OperationSet(operations=(Operation(operation_id=1, payload=SWITCHING),))),
            "sw",
            {"se", "sa", "sw"},
        ),
    ],
)
def test_key_and_mentions(message: Message, key: str, mentioned: set[str]) -> None:
    assert ordering_key(message) == key
    assert mrids(message) == mentioned


def test_mentions_are_capped() -> None:
    readings = tuple(MeterReading(meter=Meter(mrid=f"m{i}")) for i in range(MENTIONED + 5))
    message = about(MeterReadings(meter_reading=readings))

    assert len(mrids(message)) == MENTIONED
    assert ordering_key(message) == "m0"
