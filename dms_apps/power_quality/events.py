"""Events of meters as disturbances of supply."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cim.codes import Meaning
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from dms_apps.power_quality.disturbances import INTERRUPTION, SAG, SWELL, Disturbance

_ACTIONS = {"223": SAG, "248": SWELL}
"""Last number of an event's code: a sag or swell is over (IEC 61968-9, annex E)."""
_NUMBER = re.compile(r"^\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(%|ms|s|min|p\.?u\.?)?\s*$")
_SCALES = {"": 1.0, "%": 1.0, "pu": 100.0, "p.u.": 100.0, "ms": 1e-3, "s": 1.0, "min": 60.0}


@dataclass(frozen=True)
class Ended:
    """The supply of a place is back."""

    place: str
    at: datetime


@dataclass(frozen=True)
class Reading:
    """How events are understood.

    residual, duration: names of EndDeviceEventDetails; of a value without unit per cent, seconds.
    meaning:            of a code.
    point:              mRID of a usage point by that of it or its meter, or by name.
    """

    residual: Sequence[str]
    duration: Sequence[str]
    meaning: Callable[[str], Meaning | None]
    point: Callable[[str], str | None]

    def found(self, events: EndDeviceEvents) -> Iterator[Disturbance | Ended]:
        """What they say of supply, in their order; nothing of places that are not known."""
        for event in events.end_device_event:
            place = self._place(event)
            if place is not None:
                yield from self._of(event, place)

    def _of(self, event: EndDeviceEvent, place: str) -> Iterator[Disturbance | Ended]:
        code = str(event.end_device_event_type or "")
        at, kind = event.created_date_time, _ACTIONS.get(code.rpartition(".")[2])
        meaning = self.meaning(code)
        if kind is not None and meaning is Meaning.VOLTAGE:
            residual, seconds = (self._detail(event, n) for n in (self.residual, self.duration))
            yield Disturbance(place, at, kind, residual, seconds)
        elif meaning is Meaning.POWER_OUT:
            yield Disturbance(place, at, INTERRUPTION)
        elif meaning in (Meaning.POWER_RESTORED, Meaning.POWER_ON):
            yield Ended(place, at)

    def _place(self, event: EndDeviceEvent) -> str | None:
        for one in (event.usage_point, event.assets):
            for called in (one.mrid, *(name.name for name in one.names)) if one else ():
                if called and (found := self.point(called)):
                    return found
        return None

    def _detail(self, event: EndDeviceEvent, names: Sequence[str]) -> float | None:
        for detail in event.end_device_event_details:
            said = _NUMBER.match(detail.value or "") if detail.name in names else None
            if said:
                return float(said[1]) * _SCALES[said[2] or ""]
        return None
