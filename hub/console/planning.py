"""What a dispatcher may do with planned outages, as the requests it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profiles.compounds import DateTimeInterval, Status
from cim.profiles.identification import Name
from cim.profiles.outages import ConductingEquipment
from cim.profiles.planned_outages import PlannedOutage, PlannedOutages
from hub.console.deeds import device, moment
from hub.console.filled import WrongError

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "Status.reason": "why",
        "OutageIsolationEquipment": "devices",
        "estimatedPeriod: its end": "ends",
        "estimatedPeriod": "begins",
        "exists already": "number",
    }
)
"""Of a rule of the app of planned outages -> the field of a form that it is about."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was filled in of a planned outage; times in UTC, empty where they stay.

    devices: by mRID or name, with commas or line ends between them.
    number:  how it is called.
    reason:  as customers are told it; remark: for colleagues, e.g. what was the cause of it.
    why:     why it is done although a rule speaks against it.
    """

    devices: str = ""
    number: str = ""
    begins: str = ""
    ends: str = ""
    reason: str = ""
    remark: str = ""
    why: str = ""


def create(network: Network, form: Plan) -> Outgoing:
    """A planned outage.  Raises: WrongError, with all that is wrong."""
    wrong: dict[str, str] = {}
    devices = _devices(network, form.devices, wrong)
    begins = _time(form.begins, "begins", "From", wrong)
    ends = _time(form.ends, "ends", "Until", wrong)
    if begins and ends and begins >= ends:
        wrong["ends"] = f"Until {form.ends}: it must be after From, {form.begins}."
    if not form.reason:
        wrong["reason"] = "The reason: it is missing; customers are told it."
    if wrong:
        raise WrongError(wrong)
    one = PlannedOutage(
        names=(Name(name=form.number),) if form.number else (),
        reason=form.reason,
        comment=form.remark or None,
        estimated_period=DateTimeInterval(start=begins, end=ends),
        outage_isolation_equipment=tuple(ConductingEquipment(mrid=mrid) for mrid in devices),
        status=Status(reason=form.why) if form.why else None,
    )
    return Outgoing(Verb.CREATE, PlannedOutages(planned_outage=(one,)))


def _devices(network: Network, named: str, wrong: dict[str, str]) -> list[str]:
    found, unknown = [], []
    for one in filter(None, (part.strip() for part in re.split(r"[,;\r\n]", named))):
        try:
            found.append(device(network, one))
        except WrongError:
            unknown.append(repr(one[:80]))
    if unknown:
        wrong["devices"] = f"Devices {', '.join(unknown)}: not in the network, or several."
    elif not found:
        wrong["devices"] = "Devices: they are missing."
    return [*dict.fromkeys(found)]


def _time(text: str, field: str, called: str, wrong: dict[str, str]) -> datetime | None:
    try:
        found = moment(text, field, called)
    except WrongError as error:
        wrong |= error.wrong
        return None
    if found is None:
        wrong[field] = f"{called}: it is missing."
    return found


def _status(verb: Verb, value: str | None = None) -> Callable[[str, Plan], Outgoing]:
    def asked(mrid: str, form: Plan) -> Outgoing:
        return _of_plan(verb, mrid, Status(value=value, reason=form.why or None))

    return asked


def _shift(mrid: str, form: Plan) -> Outgoing:
    begins, ends = moment(form.begins, "begins", "From"), moment(form.ends, "ends", "Until")
    if begins is None and ends is None:
        raise WrongError({"begins": "From and until: both are missing."})
    status = Status(reason=form.why) if form.why else None
    period = DateTimeInterval(start=begins, end=ends)
    return _of_plan(Verb.CHANGE, mrid, status, period)


def _of_plan(
    verb: Verb, mrid: str, status: Status | None, period: DateTimeInterval | None = None
) -> Outgoing:
    one = PlannedOutage(mrid=mrid, status=status, estimated_period=period)
    return Outgoing(verb, PlannedOutages(planned_outage=(one,)))


PLANNING: Mapping[str, Callable[[str, Plan], Outgoing]] = MappingProxyType(
    {
        "begin": _status(Verb.CHANGE, "active"),
        "end": _status(Verb.CLOSE),
        "withdraw": _status(Verb.CANCEL),
        "shift": _shift,
    }
)
