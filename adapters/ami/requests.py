"""What the head-end is asked for, in its words: controls, pings and reads on demand.

From `create EndDeviceControls` and `get MeterReadings` (IEC 61968-9) to requests as XML in the
envelope of IEC 61968-100, as CSV or as JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal, NamedTuple

from cim import envelope
from cim.message import Header, Message, Topic, Verb
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDeviceControl, EndDeviceControls
from cim.profiles.get_meter_readings import GetMeterReadings
from cim.violation import Refusal, Violation
from hub.handover import Parcel, Way, file_name

CONTROLS = Topic(Verb.CREATE, "EndDeviceControls")
READINGS = Topic(Verb.GET, "MeterReadings")
ON_DEMAND = "OnDemand"
"""Option of a `get MeterReadings`, "true": the meters are to be read now."""
NO_METER, NO_POINT = "2.4", "2.12"
_NAMED = 3
COLUMNS = ("request_id", "correlation_id", "action", "meter_number", "usage_point", "detail")
TYPES = {"xml": "application/xml", "csv": "text/csv", "json": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Action:
    """A control in the words of the head-end.

    native: its code or name.
    again:  whether it does no harm when it is carried out twice, as a ping; connecting and
            disconnecting does.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    native: str
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Requests(Way):
    """How the head-end is asked, the table `out` of `config/adapters/ami.toml`.

    format:  of a request: "xml", "csv" or "json".
    batch:   devices in one request at most.
    reads:   whether it reads meters on demand; READ is the action in CSV and JSON.
    serves:  the meters and usage points of the head-end, as requests call them, by patterns such
             as "A-*"; what fits none belongs to no head-end here, and is refused.
    actions: EndDeviceControlType -> what the head-end calls it; another one is refused.
    """

    format: Literal["xml", "csv", "json"] = "xml"
    batch: int = 500
    reads: bool = False
    serves: tuple[str, ...] = ("*",)
    actions: Mapping[str, Action] = field(default_factory=dict)

    @property
    def topics(self) -> frozenset[Topic]:
        """Nothing is asked for without a way to ask."""
        if not self.ways:
            return frozenset()
        return frozenset({CONTROLS, READINGS} if self.reads else {CONTROLS})


class Target(NamedTuple):
    """A device or a usage point, as a column tells it."""

    meter: str
    point: str


class Asked(NamedTuple):
    """One native request.

    said: the same as a message of IEC 61968-9.
    """

    action: Action
    targets: Sequence[Target]
    detail: str
    said: Message


def parcels(message: Message, requests: Requests) -> Iterator[Parcel]:
    """The native requests of a message; none of a `get` that is not about now.

    Raises: ValueError for what the head-end cannot be asked.
    """
    asked = _reads if message.header.verb is Verb.GET else _controls
    for number, one in enumerate(list(asked(message, requests)), 1):
        origin = f"{message.header.message_id}-{number}"
        raw = _WRITERS[requests.format](one, origin, _correlation(message.header))
        yield Parcel(origin, raw, f"{file_name(origin)}.{requests.format}", one.action.again)


def serves(message: Message, requests: Requests) -> bool:
    """Whether a request names any meter or usage point of the head-end."""
    named: list[Any] = []
    if isinstance(message.payload, EndDeviceControls):
        for control in message.payload.end_device_control:
            named += [*control.end_devices, *control.usage_points]
    query = message.request.query if message.request else None
    if isinstance(query, GetMeterReadings):
        named += [*query.end_device, *query.usage_point]
    known = (one.names[0].name if one.names else one.mrid for one in named)
    return any(_is_served(str(called), requests) for called in known if called)


def _correlation(header: Header) -> str:
    return header.correlation_id or header.message_id or ""


# -- what is asked


def _controls(message: Message, requests: Requests) -> Iterator[Asked]:
    assert isinstance(message.payload, EndDeviceControls)  # noqa: S101 - by its topic
    if not message.payload.end_device_control:
        raise ValueError("there is no control in it")
    for control in message.payload.end_device_control:
        action = _action(control, requests)
        _check_served(control.end_devices, control.usage_points, requests)
        for part in _parts(control, requests):
            native = replace(part, end_device_control_type=Reference(action.native))
            payload = EndDeviceControls(end_device_control=(native,))
            targets = [Target(_called(d), "") for d in part.end_devices]
            targets += [Target("", _called(p)) for p in part.usage_points]
            yield Asked(action, targets, part.reason or "", replace(message, payload=payload))


def _action(control: EndDeviceControl, requests: Requests) -> Action:
    code = str(control.end_device_control_type)
    if code not in requests.actions:
        known = ", ".join(sorted(requests.actions)) or "none"
        raise ValueError(f"the head-end has no word for the control {code}; known: {known}")
    return requests.actions[code]


def _parts(control: EndDeviceControl, requests: Requests) -> Iterator[EndDeviceControl]:
    """The control, for as many devices as one request takes.  Raises: ValueError."""
    targets = [*control.end_devices, *control.usage_points]
    groups = bool(control.end_device_groups or control.usage_point_groups)
    if not targets and not groups:
        raise ValueError("a control names neither device nor usage point")
    if requests.format != "xml":
        _check_simple(control, requests.format)
    if groups or len(targets) <= requests.batch:
        yield control
        return
    devices = len(control.end_devices)
    for start in range(0, len(targets), requests.batch):
        end = start + requests.batch
        yield replace(
            control,
            end_devices=control.end_devices[start:end],
            usage_points=control.usage_points[max(0, start - devices) : max(0, end - devices)],
        )


def _check_simple(control: EndDeviceControl, format: str) -> None:
    """Raises: ValueError for what a row has no place for."""
    beyond = {
        "a group": control.end_device_groups or control.usage_point_groups,
        "timing": control.primary_device_timing or control.secondary_device_timing,
        "demand response": control.pan_demand_response,
        "a text": control.pan_display,
        "prices": control.pan_pricing,
    }
    for what, given in beyond.items():
        if given:
            raise ValueError(f"a control with {what} cannot be said as {format}, only as xml")


def _reads(message: Message, requests: Requests) -> Iterator[Asked]:
    request = message.request
    options = {o.name: (o.value or "").lower() for o in request.options} if request else {}
    if request is None or options.get(ON_DEMAND) != "true":
        return
    query = request.query
    if not isinstance(query, GetMeterReadings):
        raise ValueError("a read on demand names its meters by GetMeterReadings")
    targets = [Target(_called(d), "") for d in query.end_device]
    targets += [Target("", _called(p)) for p in query.usage_point]
    if not targets or len(targets) > requests.batch:
        rule = f"a read on demand names 1 to {requests.batch} meters or usage points"
        raise ValueError(f"{rule}, not {len(targets)}")
    _check_served(query.end_device, query.usage_point, requests)
    types = "|".join(_called(one) for one in query.reading_type)
    yield Asked(Action(native="READ", again=True), targets, types, message)


def _check_served(devices: Sequence[Any], points: Sequence[Any], requests: Requests) -> None:
    """Raises: Refusal, naming those that are not of the head-end."""
    broken = []
    for code, what, ones in ((NO_METER, "meter", devices), (NO_POINT, "usage point", points)):
        if other := [c for c in map(_called, ones) if not _is_served(c, requests)]:
            named = ", ".join(other[:_NAMED]) + (" ..." if len(other) > _NAMED else "")
            rule = f"{what} {named} belongs to no head-end here"
            broken.append(Violation(code=code, rule=rule, value=other[0]))
    if broken:
        raise Refusal(tuple(broken))


def _is_served(called: str, requests: Requests) -> bool:
    return any(fnmatchcase(called, pattern) for pattern in requests.serves)


def _called(one: Any) -> str:
    """By its first name, else by its mRID.  Raises: ValueError."""
    called = one.names[0].name if one.names else one.mrid
    if not called:
        raise ValueError(f"{type(one).__name__} has neither name nor mRID")
    return str(called)


# -- how it is written


def _xml(asked: Asked, origin: str, correlation: str) -> bytes:
    header = replace(
        asked.said.header,
        message_id=origin,
        correlation_id=correlation,
        reply_address=None,
        async_reply_flag=None,
        ack_required=None,
        replay_detection=None,
        extensions=(),
    )
    return envelope.write(replace(asked.said, header=header))


def _csv(asked: Asked, origin: str, correlation: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    said = (origin, correlation, asked.action.native)
    writer.writerows((*said, *target, asked.detail) for target in asked.targets)
    return text.getvalue().encode("utf-8")


def _json(asked: Asked, origin: str, correlation: str) -> bytes:
    said = {
        "requestId": origin,
        "correlationId": correlation,
        "action": asked.action.native,
        "meters": [t.meter for t in asked.targets if t.meter],
        "usagePoints": [t.point for t in asked.targets if t.point],
        "detail": asked.detail,
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8")


_WRITERS = {"xml": _xml, "csv": _csv, "json": _json}
